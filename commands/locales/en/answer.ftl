# Private answers to commands.

status-title = Environment status
status-stopped = **Emergency stop** by { $who } on { $at }: { $reason }. Type `/patch resume` and a reason to continue.
status-not-posted = patchbot has been unable to post in **{ $place }** since { $at }. { $why }. Missed cards are posted once it can. Runs are not affected.
status-run = { $run }: { $phase } · { $proven }
status-no-run = no runs yet · { $proven }
status-proven = proven by { $run }
status-not-proven = not proven. { $why }
status-fleet = { $nodes ->
    [0] No nodes
    [one] 1 node
   *[other] { $nodes } nodes
 }{ $missing ->
    [0] {""}
   *[other] , { $nodes ->
        [one] with patches missing
       *[other] { $missing } with patches missing
     }
 }{ $unknown ->
    [0] {""}
   *[other] , **{ $unknown } unknown**
 }, as of { $at }
status-fleet-unknown = not checked yet
status-not-scanned = patchbot can read this environment but could not scan its nodes. { $why }. The list of missing patches may be out of date.
status-more = and { $more ->
    [one] 1 more environment
   *[other] { $more } more environments
 }: `/patch compliance` has the figures.
phase-waiting = waiting for approval
phase-blocked = blocked until the environment before it is proven
phase-approved = approved, waiting to start
phase-running = in progress
phase-stopping = stopping
phase-finished = finished
phase-stopped = stopped
phase-rejected = rejected
phase-expired = expired
phase-voided = no longer valid
list-title = Missing patches
list-title-level = Missing patches: level { $level }
list-none = No patches are missing, according to the last scan of every node that reported.
list-none-unknown = No patches are known to be missing, but { $nodes ->
    [one] 1 node is
   *[other] { $nodes } nodes are
 } unknown. `/patch compliance` names them.
list-none-level = There are no missing patches of level { $level }, according to the last scan of every node that reported.
list-none-unseen = No patches are known to be missing, but patchbot has not been able to check { $names }{ $nodes ->
    [0] {""}
    [one] ; elsewhere, 1 node is unknown
   *[other] ; elsewhere, { $nodes } nodes are unknown
 }. `/patch status` explains why.
list-none-yet = patchbot has not finished its first check of the nodes. Try again in a minute.
list-more = and { $more } more. To narrow the list, type `/patch list III`.
list-note = According to the last scans, as of { $at }. { $levels }
runs-title = Runs
runs-none = There are no runs yet. Create the first plan with `/patch plan { $environment }`.
runs-row = { $phase } · { $compliant } of { $nodes } compliant
runs-more = and { $more } older
show-cves = CVEs
show-cves-unknown = unknown: the node or its distribution does not report them
show-where = Missing on
show-score = Score from
show-severity = Vendor severity
show-no-word = none
show-cves-more = and { $more } more
stop-title = Emergency stop
stop-text = { $who } stopped everything: { $reason }. patchbot sends no new install or scan. It asks AWS to cancel the commands in progress; nodes that have already started may still finish. Type `/patch resume` and a reason to continue.
resume-title = Resumed
resume-text = { $who } resumed everything: { $reason }.
done-title = Done
done-vote = Your vote on { $run } is counted: { $votes } of { $quorum }.
done-approved = Your vote is counted. { $run } is now approved.
done-rejected = { $run } is rejected. The requester can read your reason in its thread.
done-withdrawn = Your vote on { $run } is withdrawn.
done-not-sent = Recorded. patchbot sends the command again.
done-adopted = Recorded. AWS confirmed the command, and patchbot tracks it to its end.
done-stopped = Recorded. patchbot is stopping { $run }. Its card shows what is still in progress.
working-plan = Checking the nodes of { $environment } to create a plan. The plan appears in the channel.
working-compliance = Asking Systems Manager. The answer appears here.
working-title = Working on it
moment = { $at }
column-run = Run
column-since = Requested

show-advisory = Advisory
show-released = Released
show-held-back = { $id } { $title }: published, but not approved yet. The baseline of { $environment } holds it back until { $until } or later.

menu-title = What would you like to see?
menu-standing = { $waiting ->
    [0] No plans are waiting for your approval.
    [one] **1 plan is waiting for your approval.**
   *[other] **{ $waiting } plans are waiting for your approval.**
 } { $running ->
    [0] No runs are in progress.
    [one] 1 run is in progress.
   *[other] { $running } runs are in progress.
 }
menu-note = Only you can see this menu and its answers. `/patch help` lists all commands.
menu-mine = { $waiting ->
    [0] For you
   *[other] For you ({ $waiting })
 }
menu-status = Environments
menu-list = Missing patches
menu-runs = Runs
menu-compliance = Compliance
menu-help = Help
menu-plan = Plan…

desk-title = For you
desk-waiting = Waiting for your approval
desk-nothing-waits = No plans are waiting for your approval.
desk-approval = { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }, { $patches ->
    [0] no patches
    [one] 1 patch: { $worst }
   *[other] { $patches } patches, the worst: { $worst }
 }. Requested by { $who } · { $votes } of { $quorum ->
    [one] 1 vote
   *[other] { $quorum } votes
 } · until { $until }
desk-under-way = In progress
desk-nothing-under-way = No runs are in progress.
desk-environments = Environments
desk-more = and { $more } more: see `/patch runs` and `/patch status`.

# Who an event is attributed to if no person caused it.
author-policy = the policy of {$environment}
author-patchbot = patchbot
