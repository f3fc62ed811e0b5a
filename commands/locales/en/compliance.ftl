# What compliance really is.

compliance-title = Patch compliance
compliance-title-after = Patch compliance after { $run }
compliance-no-nodes = no nodes found
compliance-summary = **{ $percent }%** · { $compliant } of { $nodes } compliant{ $not ->
    [0] {""}
   *[other] , { $not } not compliant
 }{ $reboot ->
    [0] {""}
   *[other] {" "}({ $reboot ->
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
compliance-unknown-node = unknown: no report, or its scan failed
compliance-note = Reported by Systems Manager on { $at }. The oldest report counted is from { $oldest }.
compliance-note-looks = Reported by Systems Manager between { $at } and { $last }. The oldest report counted is from { $oldest }.
compliance-never-reported = unknown: it has never reported. Wait for the next scheduled scan, or type `/patch plan`
compliance-scan-failed = unknown: its last scan failed. Check the command's output in Systems Manager
compliance-agent-silent = unknown since { $at }: its agent has not answered since. Check the instance's console
compliance-agent-silent-undated = unknown: its agent does not answer. Check the instance's console
compliance-old-report = unknown since { $at }: its last report is from then, which is too old to count
compliance-more-nodes = and { $more } more: `/patch compliance`
compliance-all = All environments
compliance-unreadable = **unreadable** since { $since }. { $why }
compliance-unreadable-do = **unreadable** since { $since }. { $why }. { $hint }
compliance-refused = **Left out of the last scan of { $environment }**, because AWS refused to send to { $nodes ->
    [one] this node
   *[other] these { $nodes } nodes
 }: { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
 }. The other nodes were scanned. { $why }.
