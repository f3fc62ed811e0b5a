# What became of a node, what its command reported, and how a run is coming along.

verdict-pending-no-reboot = installed, but { $reboot } { $reboot ->
    [one] patch waits
   *[other] patches wait
 } for a reboot, which this plan does not make. Until then it runs what it ran before. Reboot it, then `/patch plan { $environment }` again
verdict-pending-reboot = installed, but { $reboot } { $reboot ->
    [one] patch still waits
   *[other] patches still wait
 } for a reboot. Until then it runs what it ran before. Reboot it, then `/patch plan { $environment }` again
verdict-but-command = {" "}(its { $scan ->
    [0] Install
   *[other] Scan
 } reported: { $status })
verdict-no-answer = unknown: its scan did not end well ({ $status }). Look at the command's output in Systems Manager
verdict-silent = **unknown** since { $since }: its agent has been silent since then (scan: { $status }). It may hang in its reboot: look at the instance's console. When it is back, `/patch plan { $environment }` again
verdict-silent-unlisted = **unknown**: Systems Manager no longer lists its agent (scan: { $status }). It is stopped, gone or without its agent: look at the instance's console. When it is back, `/patch plan { $environment }` again
verdict-scan-failed = unknown: its scan failed and counted nothing. Look at the command's output in Systems Manager
verdict-never-ended = unknown: its scan never ended (its report is dated 1970). Look at the command's output in Systems Manager
verdict-not-a-scan = unknown: what it reported under our scan's id is no scan but "{ $operation }"
verdict-old-report = unknown: what it reported under our scan's id ended on { $at }, before the scan was sent. Check the node's clock
verdict-foreign-scan = unknown: our scan was overwritten by { $who } (snapshot { $snapshot }), again and again. Pause that scanner, then plan again
verdict-no-report = unknown: the scan ended, but no patch state appeared. Its agent may not reach the service: look at the command's output in Systems Manager

stranger-command = { $certain ->
    [0] what is probably{" "}
   *[other] {""}
 }command { $id } ({ $commented ->
    [0] { $document }
   *[other] "{ $comment }", { $document }
 }, sent on { $at })
stranger-command-undated = { $certain ->
    [0] what is probably{" "}
   *[other] {""}
 }command { $id } ({ $commented ->
    [0] { $document }
   *[other] "{ $comment }", { $document }
 })
stranger-no-command = a scan that no listed command sent: mostly an association or a patch policy of Systems Manager
stranger-unknown = somebody else's scan

column-command = Command
command-unheard = nothing heard
command-pending = not taken yet
command-in-progress = in progress
command-delayed = not taken yet, delayed
command-success = success
command-failed = failed
command-delivery-timed-out = never taken
command-execution-timed-out = begun, never ended
command-cancelling = being cancelled
command-cancelled = cancelled
command-undeliverable = node not reachable
command-terminated = called off
command-invalid-platform = wrong platform
command-access-denied = access denied

progress-wave = This wave: { $done } done · { $running } running · { $failed } failed · { $waiting } not started
progress-all = In all: { $done } done · { $running } running · { $failed } failed · { $waiting } not started
progress-likely = Likely done by { $at }, if no wave takes longer than those before
progress-waits = Answers are awaited until { $at } at the latest
progress-window = Nothing new begins after { $at }: the maintenance window takes no more then
