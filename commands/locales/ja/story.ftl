# 実行のカードのスレッド。出来事ごとに1行。

story-voted = { $who } が計画 { $digest } を承認しました。
story-withdrawn = { $who } が承認を取り下げました。
story-rejected = { $who } が却下しました：{ $reason }。{ $requester }、何も送信していません。
story-expired = 期限までに判断がありませんでした。{ $requester }、何も送信していません。
story-voided = 無効になりました。{ $why }
story-replanned = 新しい計画は { $run } です。改めて承認が必要です。
story-not-replanned = 新しい計画を作成できませんでした。`/patch plan` で依頼してください。
story-approved = { $requester }、必要な承認がそろいました。{ $waits ->
    [0] いま開始します。
   *[other] ウィンドウの { $starts } に開始します。
 }
story-wave = ウェーブ { $wave }/{ $waves } を開始：{ $nodes }。
story-adopted = AWS で見つかりました：{ $dispatch }（{ $command }）。そこから続けます。再送信はしていません。
story-refused = AWS が{ $dispatch }を拒否しました：{ $why }。対象ノードには何も送信していません。
story-uncertain = { $dispatch }が AWS に届いたか分かりません：{ $why }。確認しています。
story-asked = AWS で見つかりません：{ $dispatch }。{ $approvers }、確認してカードで判断してください。
story-not-sent = { $who } が{ $dispatch }は送信されていないと判断しました：{ $reason }。もう一度送信します。
story-scan-again = AWS に現れませんでした：{ $dispatch }。スキャンは2回行っても害がないため、もう一度送信します。
story-cancel = AWS に{ $dispatch }の取り消しを依頼しました。すでに始めたノードは完了することがあります。
story-overwritten = { $nodes } で{ $dispatch }の報告が{ $who }に上書きされました。スキャンは2回行っても害がないため、もう一度送信します。続くようなら、実行が終わるまでそのスキャンを一時停止してください。
story-judged = ウェーブ { $wave } を新しいスキャンで判定：{ $all } ノード中 { $good } ノード準拠。
story-bad-node = { $node }：{ $result }
story-over-budget = ウェーブ { $wave } の後で中止：問題 { $bad } 件、許容 { $budget } 件。{ $nodes }
story-window-closed = ウェーブ { $wave } の前で中止：ウィンドウの時間が足りません。
story-finished = { $requester }、終了しました：{ $nodes } ノード中 { $compliant } ノード準拠。
and-more = ほか { $more } 件
