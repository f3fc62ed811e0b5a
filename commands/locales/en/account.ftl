# Credentials of another AWS account than the configured one: GetCallerIdentity says so.

account-wrong = The AWS credentials are not of the account that is configured, { $configured }: { $strays }. To mend it, give patchbot credentials of { $configured }: a role of that account as `role_arn` and `execute_role_arn`, or other credentials for its host. If the account in the configuration is the wrong one, correct `account` there and start patchbot again
account-stray-read = patchbot would read as **account { $account }** ({ $arn })
account-stray-execute = patchbot would send as **account { $account }** ({ $arn })
account-closed = **closed** since { $since }. { $wrong }. Nothing is planned, scanned or sent here until then; it is asked again by itself
refusal-wrong-account = Nothing was done in { $environment }: what AWS says there now is about the nodes of another account. { $wrong }. Then ask again.
run-closed = **Nothing is sent now.** { $wrong }. It is asked again every minute, and goes on by itself.
story-closed = Nothing is sent now. { $wrong }. It is asked again every minute, and goes on by itself.
story-reopened = The AWS credentials are those of account { $account } again. It goes on.
account-unidentified = Whose credentials it would send with could not be asked: { $why }. Until that can be asked, no plan is made and nothing is sent.
