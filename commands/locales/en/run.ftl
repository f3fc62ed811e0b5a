# The card of a run, from the plan to what came of it.

run-title-waiting = Approve patching { $environment }? ({ $run })
run-title-blocked = { $environment } cannot be approved yet ({ $run })
run-title-approved = Approved: { $environment } waits for its time ({ $run })
run-title-running = Patching { $environment } ({ $run })
run-title-proven = { $environment } is patched and proven ({ $run })
run-title-finished = { $environment }: not every node is compliant ({ $run })
run-title-ending = Ending: { $environment } is called off ({ $run })
run-title-halted = Called off: { $environment } ({ $run })
run-title-rejected = Rejected: { $environment } ({ $run })
run-title-expired = Expired: { $environment } ({ $run })
run-title-voided = Void: { $environment } ({ $run })

run-production = **PRODUCTION.** People depend on these nodes.
run-stopped = **Everything is stopped** by { $who }: { $reason }. Nothing new is sent until someone types `/patch resume`.

run-lead-blocked = **No Approve button yet:** { $needs } must be proven first. { $why } As soon as it is proven, this plan is replaced by one that holds exactly what was proven.
run-lead-only-scans = Nothing is missing. This run installs nothing: it scans every node to prove that.
run-lead-approved = It has its votes. It starts on { $at }, or as soon after that as it can; until then a vote can still be withdrawn.
run-lead-proven = { $left ->
    [0] { $nodes ->
        [one] The only node
       *[other] All { $nodes } nodes
     }
   *[other] { $nodes ->
        [one] The 1 node that was not left out
       *[other] The { $nodes } nodes that were not left out
     }
 } reported a fresh scan with nothing missing, nothing failed and no reboot waiting.
run-lead-finished = **{ $nodes ->
    [one] { $left ->
        [0] The only node
       *[other] The 1 node that was not left out
     } is not compliant
   *[other] { $compliant ->
        [0] None of the { $nodes } nodes is
        [one] 1 of { $nodes } nodes is
       *[other] { $compliant } of { $nodes } nodes are
     } compliant
 }** by a fresh scan. Look at the nodes below, then plan again: what is installed already is not installed twice.
run-lead-over-budget = Wave { $wave } ended with **{ $bad } { $bad ->
    [one] bad node
   *[other] bad nodes
 }**, and the plan allows { $budget ->
    [0] none
   *[other] { $budget }
 }. The waves after it were not started. Look at the nodes below, then plan again.
run-lead-window-closed = The maintenance window left no time for wave { $wave }, or for the rest of it. Look at the nodes below, then plan again for the next window.
run-lead-installs-failed = **{ $bad ->
    [one] 1 install
   *[other] { $bad } installs
 } had failed in the middle of wave { $wave }**, a fresh scan of these nodes says the same, and the plan allows { $budget ->
    [0] none
   *[other] { $budget }
 }. The rest was called off. Look at the nodes below, then plan again.
run-lead-stopped = { $who } called it off: { $reason }. What had begun was followed to its end; nothing else was sent. When it is safe to go on, plan again.
run-lead-ending = { $why } **No further install is sent.** AWS is asked to cancel what is under way; nodes that have begun may still finish. They are followed to their end and scanned, so that it is known what is on them. Wait for that before you plan again.
run-untouched = **Not touched:** { $count ->
    [one] 1 node
   *[other] { $count } nodes
 }. { $nodes }
run-lead-rejected = { $who } said no: { $reason }. Nothing was sent.
run-lead-expired = Nobody decided in time. Nothing was sent. Plan again when someone can decide.
run-lead-drifted = The votes are void, because what they were given for has changed: nodes { $nodes-new } new and { $nodes-gone } gone, patches { $patches-new } new and { $patches-gone } gone. Nothing was sent. A new plan follows.
run-lead-now-proven = { $by } proves the environment before this one. A new plan follows that holds exactly what was proven there.
run-lead-proof-gone = The votes are void: { $why } Nothing was sent.
run-lead-too-few-votes = The votes are void: by what the configuration says now, { $voters ->
    [0] nobody who may still vote has
    [one] only 1 person who may still vote has
   *[other] only { $voters } people who may still vote have
 } approved this, and it takes { $quorum }. Approvers, linked accounts or the quorum were changed after the votes. Nothing was sent. If the environment is still configured, a new plan follows.
run-lead-window-missed = The maintenance window passed before this could start. Nothing was sent. Plan again for the next window.

unproven-never-run = Nothing was ever run there.
unproven-still-running = { $run } is still under way.
unproven-not-compliant = { $run } ended with { $bad } of { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } not proven compliant.
unproven-soaking = { $run } ended well and must hold until { $until }.
unproven-too-old = { $run } ended on { $at }, which is too long ago to prove anything.
unproven-no-location = It is proven, but there is no place to put the list of what was proven. Ask your patchbot administrator to set `override_location` for this environment.

run-step-installing = Wave { $wave } of { $waves }: installing, { $installed } of { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } answered
run-step-cancelling = Wave { $wave } of { $waves }: cancelling was asked; nodes that have not answered yet: { $open } of { $nodes }
run-step-scanning = Wave { $wave } of { $waves }: fresh scan, to see what is really there
run-step-judging = Wave { $wave } of { $waves }: reading what the nodes reported
run-uncertain = **It is not known whether { $dispatch } reached AWS** ({ $why }). Looking for it since { $since }; nothing is sent again.
run-uncertain-asked = **It is not known whether { $dispatch } ({ $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }) reached AWS.** The call ended like this: { $why }. { $known } Nothing is sent again by itself. Look in Systems Manager, Run Command, Command history, for a command with the snapshot id { $snapshot }. If you find it, press **Adopt** and give its command id. If you are certain that it is not there, press **Not sent** and say how you know; it is then sent again. If you would rather not go on, press **Stop this run**.
uncertain-searched = The list of commands was searched from { $since } to { $until } and does not show it, and { $nodes ->
    [one] its node does not report
   *[other] none of its { $nodes } nodes reports
 } its snapshot id. The search goes on.
uncertain-not-searched = Since { $since } AWS could not be asked even once; patchbot's log says why.
uncertain-restarted = patchbot was restarted after it decided to send it and before it heard from AWS
run-uncertain-forgotten = **It can no longer be found out whether { $dispatch } ({ $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }) reached AWS.** The call ended like this, on { $since }: { $why }. AWS keeps its list of commands for 30 days only. Nothing is sent again by itself. Look at the nodes themselves: what was installed on them that day? If you are certain that it was not sent, press **Not sent** and say how you know; it is then sent again. If you would rather not go on, press **Stop this run**.
run-ran = **It did run: { $dispatch }.** { $reported } of its { $nodes } { $nodes ->
    [one] node reports
   *[other] nodes report
 } its snapshot id ({ $snapshot }), although AWS does not show the command. It is not sent again. It has ended when every node has reported, or when patience with it is at its end. If you know its command id, press **Adopt**: then it can also be cancelled.
run-given-up = **Whether { $dispatch } reached AWS was never found out** ({ $why }), and the run was called off before. Its nodes are scanned all the same; if it begins there after that, the scan does not show it.
dispatch-name = { $scan ->
    [0] the Install
   *[other] the Scan
 } of wave { $wave }{ $chunk ->
    [1] {""}
   *[other] , part { $chunk }
 }{ $attempt ->
    [1] {""}
   *[other] , attempt { $attempt }
 }
run-more-patches = and { $more } more: `/patch show { $run }`
run-more-nodes = and { $more } more
run-note = Asked for by { $who } on { $at } · plan { $digest }

voted-at = { $who } on { $at }
fact-approved-label = Approved by
fact-approved = { $voters }
fact-took-label = Time
fact-took = { $began } to { $ended }
fact-began-label = Started
fact-began = { $began }
fact-ended-label = Closed
fact-ended = { $ended }
record-wave = **Wave { $wave }**, { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }: { $began } to { $ended }
record-wave-open = **Wave { $wave }**, { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }: since { $began }
record-installs = {" · "}Install { $ids }
record-scans = {" · "}Scan { $ids }
record-more-commands = and { $more } more: look in Run Command for comments that begin with { $comment }
record-more-waves = { $more ->
    [one] and 1 more wave
   *[other] and { $more } more waves
 }
record-more-waves-shown = { $more ->
    [one] and 1 more wave
   *[other] and { $more } more waves
 }: `/patch show { $run }`

fact-nodes-label = Nodes
fact-nodes = { $nodes }{ $windows ->
    [0] {""}
   *[other] , { $nodes ->
        [one] Windows
       *[other] { $others ->
            [0] all of them Windows
           *[other] { $windows } of them Windows
         }
     }
 }{ $offline ->
    [0] {""}
   *[other] , { $answering ->
        [0] **not answering**
       *[other] **{ $offline } not answering**
     }
 }
fact-where-label = Where
fact-where = Account { $account } · { $region } · patch group { $group }
fact-patches-label = Patches
fact-patches = { $patches ->
    [0] None
    [one] 1{ $severe ->
        [0] {""}
       *[other] , of level III
     }{ $exploited ->
        [0] {""}
       *[other] , **exploited in the wild**
     }
   *[other] { $patches }{ $severe ->
        [0] {""}
       *[other] , { $milder ->
            [0] all
           *[other] { $severe }
         } of level III
     }{ $exploited ->
        [0] {""}
       *[other] , **{ $harmless ->
            [0] all
           *[other] { $exploited }
         } exploited in the wild**
     }
 }
fact-pin-label = Proven
fact-pin = Exactly what { $by } proved{ $definitions ->
    [0] {""}
    [one] ; beside that 1 definition update, never proven, as the baseline has it
   *[other] ; beside that { $definitions } definition updates, never proven, as the baseline has them
 }{ $left-out ->
    [0] {""}
   *[other] ; { $left-out } not proven and left out
 }
fact-reboot-label = Reboot
fact-reboot-if-needed = **Every node that gets a patch reboots**, whether the patch needs it or not
fact-no-reboot = No reboot; what needs one stays not compliant until somebody reboots
fact-reboot-only-scans = Nothing reboots: this plan only scans
fact-waves-label = Waves
fact-waves = { $waves ->
    [one] All at once ({ $sizes })
   *[other] Canary first: { $sizes } nodes
 }; called off if { $budget ->
    [0] any node of a wave ends badly
   *[other] more than { $budget ->
        [one] 1 node
       *[other] { $budget } nodes
     } of a wave end badly
 }{ $at-once ->
    [0] {""}
    [one] ; one node installs at a time
   *[other] ; at most { $at-once } nodes install at the same time
 }
fact-start-now-label = Starts
fact-start-now = As soon as it is approved
fact-start-window-label = Starts
fact-start-window = In the window { $window }: { $opens } to { $closes } ({ $hours ->
    [0] {""}
   *[other] { $hours } h{ $minutes ->
        [0] {""}
       *[other] {" "}
     }
 }{ $minutes ->
    [0] {""}
   *[other] { $minutes } min
 })
fact-decides-label = Who decides
fact-decides = { $named ->
    [0] **Nobody may approve**: no approvers are configured
   *[other] { $by-level ->
        [0] {""}
       *[other] Level { $level }:{" "}
     }{ $alone ->
        [0] { $quorum } of { $approvers }
       *[other] { $approvers }
     }, until { $until }{ $votes ->
        [0] {""}
       *[other] . So far { $votes }: { $voters }
     }
 }

node-with-id = { $name } ({ $id })
column-node = Node
column-id = Id
column-result = Result
column-environment = Environment

verdict-compliant = compliant, { $installed ->
    [0] no patch
    [one] 1 patch
   *[other] { $installed } patches
 } installed
verdict-not-compliant = { $missing ->
    [0] nothing
   *[other] { $missing }
 } missing{ $failed ->
    [0] {""}
   *[other] , { $failed } failed
 }{ $reboot ->
    [0] {""}
   *[other] , { $reboot } waiting for a reboot
 }{ $rejected ->
    [0] {""}
   *[other] , { $rejected } installed though rejected
 }{ $available ->
    [0] {""}
    [one] , 1 security update available and not approved
   *[other] , { $available } security updates available and not approved
 }
verdict-refused = unknown: AWS refused the command, so nothing was sent to it ({ $why }). When that is settled, `/patch plan { $environment }` again

button-plan = Plan { $environment }
button-approve = Approve
button-reject = Reject…
button-withdraw = Withdraw my vote
button-adopt = Adopt: { $dispatch }…
button-resume = Resume…
button-stop = Stop this run…
button-not-sent = Not sent: { $dispatch }…
confirm-approve-title = Approve { $environment }?
confirm-approve-lead = **Nothing is counted yet.** You are about to approve { $run } in **{ $environment }**: { $has-level ->
    [0] a scan
   *[other] { $patches ->
        [one] 1 patch of level **{ $level }**
       *[other] { $patches } patches, the worst of level **{ $level }**,
     }
 } on { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }. Your vote is for exactly the plan below.
typed-approve-title = Approve { $environment }?
typed-approve-lead = **Nothing is counted yet.** What is typed shows no plan, so it never votes. This is { $run } as it stands now: read it, then press **Approve** below.
typed-resume-title = Let everything go on?
typed-resume-lead = **Nothing goes on yet.** { $who } stopped everything on { $at }: { $reason }. Make sure that this is over. Then press **Resume…** below, and give your reason there. You typed: { $typed }
typed-reject-title = Reject { $run }?
typed-reject-lead = **Nothing is rejected yet.** This is { $run } as it stands now. Press **Reject…** below, and give your reason there. You typed: { $reason }
button-sure = Yes, approve
button-leave = No, leave it
confirm-left-title = Nothing was done
confirm-left = You did not vote on { $run }. Its card in the channel is as it was.
confirm-approve-text = { $run }: { $patches ->
    [0] a scan
    [one] 1 patch
   *[other] { $patches } patches
 } on { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } of { $environment }. { $reboot }.

form-cancel = Cancel
form-reject-title = Reject the plan
form-reject-text = **{ $run }** is closed, and nothing is sent. The person who asked for it reads your reason.
form-reject-label = Reason
form-reject-hint = Such as: quarter-end batch runs until Friday
form-reject-submit = Reject
form-not-sent-title = It was not sent
form-not-sent-text = You state that this command of **{ $run }** never reached AWS. It is then sent again. If it did reach AWS, nodes are patched and rebooted twice.
form-not-sent-label = How do you know?
form-not-sent-hint = Such as: not in the command history of that account at 02:14
form-not-sent-submit = Send it again
form-adopt-title = Adopt a command
form-adopt-text = You state which command at AWS is this one of **{ $run }**. AWS is asked first: it has to be AWS-RunPatchBaseline with the same operation on the same nodes. Then it is followed to its end, and nothing is sent again.
form-adopt-command-label = Command id
form-adopt-command-hint = Such as: 0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a
form-adopt-label = How do you know?
form-adopt-hint = Such as: in the command history at 02:14, with our snapshot id
form-adopt-submit = Adopt
form-resume-title = Let everything go on
form-resume-text = Work goes on in every environment: approved plans start when their time comes, and runs that were under way send their next commands. Everybody in the channel reads your reason.
form-resume-label = Reason
form-resume-hint = Such as: the disk alarms on web-3 are over
form-resume-submit = Resume
form-stop-title = Stop this run
form-stop-text = **{ $run }** is called off. No further install is sent, and AWS is asked to cancel what is under way. Nodes that have begun may still finish; they are followed, scanned and judged. This cannot be undone: to go on, plan again.
form-stop-label = Reason
form-stop-hint = Such as: disk alarms on web-3 since the first wave
form-stop-submit = Stop it

fact-baseline-label = Baseline
fact-baseline = { $name }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
 }
run-drifted-baselines = Another patch baseline decides now, or the one that did was changed.
run-drifted-unsettled = Of the nodes that are gone, these are in two patch groups by now: { $names }. The values of their tags { $tag } and { $other } differ. Remove one of the two, or give both the same value.
run-drifted-level = What it installs is rated level { $level } by now, and that level is decided on by other rules.
run-lead-level-risen = The votes are void: what it installs is rated level { $level } by now, and that level is decided on by other rules. Nothing was sent. A new plan follows.
