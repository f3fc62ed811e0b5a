# コマンドへの本人だけの回答。

status-title = 現在の状況
status-stopped = { $who } が { $at } に**停止**しました：{ $reason }。再開するには `/patch resume` と理由を入力してください。
status-unheard = **{ $place }** には { $at } から投稿できません：{ $why }。投稿できるようになり次第、未投稿分を投稿します。ほかの処理は止まりません。
status-run = { $run } { $phase }・{ $proven }
status-no-run = 実行なし・{ $proven }
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
status-not-scanned = 状況は読み取れますが、ノードをスキャンできませんでした: { $why }。不足しているパッチの情報は古い可能性があります。
status-more = ほか { $more } 環境。数値は `/patch compliance` で確認できます。
phase-waiting = 承認待ち
phase-blocked = 検証待ち
phase-approved = 承認済み、開始待ち
phase-running = 実行中
phase-ending = 中止、終了待ち
phase-finished = 終了
phase-halted = 中止
phase-rejected = 却下
phase-expired = 期限切れ
phase-voided = 無効
list-title = 未適用のパッチ
list-title-level = 未適用のパッチ：{ $level }
list-none = 報告のあった全ノードの直近のスキャンでは、未適用のパッチはありません。
list-none-unknown = 未適用と分かっているものはありませんが、{ $nodes } ノードの状態が分かりません。`/patch compliance` で確認できます。
list-none-level = 報告のあった全ノードの直近のスキャンでは、{ $level } の未適用パッチはありません。
list-none-unseen = 未適用と分かっているものはありませんが、{ $names } はまだ確認していないか、読み取れません{ $nodes ->
    [0] {""}
   *[other] 。また、{ $nodes } ノードの状態が分かりません
 }。理由は `/patch status` で確認できます。
list-none-yet = まだ何も分かっていません。最初のノード確認が終わっていないためです。1分ほど待ってからやり直してください。
list-more = ほか { $more } 件。絞り込み：`/patch list III`
list-note = 直近のスキャンによる（{ $at } 時点）。{ $levels }
runs-title = 実行の一覧
runs-none = 実行はまだありません。`/patch plan { $environment }` で始めてください。
runs-row = { $phase }・{ $nodes } ノード中 { $compliant } ノード準拠
runs-more = ほかに古い実行が { $more } 件
show-cves = CVE
show-cves-unknown = 不明：ノードまたはディストリビューションが CVE を報告しません
show-where = 未適用のノード数
show-score = スコアの根拠
show-severity = ベンダーの深刻度
show-no-word = なし
show-cves-more = ほか { $more } 件
stop-title = 停止しました
stop-text = { $who } がすべてを停止しました：{ $reason }。新しいコマンドは送信しません。ノードがすでに始めたコマンドは完了することがあります。AWS には取り消しを依頼します。再開するには `/patch resume` と理由を入力してください。
resume-title = 再開しました
resume-text = { $who } がすべてを再開しました：{ $reason }。
done-title = 受け付けました
done-vote = { $run } への承認を受け付けました：{ $quorum } 件中 { $votes } 件。
done-approved = { $run } への承認を受け付けました。必要な承認がそろいました。
done-rejected = { $run } を却下しました。依頼者はスレッドで理由を読みます。
done-withdrawn = { $run } への承認を取り下げました。
done-not-sent = 受け付けました。もう一度送信します。
done-adopted = 記録しました。AWS で確認できたので、最後まで見届けます。
done-stopped = { $run } を中止しました。まだ実行中のものはカードに表示されます。
working-plan = { $environment } のノードを確認して計画を作成しています。計画はチャンネルに表示されます。
working-compliance = Systems Manager に問い合わせています。回答はここに表示されます。
working-title = 処理中です
moment = { $at }
column-run = 実行
column-since = 依頼日時

show-advisory = アドバイザリ
show-released = 公開日
show-held-back = { $id } { $title }：公開済みですが、まだ承認されていません。{ $environment } のベースラインが、少なくとも { $until } までは保留します。

menu-title = 何を表示しますか？
menu-standing = { $waiting ->
    [0] あなたの判断を待っているものはありません。
   *[other] **あなたの判断を待っている計画が { $waiting } 件あります。**
 } { $running ->
    [0] 実行中のものはありません。
   *[other] 実行中のものが { $running } 件あります。
 }
menu-note = これとその回答は、あなただけに表示されます。入力できるものは `/patch help` で一覧できます。
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
desk-waiting = あなたの判断待ち
desk-nothing-waits = あなたの判断を待っているものはありません。
desk-approval = { $nodes } ノード、{ $patches ->
    [0] パッチなし
   *[other] パッチ { $patches } 件（最も深刻：{ $worst }）
 }。依頼者：{ $who } · 承認 { $votes }/{ $quorum } · 期限：{ $until }
desk-under-way = 実行中
desk-nothing-under-way = 実行中のものはありません。
desk-environments = 環境
desk-more = ほか { $more } 件。`/patch runs` と `/patch status` で表示します。

author-policy = {$environment} のポリシー
author-patchbot = patchbot
