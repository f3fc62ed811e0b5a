# ノードの結果、コマンドの報告、実行の進み具合。

verdict-pending-no-reboot = 適用済みですが、{ $reboot } 件が再起動待ちです。この計画では再起動しません。再起動するまで以前のまま動きます。再起動してから、もう一度 `/patch plan { $environment }` を実行してください
verdict-pending-reboot = 適用済みですが、{ $reboot } 件がまだ再起動待ちです。再起動するまで以前のまま動きます。再起動してから、もう一度 `/patch plan { $environment }` を実行してください
verdict-but-command = （{ $scan ->
    [0] インストール
   *[other] スキャン
 }の報告は「{ $status }」）
verdict-no-answer = 不明：スキャンが正常に終わりませんでした（{ $status }）。Systems Manager でコマンドの出力を確認してください
verdict-silent = { $since } から**不明**：エージェントがそれ以降応答していません（スキャン：{ $status }）。再起動の途中で止まっている可能性があります。インスタンスのコンソールを確認し、復帰したらもう一度 `/patch plan { $environment }` を実行してください
verdict-silent-unlisted = **不明**：エージェントが Systems Manager の一覧にありません（スキャン：{ $status }）。停止、削除、またはエージェントの不在です。インスタンスのコンソールを確認し、復帰したらもう一度 `/patch plan { $environment }` を実行してください
verdict-scan-failed = 不明：スキャンが失敗し、件数がありません。Systems Manager でコマンドの出力を確認してください
verdict-never-ended = 不明：スキャンが終わっていません（報告の日付が 1970 年）。Systems Manager でコマンドの出力を確認してください
verdict-not-a-scan = 不明：このスキャンの ID での報告がスキャンではなく「{ $operation }」です
verdict-old-report = 不明：このスキャンの ID での報告が、送信前の { $at } に終わっています。ノードの時計を確認してください
verdict-foreign-scan = 不明：スキャンが繰り返し上書きされました。上書きしたのは{ $who }です（スナップショット { $snapshot }）。そのスキャンを一時停止してから、もう一度計画してください
verdict-no-report = 不明：スキャンは終わりましたが、パッチ状態が現れません。エージェントがサービスに届いていない可能性があります。Systems Manager でコマンドの出力を確認してください

stranger-command = { $certain ->
    [0] おそらく{" "}
   *[other] {""}
 }コマンド { $id }（{ $commented ->
    [0] { $document }
   *[other] 「{ $comment }」、{ $document }
 }、{ $at }）
stranger-command-undated = { $certain ->
    [0] おそらく{" "}
   *[other] {""}
 }コマンド { $id }（{ $commented ->
    [0] { $document }
   *[other] 「{ $comment }」、{ $document }
 }）
stranger-no-command = コマンド一覧にないスキャン（多くは Systems Manager の関連付けかパッチポリシー）
stranger-unknown = 別のスキャン

column-command = コマンド
command-unheard = 報告なし
command-pending = 未受領
command-in-progress = 実行中
command-delayed = 未受領（遅延）
command-success = 成功
command-failed = 失敗
command-delivery-timed-out = 受領されず
command-execution-timed-out = 開始後、終わらず
command-cancelling = 取り消し中
command-cancelled = 取り消し
command-undeliverable = ノードに到達できず
command-terminated = 打ち切り
command-invalid-platform = 対象外のプラットフォーム
command-access-denied = アクセス拒否

progress-wave = このウェーブ：完了 { $done }・実行中 { $running }・失敗 { $failed }・未開始 { $waiting }
progress-all = 全体：完了 { $done }・実行中 { $running }・失敗 { $failed }・未開始 { $waiting }
progress-likely = これまでのウェーブと同じペースなら { $at } までに終わる見込み
progress-waits = 送信済みのコマンドは遅くとも { $at } まで待ちます
progress-window = { $at } 以降はメンテナンスウィンドウの受付終了のため、新しく始めません
