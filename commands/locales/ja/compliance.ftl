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
compliance-note = { $at } 時点の Systems Manager の報告によります。数えた報告のうち最も古いものは { $oldest } のものです。
compliance-note-looks = { $at } から { $last } までの Systems Manager の報告によります。数えた報告のうち最も古いものは { $oldest } のものです。
compliance-never-reported = 不明：まだ一度も報告がありません。次回の定期スキャンを待つか、`/patch plan` を入力してください
compliance-scan-failed = 不明：直近のスキャンに失敗しています。Systems Manager でコマンドの出力を確認してください
compliance-agent-silent = { $at } から不明：エージェントがそれ以降応答していません。インスタンスのコンソールを確認してください
compliance-agent-silent-undated = 不明：エージェントが応答しません。インスタンスのコンソールを確認してください
compliance-old-report = { $at } から不明：最後の報告がその時点のもので、古すぎるため数えません
compliance-more-nodes = ほか { $more } ノード：`/patch compliance`
compliance-all = すべての環境
compliance-unreadable = { $since } から**読み取れません**。{ $why }
compliance-unreadable-do = { $since } から**読み取れません**。{ $why }。{ $hint }
compliance-refused = **{ $environment } の直近のスキャンから除外しました**。AWS が次の { $nodes } ノードへの送信を拒否したためです：{ $names }{ $more ->
    [0] {""}
   *[other] 、ほか { $more } ノード
 }。ほかのノードはスキャンしました。{ $why }。
