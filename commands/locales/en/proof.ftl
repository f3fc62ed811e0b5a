# What was proven, what a plan leaves out because nobody has proven it, and reports that prove nothing.

run-title-as-planned = { $environment } is patched as planned, and not compliant ({ $run })
run-lead-as-planned = All of the plan is installed, and **the baseline still misses what the plan does not hold**: { $compliant ->
    [0] none
   *[other] { $compliant }
 } of { $nodes ->
    [one] 1 node is compliant
   *[other] { $nodes } nodes are compliant
 }. So this run proves nothing for the next environment. { $available ->
    [0] {""}
    [one] A security update is published that the baseline does not approve and counts against the nodes.{" "}
   *[other] Security updates are published that the baseline does not approve and counts against the nodes.{" "}
 }{ $patches ->
    [0] {""}
   *[other] Still missing: { $names }
 }
run-proven-definitions = Definition updates are missing again, as every day; they prove nothing and hold nothing up: { $names }

run-lead-scans-left-out = **This run installs nothing**, although { $patches ->
    [one] 1 patch is missing
   *[other] { $patches } patches are missing
 }: none of it may be installed yet. It scans every node. The reasons stand beneath.
run-lead-scans-unclear = **This run installs nothing. It is not known whether anything is missing:** it scans every node to find out.
run-lead-scans-silent = **This run installs nothing.** Nothing is missing on the nodes that answer. **{ $silent ->
    [one] 1 node does not answer**, and nobody knows what it misses.
   *[other] { $silent } nodes do not answer**, and nobody knows what they miss.
 } The nodes that answer are scanned.
run-left-out = **Missing, and not installed by this run:** { $names }
run-left-out-patch = { $id } ({ $why })
run-left-out-version = { $id } { $title } ({ $why })
run-unclear = **It is not known what { $nodes ->
    [one] 1 node misses
   *[other] { $nodes } nodes miss
 }:** { $names }
run-newer = **Newer versions exist that nobody has proven.** This run installs the proven ones: { $names }
run-newer-version = { $id } { $proven }, not { $newer }
run-definition = {" "}(definition update: never proven, installed as the baseline has it today)

why-left-out-not-proven = not proven
why-left-out-newer = newer than what was proven and is there: { $proven }
why-left-out-disagreed = not proven: the nodes that were to prove it have different versions
why-left-out-not-pinnable = cannot be pinned: an override list cannot safely hold a name or a version that is written like this
why-left-out-definition = definition update

unproven-not-read = { $run } ended well, but what is installed on its nodes could not be read, so nobody can say what it proves. Check that the read role has ssm:DescribeInstancePatches; then run it again.
unproven-moved = { $run } was run in another account, Region or patch group than this environment has now, so it proves nothing of these nodes. Run it here.

verdict-still-missing = as planned and not compliant, { $installed ->
    [0] no patch
    [one] 1 patch
   *[other] { $installed } patches
 } installed; { $patches ->
    [0] {""}
   *[other] still missing: { $names }
 }{ $available ->
    [0] {""}
    [one] {" "}1 security update available that the baseline counts against it
   *[other] {" "}{ $available } security updates available that the baseline counts against it
 }
verdict-definitions = compliant but for definition updates, which have new content every day: { $names }; { $installed ->
    [0] no patch
    [one] 1 patch
   *[other] { $installed } patches
 } installed

doubt-no-counts = unknown: its last scan failed. Look at the command's output in Systems Manager
doubt-list = unknown: it lists another number of missing or failed patches than it counts. Scan it again; if that does not help, look at the command's output in Systems Manager
doubt-counts = unknown: its report contradicts itself: it counts nothing missing, failed, rejected or waiting for a reboot, and something that is not compliant. Scan it again; if that does not help, look at the command's output in Systems Manager
doubt-baseline = unknown: **another baseline decided** ({ $baseline }) than the one registered for its patch group. Look for a patch policy or an association that scans it; then scan it again
doubt-security = unknown: security updates are published for it that its baseline does not approve, and the baseline does not say how they count. Set the compliance status of available security updates in the baseline

compliance-left-by-plan = **{ $environment } still misses what { $run } left out:** { $names }
