# New patches that the channel should know about.

announcement-title = { $patches ->
    [one] A patch that should not wait
   *[other] { $patches } patches that should not wait
 }
announcement-lead = Missing on your nodes, according to their last scan.{ $exploited ->
    [0] {""}
    [one] {" "}**{ $patches ->
        [one] It fixes
       *[other] One of them fixes
     } a vulnerability that is exploited in the wild.**
   *[other] {" "}**{ $exploited } of them fix vulnerabilities that are exploited in the wild.**
 }
announcement-again = **Announced again because it got worse**
announcement-affected = { $nodes } of { $of ->
    [one] { $of } node
   *[other] { $of } nodes
 }
announcement-owner = {" · owner: "}{ $owner }
announcement-follows = Plan for these patches: { $run }
announcement-note = Found on { $at }. { $levels } Scores come from the NVD, known exploitation from CISA KEV. This product uses the NVD API but is not endorsed or certified by the NVD.
clause-known-exploited = CISA: known to be exploited, listed on { $added }, due { $due }{ $ransomware ->
    [0] {""}
   *[other] , used by ransomware
 }
patch-line = **{ $rating }** { $id } { $title } · { $nodes ->
    [one] 1 node
   *[other] { $nodes } nodes
 }
rating-scored = { $level } { $score }{ $exploited ->
    [0] {""}
   *[other] {" · EXPLOITED"}
 }
rating-estimated = { $level } (estimated){ $exploited ->
    [0] {""}
   *[other] {" · EXPLOITED"}
 }
rating-unrated = { $level }{ $exploited ->
    [0] {""}
   *[other] {" · EXPLOITED"}
 }
scored-by = { $cve } · CVSS { $version } by { $source }
levels = Levels follow the CVSS base score: III is 7.0 to 10.0, II is 4.0 to 6.9, I is 0.0 to 3.9. “Estimated” follows the vendor's severity, because there is no score. “Unrated” means that neither is known.
level-three = III
level-two = II
level-one = I
level-unrated = unrated
separator = {", "}
drill-mark = DRILL: nothing here is real
