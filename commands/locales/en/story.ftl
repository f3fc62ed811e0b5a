# The thread under a run's card, a line for each thing that happened.

story-voted = { $who } approved plan { $digest }.
story-withdrawn = { $who } withdrew their vote.
story-rejected = { $who } rejected it: { $reason }. { $requester }, nothing was sent.
story-expired = Nobody decided in time. { $requester }, nothing was sent.
story-voided = Void. { $why }
story-replanned = The new plan is { $run }; it needs new votes.
story-not-replanned = No new plan could be drafted. Ask for one with `/patch plan`.
story-approved = It has its votes, { $requester }. { $waits ->
    [0] It starts now.
   *[other] It starts in its window, on { $starts }.
 }
story-wave = Wave { $wave } of { $waves } started: { $nodes }.
story-adopted = Found at AWS: { $dispatch }, as { $command }. It goes on from there; nothing was sent again.
story-refused = AWS refused { $dispatch }: { $why }. Nothing was sent to { $nodes }.{ $rest ->
    [0] {""}
    [one] {" "}Its other node is sent to in a new command.
   *[other] {" "}Its { $rest } other nodes are sent to in a new command.
 }
story-held-back = Held back: the install did not end well on { $nodes }, by what AWS says of the command, and { $budget ->
    [0] no node
    [one] only 1 node
   *[other] only { $budget } nodes
 } may fail. That proves nothing yet: a fresh scan of these nodes decides, and nothing more of wave { $wave } is sent before that.
story-uncertain = It is not known whether { $dispatch } reached AWS: { $why }. Looking for it.
story-asked = It cannot be found at AWS: { $dispatch }. { $approvers }: please look, and decide on the card.
story-not-sent = { $who } states that { $dispatch } was not sent: { $reason }. It is sent again.
story-scan-again = It did not appear at AWS: { $dispatch }. A scan does no harm twice, so it is sent again.
story-cancel = AWS was asked to cancel { $dispatch }. Nodes that have begun may still finish.
story-overwritten = The report of { $dispatch } was overwritten on { $nodes } by { $who }. A scan does no harm twice, so ours is sent again. If this goes on, pause that scanner until the run has ended.
story-judged = Wave { $wave } judged by its fresh scan: { $good } of { $all ->
    [one] 1 node
   *[other] { $all } nodes
 } compliant{ $planned ->
    [0] {""}
   *[other] , { $planned } as planned and not compliant
 }.
story-bad-node = { $node }: { $result }
story-withdrawn-install = No longer sent: { $dispatch }. The run was called off before.
story-adopted-by = { $who } found { $dispatch } at AWS, as { $command }: { $reason }. AWS confirms that it is such a command for the same nodes. It goes on from there; nothing was sent again.
story-doubled = **AWS has { $commands ->
    [one] 1 command
   *[other] { $commands } commands
 } for { $dispatch }.** Nodes may be patched and rebooted more than once. The further commands are { $others }. All of them are followed to their end before anything is judged. { $approvers }: please look in Run Command who sent them.
story-forgotten = It can no longer be found out whether { $dispatch } reached AWS: its list of commands ends after 30 days. { $approvers }: please decide on the card.
story-ran = It did run: { $dispatch }. { $all ->
    [one] Its node reports
   *[other] { $nodes } of its { $all } nodes { $nodes ->
        [one] reports
       *[other] report
     }
 } its snapshot id. It is not sent again.
story-given-up = Whether { $dispatch } reached AWS was never found out. Its nodes are scanned, to see what is on them.
story-called-off = { $why } No further install is sent. AWS is asked to cancel what is under way; it is followed to its end.
story-stopped = { $who } called it off: { $reason }.
story-installs-failed = Called off in the middle of wave { $wave }: { $bad } failed, also by a fresh scan; { $budget ->
    [0] none
   *[other] { $budget }
 } allowed. { $nodes }.
story-ended = What was under way has ended, { $requester }. { $judged ->
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
story-over-budget = Called off after wave { $wave }: { $bad } bad, { $budget ->
    [0] none
   *[other] { $budget }
 } allowed. { $nodes }
story-window-closed = Called off: the window leaves no time for wave { $wave }, or for the rest of it.
story-finished = Done, { $requester }: { $compliant } of { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } compliant.{ $left ->
    [0] {""}
    [one] {" "}1 node was left out.
   *[other] {" "}{ $left } nodes were left out.
 }
and-more = and { $more } more

# What is said once, when it is due.
reminder-stop-stands = Everything has been stopped for { $days ->
    [one] a day
   *[other] { $days } days
}: patchbot sends no Install and no Scan. Type `/patch resume` and a reason to continue.
