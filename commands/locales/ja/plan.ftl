# 設定と異なる条件の計画：オプションと、承認者への表示。

argument-window = 環境で使えるメンテナンスウィンドウ、または now（すぐ）。省略すると設定どおり
argument-reboot = 適用後に再起動するか。省略すると設定どおり
argument-waves = 最初のウェーブのノード数と、以降のウェーブの割合（例: 1/25%）。省略すると設定どおり

parse-option-window = `window` には名前か now が必要です。計画していません。設定どおりでよければ省略するか、{ $usage } と入力してください。
parse-option-reboot = `reboot` に使えるのは yes か no で、「{ $given }」は使えません。計画していません。設定どおりでよければ省略するか、{ $usage } と入力してください。
parse-option-waves = `waves` に「{ $given }」は使えません。計画していません。最初のウェーブのノード数（1～{ $most }）、スラッシュ、以降の各ウェーブの割合（全ノードの 1～100%）の順です。例：`waves=1/25%`
parse-twice = { $option } が2回あり、どちらを使うか分かりません。計画していません。{ $usage } と入力してください。

refusal-needs-window = { $environment } はメンテナンスウィンドウの中でだけ適用するため、すぐには開始できません。計画していません。`window` を省略するか、使えるものを指定してください：{ $windows }。変更できるのは patchbot の管理者だけで、設定で行います。
refusal-unknown-window = 「{ $given }」は { $environment } で使えるメンテナンスウィンドウではありません。計画していません。{ $count ->
    [0] 設定にウィンドウがないため、`window` を省略してください。
   *[other] `window` を省略するか、次のどれかを指定してください：{ $windows }。
 }

departs = （**設定では { $configured }**）
configured-reboot-if-needed = 再起動あり
configured-no-reboot = 再起動なし
configured-waves = 最初に { $canary } ノード、以降は { $percent }% ずつ
configured-start-now = 承認されしだい
configured-start-window = ウィンドウ { $window }
