# 実際のコンプライアンス。

compliance-title = パッチコンプライアンス
compliance-title-after = { $run } 後のパッチコンプライアンス
compliance-no-nodes = ノードが見つかりません
compliance-summary = **{ $percent }%**・{ $nodes } ノード中 { $compliant } ノード準拠{ $not ->
    [0] {""}
   *[other] 、非準拠 { $not }
 }{ $reboot ->
    [0] {""}
   *[other] （うち再起動待ちのみ { $reboot }）
 }{ $unknown ->
    [0] {""}
   *[other] 、**不明 { $unknown }**
 }
compliance-chart = コンプライアンス別ノード数
compliance-compliant = 準拠
compliance-not-compliant = 非準拠
compliance-unknown = 不明
compliance-unknown-node = 不明：報告がないか、スキャンに失敗しています
compliance-note = { $at } 時点の Systems Manager の報告による。最も古い報告は { $oldest } のものです。
compliance-all = すべての環境
compliance-unreadable = { $since } から**読み取れていません**: { $why }
compliance-unreadable-do = { $since } から**読み取れていません**: { $why }。対処: { $hint }
