# 個人あての通知と、その設定。

help-notify = 計画があなたの承認待ちになったとき、ダイレクトメッセージで知らせるかどうか。
usage-notify = [on | off]
argument-switch = on または off。省略すると現在の設定を表示します

notify-title = ダイレクトメッセージ
notify-off = **オフ**です。patchbot はこのプラットフォームではあなたにダイレクトメッセージを送りません。計画があなたの承認待ちになるたびに受け取るには、`/patch notify on` と入力してください。
notify-on = { $at } から**オン**です。計画があなたの承認待ちになるたびに、patchbot がこのプラットフォームでダイレクトメッセージを送ります。オフにするには `/patch notify off` と入力してください。
notify-closed = **前回のメッセージを届けられなかったため、今後は送りません。** { $why }。このアプリとサーバーのメンバーからのダイレクトメッセージを許可してから、もう一度 `/patch notify on` と入力してください。
notify-trouble = **前回のメッセージをまだ届けられていません。** { $why }。計画が承認待ちの間は送り直します。詳細は patchbot の管理者がログで確認できます。
notify-not-named = 現在、あなたを承認者としている環境はないため、お知らせはありません。

asked-title = 承認のお願い：{ $environment }（{ $run }）
asked-title-voted = 承認しました：{ $environment }（{ $run }）
asked-title-decided = 決定済み：{ $environment }（{ $run }）
asked-title-over = 受付終了：{ $environment }（{ $run }）
asked-text = **{ $environment }** の { $nodes } ノード{ $patches ->
    [0] のスキャンです。
   *[other] に { $patches } 件のパッチ（最も深刻：レベル { $worst }）。
 }依頼者：{ $who }。必要な承認は { $quorum } 人、期限は { $until } です。
asked-link = カードを開いて承認または却下する
asked-link-over = カードを開く
asked-no-link = カードはチャンネルにあります。`/patch mine` であなたの承認待ちを表示します。
asked-note = この通知は、あなたの設定によるものです。オフにするには `/patch notify off` と入力してください。
asked-voted = あなたの承認を数えました。{ $until } までほかの承認を待ちます。
asked-approved = { $voters } が承認しました。対応は不要です。
asked-rejected = { $who } が却下しました：{ $reason }。何も送信していません。
asked-expired = 期限までに必要な承認がそろいませんでした。何も送信していません。
