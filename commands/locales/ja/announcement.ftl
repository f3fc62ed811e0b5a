# チャンネルに知らせるべき新しいパッチ。

announcement-title = 急ぎのパッチが { $patches } 件あります
announcement-lead = 直近のスキャンによると、次のパッチが未適用です。{ $exploited ->
    [0] {""}
   *[other] **{ $patches ->
        [1] 実際に悪用されている脆弱性を修正します。
       *[other] うち { $exploited } 件は、実際に悪用されている脆弱性を修正します。
     }**
 }
announcement-again = **状況が悪化したため再通知**
announcement-affected = { $of } ノード中 { $nodes } ノード
announcement-owner = ・担当：{ $owner }
announcement-follows = これらのパッチの計画：{ $run }
announcement-note = { $at } に検出。{ $levels }スコアは NVD、悪用の有無は CISA KEV によります。This product uses the NVD API but is not endorsed or certified by the NVD.
clause-known-exploited = CISA：悪用確認済み、登録日 { $added }、期限 { $due }{ $ransomware ->
    [0] {""}
   *[other] 、ランサムウェアで使用
 }
patch-line = **{ $rating }** { $id } { $title }・{ $nodes } ノード
rating-scored = { $level } { $score }{ $exploited ->
    [0] {""}
   *[other] ・悪用確認済み
 }
rating-estimated = { $level }（推定）{ $exploited ->
    [0] {""}
   *[other] ・悪用確認済み
 }
rating-unrated = { $level }{ $exploited ->
    [0] {""}
   *[other] ・悪用確認済み
 }
scored-by = { $cve }・CVSS { $version }（{ $source }）
levels = レベルは CVSS 基本値によります：III（危険）7.0～10.0、II（警告）4.0～6.9、I（注意）0.0～3.9。「推定」は基本値がなくベンダーの深刻度によるもの、「未評価」はどちらもないものです。
level-three = III（危険）
level-two = II（警告）
level-one = I（注意）
level-unrated = 未評価
separator = 、
drill-mark = 訓練：ここにあるものはすべて模擬です
