# The result of a node, what its command reported, and the progress of a run.

verdict-pending-no-reboot = installed, but { $reboot } { $reboot ->
    [one] patch waits
   *[other] patches wait
 } for a reboot, and this plan does not reboot. Until it reboots, the node still runs the old version. Reboot it, then type `/patch plan { $environment }` again
verdict-pending-reboot = installed, but { $reboot } { $reboot ->
    [one] patch still waits
   *[other] patches still wait
 } for a reboot. Until it reboots, the node still runs the old version. Reboot it, then type `/patch plan { $environment }` again
verdict-but-command = {" "}(its { $scan ->
    [0] install
   *[other] scan
 } reported: { $status })
verdict-no-answer = unknown: the scan did not succeed on this node ({ $status }). Check the command's output in Systems Manager
verdict-silent = **unknown** since { $since }: its agent has not answered since (scan: { $status }). The node may be stuck in its reboot: check the instance's console. Once it is back, type `/patch plan { $environment }` again
verdict-silent-unlisted = **unknown**: Systems Manager no longer lists its agent (scan: { $status }). The node is stopped, gone or without its agent: check the instance's console. Once it is back, type `/patch plan { $environment }` again
verdict-scan-failed = unknown: the scan failed and reported no counts. Check the command's output in Systems Manager
verdict-never-ended = unknown: the scan never finished (its report is dated 1970). Check the command's output in Systems Manager
verdict-not-a-scan = unknown: the report under the id of our scan is not a scan but "{ $operation }"
verdict-old-report = unknown: the report under the id of our scan ended on { $at }, before the scan was sent. Check the node's clock
verdict-foreign-scan = unknown: our scan was overwritten several times by { $who } (snapshot { $snapshot }). Pause that scanner, then plan again
verdict-no-report = unknown: the scan finished, but no patch state appeared. Its agent may not reach the service: check the command's output in Systems Manager

foreign-scan-command = { $certain ->
    [0] what is probably{" "}
   *[other] {""}
 }command { $id } ({ $commented ->
    [0] { $document }
   *[other] "{ $comment }", { $document }
 }, sent on { $at })
foreign-scan-command-undated = { $certain ->
    [0] what is probably{" "}
   *[other] {""}
 }command { $id } ({ $commented ->
    [0] { $document }
   *[other] "{ $comment }", { $document }
 })
foreign-scan-no-command = a scan that no listed command sent, usually a State Manager association or a patch policy
foreign-scan-unknown = another scan

column-command = Command
command-no-report = no report
command-pending = not received yet
command-in-progress = in progress
command-delayed = delayed, not received yet
command-success = success
command-failed = failed
command-delivery-timed-out = never received
command-execution-timed-out = started, never finished
command-cancelling = being cancelled
command-cancelled = cancelled
command-undeliverable = node unreachable
command-terminated = terminated
command-invalid-platform = wrong platform
command-access-denied = access denied

progress-wave = This wave: { $done } done · { $running } running · { $failed } failed · { $waiting } not started
progress-all = Total: { $done } done · { $running } running · { $failed } failed · { $waiting } not started
progress-likely = Likely done by { $at }, if no wave takes longer than those before it
progress-waits = Waiting for answers until { $at } at the latest
progress-window = Nothing new starts after { $at }, the cutoff of the maintenance window
