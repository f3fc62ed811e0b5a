# Nodes that could not read the list of what to install.

list-unread = { $nodes ->
    [one] **1 node could not read the list of what to install**, so nothing was installed on it
   *[other] **{ $nodes } nodes could not read the list of what to install**, so nothing was installed on them
 }: { $names }. { $why }
list-denied = S3 refused, because the role of the node may not read the list. Allow it `s3:GetObject` on { $location }. An EC2 instance reads with the role of its instance profile (the role of Default Host Management reaches none of your buckets by itself); a node whose id starts with mi- reads with the service role of its hybrid activation. If the bucket has its own policy or key, that must allow it too. Then type `/patch plan { $environment }` again.
list-no-credentials = The node had no credentials. It needs a role with `s3:GetObject` on { $location }: an EC2 instance gets it from its instance profile, a node whose id starts with mi- from its hybrid activation. Then type `/patch plan { $environment }` again.
list-missing = { $location } was not there, although patchbot had written it before the start. Check the bucket for a lifecycle rule, and find out who removed it. Then type `/patch plan { $environment }` again, which writes it again.
list-unreachable = The node could not reach S3. Check its route: the gateway endpoint for S3, NAT, or its proxy. Then type `/patch plan { $environment }` again.
list-no-list = The object at { $location } was not a list: something has overwritten it. Type `/patch plan { $environment }` again, which writes it again.
list-unsaid = Its output does not give a reason that patchbot recognizes. Read the output in Run Command, and check that the role of the node has `s3:GetObject` on { $location }.
outputs-denied = **patchbot could not read why an install failed**, because the read role lacks `ssm:GetCommandInvocation`. The run continues without it. Read the output in Run Command; to see it here next time, give the role the policy of this version.
list-asked = The install failed on { $failed ->
    [one] 1 node
   *[other] { $failed } nodes
 }, and patchbot read the reason from { $asked ->
    [one] 1 of them
   *[other] { $asked } of them
 }. Check the roles of the others too.
