# 設定とは別の AWS アカウントの認証情報（GetCallerIdentity の結果）。

account-wrong = AWS の認証情報が、設定されたアカウント { $configured } のものではありません：{ $strays }。直すには、{ $configured } の認証情報を patchbot に渡してください（そのアカウントのロールを `role_arn` と `execute_role_arn` に設定するか、ホストの認証情報を変更します）。設定のほうが誤っている場合は、設定の `account` を直して patchbot を起動し直してください
account-stray-read = 読み取りは**アカウント { $account }**（{ $arn }）
account-stray-execute = 送信は**アカウント { $account }**（{ $arn }）
account-closed = { $since } から**閉鎖中**です。{ $wrong }。直るまで、ここでは計画もスキャンも送信も行いません。確認は自動で繰り返します
refusal-wrong-account = { $environment } では何も実行していません。いまの AWS の応答は、別のアカウントのノードについてのものです。{ $wrong }。そのあとでもう一度依頼してください。
run-closed = **いまは何も送信しません。** { $wrong }。1分ごとに確認し、直れば自動で続けます。
story-closed = いまは何も送信しません。{ $wrong }。1分ごとに確認し、直れば自動で続けます。
story-reopened = AWS の認証情報がアカウント { $account } のものに戻りました。続けます。
account-unidentified = 送信に使う認証情報が誰のものか確認できませんでした：{ $why }。確認できるまで、計画の作成も送信も行いません。
