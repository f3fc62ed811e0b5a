# ノードの結果、コマンドの報告、実行の進み具合。

verdict-pending-no-reboot = 適用済みですが、{ $reboot } 件が再起動待ちです。この計画では再起動しません。再起動するまで、ノードは古いバージョンのまま動きます。再起動してから、もう一度 `/patch plan { $environment }` を入力してください
verdict-pending-reboot = 適用済みですが、{ $reboot } 件がまだ再起動待ちです。再起動するまで、ノードは古いバージョンのまま動きます。再起動してから、もう一度 `/patch plan { $environment }` を入力してください
verdict-but-command = （{ $scan ->
    [0] インストール
   *[other] スキャン
 }の報告は「{ $status }」）
verdict-no-answer = 不明：このノードのスキャンは成功していません（{ $status }）。Systems Manager でコマンドの出力を確認してください
verdict-silent = { $since } から**不明**：エージェントがそれ以降応答していません（スキャン：{ $status }）。再起動の途中で止まっている可能性があります。インスタンスのコンソールを確認し、復帰したら、もう一度 `/patch plan { $environment }` を入力してください
verdict-silent-unlisted = **不明**：エージェントが Systems Manager の一覧にありません（スキャン：{ $status }）。ノードの停止、削除、またはエージェントの不在です。インスタンスのコンソールを確認し、復帰したら、もう一度 `/patch plan { $environment }` を入力してください
verdict-scan-failed = 不明：スキャンが失敗し、件数の報告がありません。Systems Manager でコマンドの出力を確認してください
verdict-never-ended = 不明：スキャンが終わっていません（報告の日付が 1970 年）。Systems Manager でコマンドの出力を確認してください
verdict-not-a-scan = 不明：このスキャンの ID での報告は、スキャンではなく「{ $operation }」です
verdict-old-report = 不明：このスキャンの ID での報告は、送信前の { $at } に終わっています。ノードの時計を確認してください
verdict-foreign-scan = 不明：このスキャンの報告が{ $who }に何度も上書きされました（スナップショット { $snapshot }）。そのスキャンを一時停止してから、もう一度計画してください
verdict-no-report = 不明：スキャンは終わりましたが、パッチ状態が現れません。エージェントがサービスに届いていない可能性があります。Systems Manager でコマンドの出力を確認してください

foreign-scan-command = { $certain ->
    [0] おそらく{" "}
   *[other] {""}
 }コマンド { $id }（{ $commented ->
    [0] { $document }
   *[other] 「{ $comment }」、{ $document }
 }、{ $at } 送信）
foreign-scan-command-undated = { $certain ->
    [0] おそらく{" "}
   *[other] {""}
 }コマンド { $id }（{ $commented ->
    [0] { $document }
   *[other] 「{ $comment }」、{ $document }
 }）
foreign-scan-no-command = コマンド一覧にないスキャン（通常は State Manager の関連付けかパッチポリシー）
foreign-scan-unknown = 別のスキャン

column-command = コマンド
command-no-report = 報告なし
command-pending = 未受信
command-in-progress = 実行中
command-delayed = 遅延、未受信
command-success = 成功
command-failed = 失敗
command-delivery-timed-out = 受信されず
command-execution-timed-out = 開始後、完了せず
command-cancelling = 取り消し中
command-cancelled = 取り消し
command-undeliverable = ノードに到達不可
command-terminated = 打ち切り
command-invalid-platform = 対象外のプラットフォーム
command-access-denied = アクセス拒否

progress-wave = このウェーブ：完了 { $done }・実行中 { $running }・失敗 { $failed }・未開始 { $waiting }
progress-all = 合計：完了 { $done }・実行中 { $running }・失敗 { $failed }・未開始 { $waiting }
progress-likely = { $at } までに終わる見込み（これまでのウェーブより長くかからない場合）
progress-waits = 応答を遅くとも { $at } まで待ちます
progress-window = { $at }（メンテナンスウィンドウのカットオフ）以降は、新しいものを開始しません
