# コマンドへの本人だけの回答。

status-title = 環境の状況
status-stopped = { $who } が { $at } に**緊急停止**しました：{ $reason }。再開するには `/patch resume` と理由を入力してください。
status-not-posted = { $at } から **{ $place }** に投稿できません。{ $why }。投稿できるようになり次第、未投稿のカードを投稿します。実行には影響しません。
status-run = { $run }：{ $phase }・{ $proven }
status-no-run = 実行はまだありません・{ $proven }
status-proven = { $run } で検証済み
status-not-proven = 未検証。{ $why }
status-fleet = { $nodes ->
    [0] ノードなし
   *[other] { $nodes } ノード
 }{ $missing ->
    [0] {""}
   *[other] { $nodes ->
        [1] （未適用パッチあり）
       *[other] 、うち { $missing } ノードに未適用パッチあり
     }
 }{ $unknown ->
    [0] {""}
   *[other] 、**{ $unknown } ノードは不明**
 }（{ $at } 時点）
status-fleet-unknown = まだ確認していません
status-not-scanned = 状況は読み取れますが、ノードをスキャンできませんでした。{ $why }。未適用のパッチの情報は古い可能性があります。
status-more = ほか { $more } 環境。数値は `/patch compliance` で確認できます。
phase-waiting = 承認待ち
phase-blocked = 前の環境が検証されるまで承認不可
phase-approved = 承認済み、開始待ち
phase-running = 進行中
phase-stopping = 中止処理中
phase-finished = 終了
phase-stopped = 中止
phase-rejected = 却下
phase-expired = 期限切れ
phase-voided = 無効
list-title = 未適用のパッチ
list-title-level = 未適用のパッチ：レベル { $level }
list-none = 報告のあった全ノードの直近のスキャンによると、未適用のパッチはありません。
list-none-unknown = 未適用と分かっているパッチはありませんが、{ $nodes } ノードが不明です。`/patch compliance` で確認できます。
list-none-level = 報告のあった全ノードの直近のスキャンによると、レベル { $level } の未適用パッチはありません。
list-none-unseen = 未適用と分かっているパッチはありませんが、{ $names } を確認できていません{ $nodes ->
    [0] {""}
   *[other] 。ほかの環境でも { $nodes } ノードが不明です
 }。理由は `/patch status` で確認できます。
list-none-yet = ノードの最初の確認がまだ終わっていません。1分ほど待ってからもう一度お試しください。
list-more = ほか { $more } 件。絞り込むには `/patch list III` と入力してください。
list-note = 直近のスキャンによる（{ $at } 時点）。{ $levels }
runs-title = 実行の一覧
runs-none = 実行はまだありません。`/patch plan { $environment }` で最初の計画を作成してください。
runs-row = { $phase }・{ $nodes } ノード中 { $compliant } ノード準拠
runs-more = ほかに古い実行が { $more } 件
show-cves = CVE
show-cves-unknown = 不明：ノードまたはディストリビューションが CVE を報告しません
show-where = 未適用のノード数
show-score = スコアの根拠
show-severity = ベンダーの深刻度
show-no-word = なし
show-cves-more = ほか { $more } 件
stop-title = 緊急停止
stop-text = { $who } が緊急停止しました：{ $reason }。patchbot は新しいインストールもスキャンも送信しません。実行中のコマンドは AWS に取り消しを依頼しますが、すでに始めたノードは完了することがあります。再開するには `/patch resume` と理由を入力してください。
resume-title = 再開
resume-text = { $who } がすべてを再開しました：{ $reason }。
done-title = 完了
done-vote = { $run } への承認を数えました：{ $quorum } 件中 { $votes } 件。
done-approved = 承認を数えました。{ $run } は承認済みです。
done-rejected = { $run } を却下しました。依頼者はスレッドで理由を確認できます。
done-withdrawn = { $run } への承認を取り下げました。
done-not-sent = 記録しました。コマンドをもう一度送信します。
done-adopted = 記録しました。AWS で確認できたため、コマンドの終了まで追跡します。
done-stopped = 記録しました。{ $run } を中止しています。まだ実行中のものはカードに表示されます。
working-plan = { $environment } のノードを確認して計画を作成しています。計画はチャンネルに表示されます。
working-compliance = Systems Manager に問い合わせています。回答はここに表示されます。
working-title = 処理中です
moment = { $at }
column-run = 実行
column-since = 依頼日時

show-advisory = アドバイザリ
show-released = 公開日
show-held-back = { $id } { $title }：公開済みですが、まだ承認されていません。{ $environment } のベースラインが、少なくとも { $until } まで保留します。

menu-title = 何を表示しますか？
menu-standing = { $waiting ->
    [0] あなたの承認を待っている計画はありません。
   *[other] **あなたの承認を待っている計画が { $waiting } 件あります。**
 } { $running ->
    [0] 進行中の実行はありません。
   *[other] 進行中の実行が { $running } 件あります。
 }
menu-note = このメニューと回答は、あなただけに表示されます。コマンドの一覧は `/patch help` で表示します。
menu-mine = { $waiting ->
    [0] あなたへ
   *[other] あなたへ（{ $waiting }）
 }
menu-status = 環境
menu-list = 未適用のパッチ
menu-runs = 実行
menu-compliance = コンプライアンス
menu-help = ヘルプ
menu-plan = 計画…

desk-title = あなたへ
desk-waiting = あなたの承認待ち
desk-nothing-waits = あなたの承認を待っている計画はありません。
desk-approval = { $nodes } ノード、{ $patches ->
    [0] パッチなし
   *[other] パッチ { $patches } 件（最も深刻：{ $worst }）
 }。依頼者：{ $who }・承認 { $votes }/{ $quorum }・期限：{ $until }
desk-under-way = 進行中
desk-nothing-under-way = 進行中の実行はありません。
desk-environments = 環境
desk-more = ほか { $more } 件。`/patch runs` と `/patch status` で表示します。

author-policy = { $environment } のポリシー
author-patchbot = patchbot
