# 個人あての通知と、その設定。

help-notify = 計画があなたの判断待ちになったとき、ダイレクトメッセージで知らせるか。on、off、省略すると現在の設定。
usage-notify = [on | off]
argument-switch = on または off。省略すると現在の設定を表示します

notify-title = ダイレクトメッセージ
notify-off = **オフ**です。patchbot はこのプラットフォームではあなたにダイレクトメッセージを送りません。`/patch notify on` と入力すると、計画があなたの判断待ちになるたびに送ります。
notify-on = { $at } から**オン**です。計画があなたの判断待ちになると、patchbot がこのプラットフォームでダイレクトメッセージを送ります。`/patch notify off` で止まります。
notify-closed = **前回のメッセージを届けられなかったため、もう送っていません：** { $why }。このアプリやサーバーのメンバーからのダイレクトメッセージを許可してから、もう一度 `/patch notify on` と入力してください。
notify-trouble = **前回のメッセージをまだ届けられていません：** { $why }。計画が承認待ちの間は送り直します。詳しくは patchbot の管理者がログで確認できます。
notify-not-named = 現在、あなたを承認者としている環境はないため、お知らせするものはありません。

asked-title = 判断をお願いします：{ $environment }（{ $run }）
asked-title-voted = 投票済み：{ $environment }（{ $run }）
asked-title-decided = 判断済み：{ $environment }（{ $run }）
asked-title-over = 判断待ちではなくなりました：{ $environment }（{ $run }）
asked-text = **{ $environment }** の { $nodes } ノード{ $patches ->
    [0] のスキャンです。
   *[other] に { $patches } 件のパッチ（最も深刻：レベル { $worst }）。
 }依頼者：{ $who }。必要な承認は { $quorum } 人、期限は { $until } です。
asked-link = カードを見て判断する
asked-link-over = カードを見る
asked-no-link = カードはチャンネルにあります。`/patch mine` であなたの判断待ちを表示します。
asked-note = 通知を希望されたためお送りしています。`/patch notify off` で止まります。
asked-voted = あなたの承認は数えられました。{ $until } までほかの人の判断を待っています。
asked-approved = { $voters } が承認しました。判断することはもうありません。
asked-rejected = { $who } が却下しました：{ $reason }。何も送信していません。
asked-expired = 期限までに判断がありませんでした。何も送信していません。
