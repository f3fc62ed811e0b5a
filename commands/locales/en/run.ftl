# The card of a run, from its plan to its result.

run-title-waiting = Approve patching { $environment }? ({ $run })
run-title-blocked = { $environment } cannot be approved yet ({ $run })
run-title-approved = Approved: { $environment } is waiting to start ({ $run })
run-title-running = Patching { $environment } ({ $run })
run-title-proven = { $environment } is patched and proven ({ $run })
run-title-finished = { $environment }: not every node is compliant ({ $run })
run-title-stopping = Stopping: { $environment } ({ $run })
run-title-stopped = Stopped: { $environment } ({ $run })
run-title-rejected = Rejected: { $environment } ({ $run })
run-title-expired = Expired: { $environment } ({ $run })
run-title-voided = No longer valid: { $environment } ({ $run })

run-production = **PRODUCTION.** People depend on these nodes.
run-stopped = **Emergency stop** by { $who }: { $reason }. patchbot sends no new install or scan until someone resumes. Type `/patch resume` and a reason to continue.

run-lead-blocked = **No Approve button yet:** { $needs } must be proven first. { $why } Once it is proven, a new plan with exactly what was proven replaces this one.
run-lead-only-scans = No patches are missing. This run installs nothing: it scans every node to prove that.
run-lead-approved = The plan is approved. It starts on { $at }, or as soon as possible after that. Until it starts, a vote can still be withdrawn.
run-lead-proven = { $left ->
    [0] { $nodes ->
        [one] The only node
       *[other] All { $nodes } nodes
     }
   *[other] { $nodes ->
        [one] The only node that was not left out
       *[other] All { $nodes } nodes that were not left out
     }
 } reported a fresh scan with nothing missing, nothing failed and no pending reboot.
run-lead-finished = **{ $nodes ->
    [one] { $left ->
        [0] The only node
       *[other] The only node that was not left out
     } is not compliant
   *[other] { $compliant ->
        [0] None of the { $nodes } nodes is
        [one] 1 of { $nodes } nodes is
       *[other] { $compliant } of { $nodes } nodes are
     } compliant
 }** by a fresh scan. Check the nodes below, then plan again. Installed patches are not installed twice.
run-lead-over-budget = Wave { $wave } ended with **{ $bad } failed { $bad ->
    [one] node
   *[other] nodes
 }**, and the plan allows { $budget ->
    [0] none
   *[other] { $budget }
 }. The waves after it were not started. Check the nodes below, then plan again.
run-lead-window-closed = The maintenance window left no time for wave { $wave }, or for the rest of it. Check the nodes below, then plan again for the next window.
run-lead-installs-failed = **{ $bad ->
    [one] 1 install
   *[other] { $bad } installs
 } failed in the middle of wave { $wave }**, which a fresh scan of these nodes confirms, and the plan allows { $budget ->
    [0] none
   *[other] { $budget }
 }. The rest of the run was stopped. Check the nodes below, then plan again.
run-lead-stopped = { $who } stopped the run: { $reason }. patchbot tracked what had started to its end, and sent no further install. When it is safe to continue, plan again.
run-lead-stopping = { $why } **patchbot sends no further install.** It asks AWS to cancel what is in progress; nodes that have already started may still finish. It tracks them to their end and scans them, to see what is on them. Wait for that before you plan again.
run-untouched = **Not touched:** { $count ->
    [one] 1 node
   *[other] { $count } nodes
 }. { $nodes }
run-lead-rejected = { $who } rejected it: { $reason }. Nothing was sent.
run-lead-expired = It did not get enough votes in time. Nothing was sent. Plan again when the approvers are available.
run-lead-drifted = The votes no longer count, because what they were given for has changed:{ $changes }
    Nothing was sent. A new plan follows.
run-lead-now-proven = { $by } has proven the environment before this one. A new plan follows, with exactly what was proven there.
run-lead-proof-gone = The votes no longer count, because what they relied on is not proven now. { $why } Nothing was sent.
run-lead-too-few-votes = The votes no longer suffice. Under the current configuration, { $voters ->
    [0] nobody who may still vote has
    [one] only 1 person who may still vote has
   *[other] only { $voters } people who may still vote have
 } approved this, and it needs { $quorum }. Approvers, linked accounts or the quorum were changed after the votes. Nothing was sent. If the environment is still configured, a new plan follows.
run-lead-window-missed = The maintenance window passed before this could start. Nothing was sent. Plan again for the next window.

unproven-never-run = Nothing has been run there yet.
unproven-still-running = { $run } is still in progress.
unproven-not-compliant = { $run } ended, and { $bad } of { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } could not be proven compliant.
unproven-soaking = { $run } ended well, and its soak time lasts until { $until }.
unproven-too-old = { $run } ended on { $at }, which is too long ago to prove anything.
unproven-no-location = It is proven, but there is no place to put the list of what was proven. Ask your patchbot administrator to set `override_location` for this environment.

run-step-installing = Wave { $wave } of { $waves }: installing, { $installed } of { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 } answered
run-step-cancelling = Wave { $wave } of { $waves }: cancelling; nodes that have not answered yet: { $open } of { $nodes }
run-step-scanning = Wave { $wave } of { $waves }: scanning again to see the actual state
run-step-judging = Wave { $wave } of { $waves }: reading the nodes' reports
run-uncertain = **patchbot does not know whether { $dispatch } reached AWS.** { $why }. It has been searching for the command since { $since }, and does not send it again meanwhile.
run-uncertain-asked = **patchbot does not know whether { $dispatch } ({ $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }) reached AWS.** { $why }. { $known } patchbot does not send the command again by itself. In Systems Manager, open Run Command, Command history, and look for a command with the snapshot id { $snapshot }. If you find it, press **Adopt** and enter its command id. If you are certain that it is not there, press **Not sent** and say how you know; patchbot then sends it again. If you would rather not continue, press **Stop this run**.
uncertain-searched = patchbot searched the list of commands from { $since } to { $until } and did not find it, and { $nodes ->
    [one] its node does not report
   *[other] none of its { $nodes } nodes reports
 } its snapshot id. The search continues.
uncertain-not-searched = Since { $since }, patchbot could not ask AWS even once; its log has the reason.
uncertain-restarted = patchbot restarted after it decided to send the command and before AWS answered
run-uncertain-forgotten = **patchbot can no longer find out whether { $dispatch } ({ $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }) reached AWS.** { $why }. That was on { $since }, and AWS lists commands for 30 days only. patchbot does not send it again by itself. Check the nodes themselves: what was installed on them that day? If you are certain that it was not sent, press **Not sent** and say how you know; patchbot then sends it again. If you would rather not continue, press **Stop this run**.
run-ran = **It did run: { $dispatch }.** { $reported } of its { $nodes } { $nodes ->
    [one] node
   *[other] nodes
 } { $reported ->
    [one] reports
   *[other] report
 } its snapshot id ({ $snapshot }), although AWS does not list the command. patchbot does not send it again. It counts as ended when every node has reported or its time limit is over. If you know its command id, press **Adopt**, so that it can also be cancelled.
run-given-up = **patchbot did not find out whether { $dispatch } reached AWS** before the run was stopped. { $why }. Its nodes are scanned all the same; if the command starts later, this result does not reflect it.
dispatch-name = { $scan ->
    [0] the install
   *[other] the scan
 } of wave { $wave }{ $chunk ->
    [1] {""}
   *[other] , part { $chunk }
 }{ $attempt ->
    [1] {""}
   *[other] , attempt { $attempt }
 }
run-more-patches = and { $more } more: `/patch show { $run }`
run-more-nodes = and { $more } more
run-note = Requested by { $who } on { $at } · plan { $digest }

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
record-installs = {" · "}install { $ids }
record-scans = {" · "}scan { $ids }
record-more-commands = and { $more } more: look in Run Command for comments that start with { $comment }
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
fact-pin-label = Installs
fact-pin = Exactly what { $by } proved{ $definitions ->
    [0] {""}
    [one] ; also 1 definition update, never proven, as the baseline has it
   *[other] ; also { $definitions } definition updates, never proven, as the baseline has them
 }{ $left-out ->
    [0] {""}
   *[other] ; { $left-out } not proven and left out
 }
fact-reboot-label = Reboot
fact-reboot-if-needed = **Every node that gets a patch reboots**, whether the patch needs it or not
fact-no-reboot = No reboot. Nodes that need one stay not compliant until somebody reboots them
fact-reboot-only-scans = No reboot: this plan only scans
fact-waves-label = Waves
fact-waves = { $waves ->
    [one] All at once ({ $sizes })
   *[other] Canary first: { $sizes } nodes
 }; the run stops if { $budget ->
    [0] any node of a wave fails
   *[other] more than { $budget ->
        [one] 1 node of a wave fails
       *[other] { $budget } nodes of a wave fail
     }
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
fact-decides-label = Approvers
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
    [0] no patches
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
   *[other] , { $rejected } installed but rejected
 }{ $available ->
    [0] {""}
    [one] , 1 security update available but not approved
   *[other] , { $available } security updates available but not approved
 }
verdict-refused = unknown: AWS refused the command, so nothing was sent to this node. { $why }. Once that is fixed, type `/patch plan { $environment }` again

button-plan = Plan { $environment }
button-approve = Approve
button-reject = Reject…
button-withdraw = Withdraw my vote
button-adopt = Adopt: { $dispatch }…
button-resume = Resume…
button-stop = Stop this run…
button-not-sent = Not sent: { $dispatch }…
confirm-approve-title = Approve { $environment }?
confirm-approve-lead = **Your vote is not counted yet.** You are about to approve { $run } in **{ $environment }**: { $has-level ->
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
typed-approve-lead = **Your vote is not counted yet.** A typed command shows no plan, so it never votes. This is { $run } as it is now. Read it, then press **Approve** below.
typed-resume-title = Resume everything?
typed-resume-lead = **Nothing is resumed yet.** { $who } stopped everything on { $at }: { $reason }. Make sure that this is over. Then press **Resume…** below and give your reason there. You typed: { $typed }
typed-reject-title = Reject { $run }?
typed-reject-lead = **Nothing is rejected yet.** This is { $run } as it is now. Press **Reject…** below and give your reason there. You typed: { $reason }
button-sure = Yes, approve
button-leave = No, cancel
confirm-left-title = Nothing was done
confirm-left = You did not vote on { $run }. Its card in the channel is unchanged.
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
form-reject-text = **{ $run }** is closed, and nothing is sent. The requester can read your reason.
form-reject-label = Reason
form-reject-hint = For example: quarter-end batch runs until Friday
form-reject-submit = Reject
form-not-sent-title = It was not sent
form-not-sent-text = You state that this command of **{ $run }** never reached AWS. patchbot then sends it again. If it did reach AWS, nodes are patched and rebooted twice.
form-not-sent-label = How do you know?
form-not-sent-hint = For example: not in the command history of that account at 02:14
form-not-sent-submit = Send it again
form-adopt-title = Adopt a command
form-adopt-text = You state which command at AWS is this command of **{ $run }**. patchbot asks AWS first: it must be AWS-RunPatchBaseline with the same operation on the same nodes. patchbot then tracks it to its end and sends nothing again.
form-adopt-command-label = Command id
form-adopt-command-hint = For example: 0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a
form-adopt-label = How do you know?
form-adopt-hint = For example: in the command history at 02:14, with our snapshot id
form-adopt-submit = Adopt
form-resume-title = Resume everything
form-resume-text = Work resumes in every environment: approved plans start when their time comes, and runs in progress send their next commands. Everybody in the channel can read your reason.
form-resume-label = Reason
form-resume-hint = For example: the disk alarms on web-3 are over
form-resume-submit = Resume
form-stop-title = Stop this run
form-stop-text = This stops **{ $run }**. patchbot sends no further install, and asks AWS to cancel what is in progress. Nodes that have already started may still finish; patchbot tracks, scans and judges them. You cannot resume a stopped run: to continue, plan again.
form-stop-label = Reason
form-stop-hint = For example: disk alarms on web-3 since the first wave
form-stop-submit = Stop

fact-baseline-label = Baseline
fact-baseline = { $name }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
 }
run-drifted-nodes-new = { $count ->
    [one] 1 node is new
   *[other] { $count } nodes are new
 }: { $names }
run-drifted-nodes-gone = { $count ->
    [one] 1 node has left
   *[other] { $count } nodes have left
 }: { $names }
run-drifted-patches-new = { $count ->
    [one] 1 patch would be installed in addition
   *[other] { $count } patches would be installed in addition
 }: { $names }
run-drifted-patches-gone = { $count ->
    [one] 1 patch would no longer be installed
   *[other] { $count } patches would no longer be installed
 }: { $names }
run-drifted-baselines = Another patch baseline applies now, or the baseline was changed.
run-drifted-in-two-groups = Some of the nodes that left are now in two patch groups: { $names }. The values of their tags { $tag } and { $other } differ. Remove one of the two, or give both the same value.
run-drifted-level = The patches are now rated level { $level }, which needs a different set of approvers.
run-lead-level-risen = The votes no longer count, because the patches are now rated level { $level }, which needs a different set of approvers. Nothing was sent. A new plan follows.
