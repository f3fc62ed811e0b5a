# 失敗した AWS 呼び出しへの対処と、スキャンを保留した理由。

failure-do = { $said }。{ $remedy }
remedy-allow-send = { $environment } の実行用ロールに ssm:SendCommand がありません。ドキュメント AWS-RunPatchBaseline には条件なしで、ノードにはタグ PatchGroup または "Patch Group" の条件付きで、それぞれ別のステートメントとして許可してください。ノードが示されている場合は、そのタグがロールの許可と一致しているか、二つの異なるグループを指していないかを確認してください
remedy-allow-put = { $environment } の実行用ロールに、リストの置き場所への s3:PutObject がありません。許可してください
remedy-allow-identity = { $environment } の認証情報が誰のものか確認できませんでした。ロール自身のポリシーでは拒否できないため、sts のインターフェイスエンドポイントのポリシーかサービスコントロールポリシーで sts:GetCallerIdentity を許可してください
remedy-allow-execute = { $environment } の実行用ロールに ssm:{ $operation } がありません。許可してください
remedy-allow-read = { $environment } の読み取り用ロールに ssm:{ $operation } がありません。許可してください
remedy-wait = AWS の呼び出し回数の制限に達しました。patchbot は後でもう一度試します。制限は同じアカウントのほかのツールと共有されます
remedy-check-credentials = patchbot を動かしているプロセスの認証情報を確認してください。{ $environment } にロールを指定している場合は、その信頼ポリシーが、設定された外部 ID 付きの sts:AssumeRole を許可しているかも確認してください
remedy-renew-credentials = 認証情報の期限が切れています。ロールのものは自動で更新されますが、環境変数のものは更新されません。ホストの時計も確認してください
remedy-connect = AWS に接続できませんでした。プライベートサブネットからは、NAT ゲートウェイか、ssm と sts のインターフェイスエンドポイントと S3 のゲートウェイエンドポイントが必要です。patchbot はプロキシを経由しません

held-stopped = すべて停止中です。スキャンは `/patch resume` の後に行います
held-no-lease = このプロセスはリースを持たないため、別のプロセスが送信します
held-wrong-account = 認証情報が別のアカウントのものです
held-run-near = 実行が進行中か間近です。スキャンはその後に行います
held-no-right = 送信する権限が与えられていません。patchbot 内部の不具合です
