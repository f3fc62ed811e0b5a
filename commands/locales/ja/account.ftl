# 設定とは別の AWS アカウントの認証情報（GetCallerIdentity の結果）。

account-wrong = AWS の認証情報が別のアカウントのものです。設定：{ $configured }、実際：{ $strays }。patchbot に { $configured } の認証情報を渡してください（そのアカウントのロールを `role_arn` と `execute_role_arn` に設定するか、ホストの認証情報を変更します）。設定のほうが誤っている場合は、設定の `account` を直して patchbot を再起動してください
account-stray-read = 読み取りは**アカウント { $account }**（{ $arn }）
account-stray-execute = コマンドの送信は**アカウント { $account }**（{ $arn }）
account-closed = { $since } から**中断中**です。{ $wrong }。解決するまで、patchbot はここでは計画もスキャンも送信も行いません。確認は自動で繰り返します
refusal-wrong-account = { $environment } では何も実行していません。現在の AWS の応答は、別のアカウントのノードについてのものです。{ $wrong }。そのあとでもう一度依頼してください。
run-closed = **中断中：現在は何も送信しません。** { $wrong }。1分ごとに確認し、解決すれば自動で続けます。
story-closed = 中断中：現在は何も送信しません。{ $wrong }。1分ごとに確認し、解決すれば自動で続けます。
story-reopened = AWS の認証情報がアカウント { $account } のものに戻りました。実行を続けます。
account-unidentified = コマンドの送信に使う認証情報が誰のものか確認できませんでした。{ $why }。確認できるまで、ここでは計画の作成も送信も行いません。
