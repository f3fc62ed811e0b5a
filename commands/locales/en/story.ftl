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
   *[other] It starts in its window, { $starts }.
 }
story-wave = Wave { $wave } of { $waves } started: { $nodes }.
story-adopted = Found at AWS: { $dispatch }, as { $command }. It goes on from there; nothing was sent again.
story-refused = AWS refused { $dispatch }: { $why }. Nothing was sent to its nodes.
story-uncertain = It is not known whether { $dispatch } reached AWS: { $why }. Looking for it.
story-asked = It cannot be found at AWS: { $dispatch }. { $approvers }: please look, and decide on the card.
story-not-sent = { $who } states that { $dispatch } was not sent: { $reason }. It is sent again.
story-scan-again = It did not appear at AWS: { $dispatch }. A scan does no harm twice, so it is sent again.
story-cancel = AWS was asked to cancel { $dispatch }. Nodes that have begun may still finish.
story-overwritten = The report of { $dispatch } was overwritten on { $nodes } by { $who }. A scan does no harm twice, so ours is sent again. If this goes on, pause that scanner until the run has ended.
story-judged = Wave { $wave } judged by its fresh scan: { $good } of { $all } nodes compliant.
story-bad-node = { $node }: { $result }
story-over-budget = Called off after wave { $wave }: { $bad } bad, { $budget } allowed. { $nodes }
story-window-closed = Called off before wave { $wave }: the window leaves no time for it.
story-finished = Done, { $requester }: { $compliant } of { $nodes } nodes compliant.
and-more = and { $more } more
