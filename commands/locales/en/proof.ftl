# What was proven, what a plan leaves out because it is not proven, and reports that prove nothing.

run-title-as-planned = { $environment } is patched as planned, but not compliant ({ $run })
run-lead-as-planned = Everything in the plan is installed, but **the baseline still misses patches that the plan does not include**: { $compliant ->
    [0] none
   *[other] { $compliant }
 } of { $nodes ->
    [one] 1 node is compliant
   *[other] { $nodes } nodes are compliant
 }. So this run proves nothing for the next environment. { $available ->
    [0] {""}
    [one] A published security update that the baseline does not approve counts against the nodes.{" "}
   *[other] Published security updates that the baseline does not approve count against the nodes.{" "}
 }{ $patches ->
    [0] {""}
   *[other] Still missing: { $names }
 }
run-proven-definitions = Definition updates are missing again, as they are every day. They prove nothing and block nothing: { $names }

run-lead-scans-left-out = **This run installs nothing**, although { $patches ->
    [one] 1 patch is missing, which may not be installed yet
   *[other] { $patches } patches are missing, none of which may be installed yet
 }. It scans every node. The reasons are below.
run-lead-scans-unclear = **This run installs nothing. It is not known whether patches are missing:** it scans every node to find out.
run-lead-scans-silent = **This run installs nothing.** No patches are missing on the nodes that answer. **{ $silent ->
    [one] 1 node does not answer**, so what it misses is unknown.
   *[other] { $silent } nodes do not answer**, so what they miss is unknown.
 } It scans the nodes that answer.
run-left-out = **Missing, but not installed by this run:** { $names }
run-left-out-patch = { $id } ({ $why })
run-left-out-version = { $id } { $title } ({ $why })
run-unclear = **It is not known what { $nodes ->
    [one] 1 node misses
   *[other] { $nodes } nodes miss
 }:** { $names }
run-newer = **Newer versions exist that are not proven.** This run installs the proven ones: { $names }
run-newer-version = { $id } { $proven }, not { $newer }
run-definition = {" "}(definition update: never proven, installed as the baseline has it today)

why-left-out-not-proven = not proven
why-left-out-newer = newer than what was proven and is installed: { $proven }
why-left-out-disagreed = not proven: the nodes that should prove it have different versions
why-left-out-not-pinnable = cannot be pinned: its name or version contains characters that an override list cannot safely hold
why-left-out-definition = definition update

unproven-not-read = { $run } ended well, but patchbot could not read what is installed on its nodes, so it is not known what the run proves. Check that the read role has ssm:DescribeInstancePatches, then run it again.
unproven-moved = { $run } ran in another account, Region or patch group than this environment has now, so it proves nothing about the nodes here. Run it here.

verdict-still-missing = as planned but not compliant, { $installed ->
    [0] no patches
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
verdict-definitions = compliant except for definition updates, which have new content every day: { $names }; { $installed ->
    [0] no patches
    [one] 1 patch
   *[other] { $installed } patches
 } installed

doubt-no-counts = unknown: its last scan failed. Check the command's output in Systems Manager
doubt-list = unknown: its report lists a different number of missing or failed patches than it counts. Scan it again; if that does not help, check the command's output in Systems Manager
doubt-counts = unknown: its report contradicts itself. It counts nothing missing, failed, rejected or waiting for a reboot, but something not compliant. Scan it again; if that does not help, check the command's output in Systems Manager
doubt-baseline = unknown: **another baseline was used** ({ $baseline }) than the one registered for its patch group. Check for a patch policy or an association that scans it, then scan it again
doubt-security = unknown: security updates are published for it that its baseline does not approve, and the baseline does not say how they count. Set the compliance status of available security updates in the baseline

compliance-left-by-plan = **{ $environment } still misses what { $run } left out:** { $names }
