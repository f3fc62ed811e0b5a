# Private answers to commands.

status-title = Where everything stands
status-stopped = **Stopped** by { $who } on { $at }: { $reason }. Type `/patch resume` and a reason to continue.
status-unheard = patchbot has been unable to post in **{ $place }** since { $at }: { $why }. Missed cards are posted once it can. Runs are not affected.
status-run = { $run } { $phase } · { $proven }
status-no-run = no run yet · { $proven }
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
status-fleet-unknown = not looked at yet
status-not-scanned = It can be looked at, and its nodes could not be scanned: { $why }. What is missing may be older than it looks.
status-more = and { $more ->
    [one] 1 more environment
   *[other] { $more } more environments
 }: `/patch compliance` has the figures.
phase-waiting = waits for votes
phase-blocked = waits for proof
phase-approved = approved, waits for its time
phase-running = under way
phase-ending = called off, comes to its end
phase-finished = finished
phase-halted = called off
phase-rejected = rejected
phase-expired = expired
phase-voided = void
list-title = Missing patches
list-title-level = Missing patches of { $level }
list-none = Nothing is missing, by the last scan of every node that reported.
list-none-unknown = Nothing is known to be missing, but of { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } nothing certain is known: `/patch compliance` names them.
list-none-level = No patch of { $level } is missing, by the last scan of every node that reported.
list-none-unseen = Nothing is known to be missing, but not every environment could be looked at: { $names }{ $nodes ->
    [0] {""}
    [one] ; elsewhere nothing certain is known of 1 node
   *[other] ; elsewhere nothing certain is known of { $nodes } nodes
 }. `/patch status` says why.
list-none-yet = Nothing is known yet: the first look at the nodes is not done. Try again in a minute.
list-more = and { $more } more. Narrow it down: `/patch list III`
list-note = By the last scans, as of { $at }. { $levels }
runs-title = Runs
runs-none = There has been no run yet. Start with `/patch plan { $environment }`.
runs-row = { $phase } · { $compliant } of { $nodes } compliant
runs-more = and { $more } older
show-cves = CVEs
show-cves-unknown = unknown: the node or its distribution does not report them
show-where = Missing on
show-score = Score of
show-severity = Vendor's word
show-no-word = none
show-cves-more = and { $more } more
stop-title = Stopped
stop-text = { $who } stopped everything: { $reason }. Nothing new is sent. Commands that nodes have already begun may still finish; AWS is asked to cancel them. Type `/patch resume` and a reason to continue.
resume-title = Going on
resume-text = { $who } lets everything go on: { $reason }.
done-title = Noted
done-vote = Your vote on { $run } counts: { $votes } of { $quorum }.
done-approved = Your vote on { $run } counts, and it has all it needs.
done-rejected = { $run } is rejected. The person who asked for it reads your reason in its thread.
done-withdrawn = Your vote on { $run } is withdrawn.
done-not-sent = Noted. It is sent again.
done-adopted = Noted. AWS has it as you said, and it is followed to its end.
done-stopped = { $run } is called off. Its card shows what is still under way.
working-plan = Looking at the nodes of { $environment } to draft a plan. The plan appears in the channel.
working-compliance = Asking Systems Manager. The answer appears here.
working-title = Working on it
moment = { $at }
column-run = Run
column-since = Asked for

show-advisory = Advisory
show-released = Released
show-held-back = { $id } { $title }: published, and not yet approved. The baseline of { $environment } holds it back until { $until } at least.

menu-title = What would you like to see?
menu-standing = { $waiting ->
    [0] Nothing waits for your decision.
    [one] **1 plan waits for your decision.**
   *[other] **{ $waiting } plans wait for your decision.**
 } { $running ->
    [0] Nothing is under way.
    [one] 1 run is under way.
   *[other] { $running } runs are under way.
 }
menu-note = Only you see this and what it answers. `/patch help` lists all that can be typed.
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
desk-waiting = Waits for you
desk-nothing-waits = Nothing waits for your decision.
desk-approval = { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }, { $patches ->
    [0] no patch
    [one] 1 patch: { $worst }
   *[other] { $patches } patches, the worst: { $worst }
 }. Asked for by { $who } · { $votes } of { $quorum ->
    [one] 1 vote
   *[other] { $quorum } votes
 } · until { $until }
desk-under-way = Under way
desk-nothing-under-way = Nothing is under way.
desk-environments = Environments
desk-more = and { $more } more. `/patch runs` and `/patch status` have them.

# On whose word something happened, where it was no person's.
author-policy = the policy of {$environment}
author-patchbot = patchbot
