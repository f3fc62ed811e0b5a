# 実行のカードのスレッド。出来事ごとに1行。

story-voted = { $who } が計画 { $digest } を承認しました。
story-withdrawn = { $who } が承認を取り下げました。
story-rejected = { $who } が却下しました：{ $reason }。{ $requester }、何も送信していません。
story-expired = 期限までに必要な承認がそろいませんでした。{ $requester }、何も送信していません。
story-voided = 無効になりました。{ $why }
story-replanned = 新しい計画は { $run } です。改めて承認が必要です。
story-not-replanned = 新しい計画を作成できませんでした。`/patch plan` で依頼してください。
story-approved = { $requester }、計画が承認されました。{ $waits ->
    [0] これから開始します。
   *[other] ウィンドウの { $starts } に開始します。
 }
story-wave = ウェーブ { $wave }/{ $waves } を開始：{ $nodes }。
story-adopted = AWS で{ $dispatch }が見つかりました（{ $command }）。実行はそこから続けます。再送信はしていません。
story-refused = AWS が{ $dispatch }を拒否しました。{ $why }。{ $nodes } には何も送信していません。{ $rest ->
    [0] {""}
   *[other] 残りの { $rest } ノードには新しいコマンドで送信します。
 }
story-held-back = 保留中：AWS によると、{ $nodes } のインストールは成功していません（許容は { $budget } ノード）。それだけでは何も証明しないため、これらのノードを新しくスキャンして判断します。それまで、ウェーブ { $wave } にはこれ以上何も送信しません。
story-uncertain = { $dispatch }が AWS に届いたか分かりません。{ $why }。コマンドを探しています。
story-asked = AWS で{ $dispatch }が見つかりません。{ $approvers }、確認してカードで判断してください。
story-not-sent = { $who } が、{ $dispatch }は送信されていないと申告しました：{ $reason }。もう一度送信します。
story-scan-again = AWS に{ $dispatch }が現れませんでした。スキャンは2回行っても害がないため、もう一度送信します。
story-cancel = AWS に{ $dispatch }の取り消しを依頼しました。すでに始めたノードは完了することがあります。
story-overwritten = { $nodes } で{ $dispatch }の報告が{ $who }に上書きされました。スキャンは2回行っても害がないため、もう一度送信します。続くようなら、実行が終わるまでそのスキャンを一時停止してください。
story-judged = ウェーブ { $wave } を新しいスキャンで判定：{ $all } ノード中 { $good } ノード準拠{ $planned ->
    [0] {""}
   *[other] 、{ $planned } ノードは計画どおりですが非準拠
 }。
story-bad-node = { $node }：{ $result }
story-withdrawn-install = 先に実行が中止されたため、送信していません：{ $dispatch }。
story-adopted-by = { $who } が AWS で{ $dispatch }を見つけました（{ $command }）：{ $reason }。同じノードに対する同じ操作のコマンドであることを AWS で確認しました。実行はそこから続けます。再送信はしていません。
story-doubled = **AWS に{ $dispatch }のコマンドが { $commands } 件あります。** ノードが2回以上適用・再起動されるおそれがあります。ほかのコマンド：{ $others }。すべてを終了まで追跡してから判定します。{ $approvers }、誰が送信したのか Run Command で確認してください。
story-forgotten = { $dispatch }が AWS に届いたかは、もう確かめられません。AWS のコマンド一覧は30日分だけです。{ $approvers }、カードで判断してください。
story-ran = 実行されています：{ $dispatch }。対象の { $all } ノード中 { $nodes } ノードがスナップショット ID を報告しています。再送信はしません。
story-given-up = { $dispatch }が AWS に届いたかは最後まで分かりませんでした。対象ノードをスキャンして実際の状態を確かめます。
story-called-off = { $why }新しいインストールは送信しません。実行中のものは AWS に取り消しを依頼し、終了まで追跡します。
story-stopped = { $who } が実行を中止しました：{ $reason }。
story-installs-failed = ウェーブ { $wave } の途中で中止しました：新しいスキャンでも失敗 { $bad } 件、許容 { $budget } 件。{ $nodes }。
story-ended = { $requester }、中止しました。進行中のものはありません。{ $judged ->
    [0] 判定したノードはありません。
   *[other] 新しいスキャンで { $judged } ノード中 { $good } ノードが準拠しています。
 }{ $untouched ->
    [0] 未着手のノードはありません。
   *[other] { $untouched } ノードは未着手です。
 }
story-over-budget = ウェーブ { $wave } の後で中止しました：失敗 { $bad } 件、許容 { $budget } 件。{ $nodes }
story-window-closed = 中止しました：ウェーブ { $wave }、またはその残りを行う時間がウィンドウにありません。
story-finished = { $requester }、終了しました：{ $nodes } ノード中 { $compliant } ノード準拠。{ $left ->
    [0] {""}
   *[other] ほかに { $left } ノードを除外しました。
 }
and-more = ほか { $more } 件

reminder-stop-stands = 緊急停止してから { $days } 日たちました。インストールもスキャンも送信していません。再開するには `/patch resume` と理由を入力してください。
