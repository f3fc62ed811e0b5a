# Credentials that belong to another AWS account than the configured one, as GetCallerIdentity reports.

account-wrong = The AWS credentials belong to the wrong account. Configured: { $configured }. Found: { $strays }. Give patchbot credentials for { $configured }: set `role_arn` and `execute_role_arn` to roles of that account, or change the credentials of its host. If the configured account is wrong, correct `account` in the configuration and restart patchbot
account-stray-read = reads use **account { $account }** ({ $arn })
account-stray-execute = commands use **account { $account }** ({ $arn })
account-closed = **suspended** since { $since }. { $wrong }. Until this is fixed, patchbot plans, scans and sends nothing here. It checks again by itself
refusal-wrong-account = Nothing was done in { $environment }, because AWS now answers for the nodes of another account. { $wrong }. Then ask again.
run-closed = **Suspended: patchbot sends nothing now.** { $wrong }. It checks again every minute and continues by itself.
story-closed = Suspended: patchbot sends nothing now. { $wrong }. It checks again every minute and continues by itself.
story-reopened = The AWS credentials belong to account { $account } again. The run continues.
account-unidentified = patchbot could not check whose credentials it would use to send commands. { $why }. Until it can, it creates no plan and sends nothing here.
