# A call to AWS that failed: what can be done about it; and why a scan was held back.

failure-do = { $said }. { $remedy }
remedy-allow-send = The execute role of { $environment } lacks ssm:SendCommand: on the document AWS-RunPatchBaseline without a condition, and in statements of their own on the nodes that carry the tag PatchGroup or "Patch Group". If a node is named, look at its tags: they are not those that the role allows, or they name two groups
remedy-allow-put = The execute role of { $environment } lacks s3:PutObject on the override location
remedy-allow-identity = AWS could not be asked for the owner of the credentials for { $environment }. A role's own policies cannot deny that; the policy of the interface endpoint for sts can, or a service control policy: allow sts:GetCallerIdentity there
remedy-allow-execute = The execute role of { $environment } lacks ssm:{ $operation }
remedy-allow-read = The read role of { $environment } lacks ssm:{ $operation }
remedy-wait = AWS limits how often this may be asked. patchbot asks again later; other tools on the same account share the limit
remedy-check-credentials = Check the credentials of the process that runs patchbot and, if { $environment } names a role, that its trust policy admits sts:AssumeRole from them with the configured external id
remedy-renew-credentials = The credentials have expired. Those of a role are renewed by themselves; those in environment variables are not. Look at the host's clock as well
remedy-connect = No connection to AWS came about. From a private subnet, a NAT gateway is needed, or interface endpoints for ssm and sts and a gateway endpoint for S3. patchbot does not go through a proxy

held-stopped = everything is stopped. The scan follows after `/patch resume`
held-no-lease = this process does not hold the lease, so another one sends
held-wrong-account = the credentials are of another account
held-run-near = a run is under way or near. The scan follows when it is over
held-no-right = nobody gave the right to send it, which is a fault inside patchbot
