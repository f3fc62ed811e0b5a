# Nodes that could not read the list of what to install.

list-unread = { $nodes ->
    [one] **1 node could not read the list of what to install**, so nothing was installed on it
   *[other] **{ $nodes } nodes could not read the list of what to install**, so nothing was installed on them
 }: { $names }. { $why }
list-denied = S3 refused: the role of the node may not read the list. Allow it `s3:GetObject` on { $location }. An EC2 instance reads with the role of its instance profile (that of Default Host Management reaches no bucket of yours by itself), a node whose id begins with mi- with the service role of its hybrid activation. If the bucket has a policy or a key of its own, that has to allow it too. Then `/patch plan { $environment }` again.
list-no-credentials = There were no credentials on the node. It needs a role with `s3:GetObject` on { $location }: an EC2 instance gets it by its instance profile, a node whose id begins with mi- by its hybrid activation. Then `/patch plan { $environment }` again.
list-missing = { $location } was not there, although patchbot had put it there before the start. Look for a lifecycle rule of the bucket, or for the person who removed it. Then `/patch plan { $environment }` again: that writes it anew.
list-unreachable = The node could not reach S3. Look at its way there: the gateway endpoint for S3, NAT, or its proxy. Then `/patch plan { $environment }` again.
list-no-list = What stood at { $location } was no list: something has overwritten it. Then `/patch plan { $environment }` again: that writes it anew.
list-unsaid = Its output does not say why in words that patchbot knows. Read the output in Run Command, and check that the role of the node has `s3:GetObject` on { $location }.
outputs-denied = **Why an install failed could not be read**: the read role lacks `ssm:GetCommandInvocation`. The run goes on without it. The output stands in Run Command; to be told here the next time, give the role the policy of this version.
list-asked = The install failed on { $failed ->
    [one] 1 node
   *[other] { $failed } nodes
 }, and { $asked ->
    [one] 1 of them was asked
   *[other] { $asked } of them were asked
 } why. Look at the roles of the others too.
