# What compliance really is.

compliance-title = Patch compliance
compliance-title-after = Patch compliance after { $run }
compliance-no-nodes = no nodes found
compliance-summary = **{ $percent }%** · { $compliant } of { $nodes } compliant{ $not ->
    [0] {""}
   *[other] , { $not } not
 }{ $reboot ->
    [0] {""}
   *[other] ({ $reboot ->
        [one] 1 needs only a reboot
       *[other] { $reboot } need only a reboot
     })
 }{ $unknown ->
    [0] {""}
   *[other] , **{ $unknown } unknown**
 }
compliance-chart = Nodes by compliance
compliance-compliant = Compliant
compliance-not-compliant = Not compliant
compliance-unknown = Unknown
compliance-unknown-node = unknown: no report, or a scan that failed
compliance-note = As Systems Manager reported it on { $at }. Oldest report counted: { $oldest }.
compliance-note-looks = As Systems Manager reported it between { $at } and { $last }. Oldest report counted: { $oldest }.
compliance-never-reported = unknown: it has never reported. Let the next assessment scan it, or run `/patch plan`
compliance-scan-failed = unknown: its last scan failed. Look at the command's output in Systems Manager
compliance-agent-silent = unknown since { $at }: its agent has not answered since. Look at the instance's console
compliance-agent-silent-undated = unknown: its agent does not answer. Look at the instance's console
compliance-old-report = unknown since { $at }: its last report is of that time, too long ago to count
compliance-more-nodes = and { $more } more: `/patch compliance`
compliance-all = All environments
compliance-unreadable = **could not be read** since { $since }: { $why }
compliance-unreadable-do = **could not be read** since { $since }: { $why }. What to do: { $hint }
compliance-refused = **Left out of the last scan of { $environment }**, because AWS refuses to send to { $nodes ->
    [one] this node
   *[other] these { $nodes } nodes
 }: { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
 }. The others were scanned. AWS says: { $why }
