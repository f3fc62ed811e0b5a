# The thread under a run's card: one line for each thing that happened.

story-voted = { $who } approved plan { $digest }.
story-withdrawn = { $who } withdrew their vote.
story-rejected = { $who } rejected it: { $reason }. { $requester }, nothing was sent.
story-expired = It did not get enough votes in time. { $requester }, nothing was sent.
story-voided = No longer valid. { $why }
story-replanned = The new plan is { $run }. It needs new votes.
story-not-replanned = No new plan could be created. Request one with `/patch plan`.
story-approved = { $requester }, the plan is approved. { $waits ->
    [0] It starts now.
   *[other] It starts in its window, on { $starts }.
 }
story-wave = Wave { $wave } of { $waves } started: { $nodes }.
story-adopted = patchbot found { $dispatch } at AWS, as { $command }. The run continues from there; nothing was sent again.
story-refused = AWS refused { $dispatch }. { $why }. Nothing was sent to { $nodes }.{ $rest ->
    [0] {""}
    [one] {" "}Its other node gets a new command.
   *[other] {" "}Its { $rest } other nodes get a new command.
 }
story-held-back = On hold: according to AWS, the install did not succeed on { $nodes }, and { $budget ->
    [0] no node
    [one] only 1 node
   *[other] only { $budget } nodes
 } may fail. That proves nothing yet: a fresh scan of these nodes decides, and patchbot sends nothing more of wave { $wave } before that.
story-uncertain = patchbot does not know whether { $dispatch } reached AWS. { $why }. It is searching for the command.
story-asked = patchbot cannot find { $dispatch } at AWS. { $approvers }: please check, and decide on the card.
story-not-sent = { $who } states that { $dispatch } was not sent: { $reason }. patchbot sends it again.
story-scan-again = { $dispatch } did not appear at AWS. Scanning twice does no harm, so patchbot sends it again.
story-cancel = patchbot asked AWS to cancel { $dispatch }. Nodes that have already started may still finish.
story-overwritten = On { $nodes }, the report of { $dispatch } was overwritten by { $who }. Scanning twice does no harm, so patchbot sends its scan again. If this continues, pause that scanner until the run has ended.
story-judged = Wave { $wave } judged by its fresh scan: { $good } of { $all ->
    [one] 1 node
   *[other] { $all } nodes
 } compliant{ $planned ->
    [0] {""}
   *[other] , { $planned } as planned but not compliant
 }.
story-bad-node = { $node }: { $result }
story-withdrawn-install = Not sent, because the run was stopped first: { $dispatch }.
story-adopted-by = { $who } found { $dispatch } at AWS, as { $command }: { $reason }. AWS confirms that it is such a command for the same nodes. The run continues from there; nothing was sent again.
story-doubled = **AWS has { $commands ->
    [one] 1 command
   *[other] { $commands } commands
 } for { $dispatch }.** Nodes may be patched and rebooted more than once. The further commands are { $others }. patchbot tracks all of them to their end before it judges anything. { $approvers }: please check in Run Command who sent them.
story-forgotten = patchbot can no longer find out whether { $dispatch } reached AWS, because AWS lists commands for 30 days only. { $approvers }: please decide on the card.
story-ran = It did run: { $dispatch }. { $all ->
    [one] Its node reports
   *[other] { $nodes } of its { $all } nodes { $nodes ->
        [one] reports
       *[other] report
     }
 } its snapshot id. patchbot does not send it again.
story-given-up = patchbot never found out whether { $dispatch } reached AWS. It scans the nodes to see what is on them.
story-called-off = { $why } patchbot sends no further install. It asks AWS to cancel what is in progress, and tracks that to its end.
story-stopped = { $who } stopped the run: { $reason }.
story-installs-failed = Stopped in the middle of wave { $wave }: { $bad } failed, also by a fresh scan; { $budget ->
    [0] none
   *[other] { $budget }
 } allowed. { $nodes }.
story-ended = Stopped, { $requester }: nothing is in progress now. { $judged ->
    [0] No node was judged.
   *[other] Compliant by a fresh scan: { $good } of { $judged ->
        [one] 1 node
       *[other] { $judged } nodes
     }.
 } { $untouched ->
    [0] Every node was touched.
    [one] 1 node was not touched.
   *[other] { $untouched } nodes were not touched.
 }
story-over-budget = Stopped after wave { $wave }: { $bad } failed, { $budget ->
    [0] none
   *[other] { $budget }
 } allowed. { $nodes }
story-window-closed = Stopped: the window leaves no time for wave { $wave }, or for the rest of it.
story-finished = Done, { $requester }: { $compliant } of { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } compliant.{ $left ->
    [0] {""}
    [one] {" "}1 node was left out.
   *[other] {" "}{ $left } nodes were left out.
 }
and-more = and { $more } more

# Reminders, each said once when it is due.
reminder-stop-stands = The emergency stop has been in effect for { $days ->
    [one] a day
   *[other] { $days } days
}: patchbot sends no install and no scan. Type `/patch resume` and a reason to continue.
