# 設定と異なる条件の計画：オプションと、承認者への表示。

argument-window = 環境で使えるメンテナンスウィンドウ、または now（すぐ）。省略すると設定どおり
argument-reboot = 適用後に再起動するか。省略すると設定どおり
argument-waves = 最初のウェーブのノード数と、以降のウェーブの割合（例：1/25%）。省略すると設定どおり

parse-option-window = `window` には名前か now が必要です。計画は作成していません。設定どおりでよければ省略するか、{ $usage } と入力してください。
parse-option-reboot = `reboot` に使えるのは yes か no で、「{ $given }」は使えません。計画は作成していません。設定どおりでよければ省略するか、{ $usage } と入力してください。
parse-option-waves = `waves` に「{ $given }」は使えません。計画は作成していません。最初のウェーブのノード数（1～{ $most }）、スラッシュ、以降の各ウェーブの割合（全ノードの 1～100%）の順に入力してください。例：`waves=1/25%`
parse-twice = { $option } が2回指定されており、どちらを使うか分かりません。計画は作成していません。{ $usage } と入力してください。

refusal-needs-window = { $environment } はメンテナンスウィンドウの中でだけ適用するため、すぐには開始できません。計画は作成していません。`window` を省略するか、使えるものを指定してください：{ $windows }。変更できるのは patchbot の管理者だけで、設定で行います。
refusal-unknown-window = 「{ $given }」は { $environment } で使えるメンテナンスウィンドウではありません。計画は作成していません。{ $count ->
    [0] 設定にウィンドウがないため、`window` を省略してください。
   *[other] `window` を省略するか、次のどれかを指定してください：{ $windows }。
 }

departs = （**設定：{ $configured }**）
configured-reboot-if-needed = 再起動あり
configured-no-reboot = 再起動なし
configured-waves = 最初に { $canary } ノード、以降は { $percent }% ずつ
configured-start-now = 承認されしだい
configured-start-window = ウィンドウ { $window }

button-plan-with = { $several ->
    [0] 条件を指定して計画…
   *[other] { $environment } を条件付きで計画…
 }

form-plan-title = 条件を指定して計画
form-plan-text = 変更しない項目は設定どおりです。設定と異なる点は、計画のカードで承認者に示します。
form-plan-environment = 環境
form-plan-window = メンテナンスウィンドウ
form-plan-reboot = 適用後の再起動
form-plan-canary = 最初のウェーブのノード数
form-plan-percent = 以降の各ウェーブの割合（全ノードの %）
form-plan-configured = 設定どおり{ $known ->
    [0] {""}
   *[other] （{ $environment }：{ $configured }）
 }
form-plan-at-once = ウィンドウなし：承認されしだい
form-plan-reboot-yes = 再起動する
form-plan-reboot-no = 再起動しない
form-plan-empty = 空欄：設定どおり{ $known ->
    [0] {""}
   *[other] （{ $environment }：{ $configured }）
 }。または：{ $all }
form-plan-submit = 計画を作成

mistake-environment = { $named ->
    [0] 環境が必要です。
   *[other] 「{ $given }」という環境はありません。
 }次のどれかを選んでください：{ $known }。
mistake-needs-window = { $environment } はメンテナンスウィンドウの中でだけ適用するため、すぐには開始できません。設定どおりのままにするか、次のどれかを選んでください：{ $windows }。
mistake-unknown-window = { $environment } では「{ $given }」を使えません。{ $count ->
    [0] 設定にウィンドウがないため、設定どおりのままにしてください。
   *[other] 設定どおりのままにするか、次のどれかを選んでください：{ $windows }。
 }
mistake-reboot = yes か no で入力してください。「{ $given }」は使えません。空欄なら設定どおりです。
mistake-canary = 1 から { $most } までの整数（ノード数）で入力してください。「{ $given }」は使えません。空欄なら設定どおりです。
mistake-percent = 1 から 100 までの整数で入力してください。「{ $given }」は使えません。空欄なら設定どおりです。
refusal-mistaken = 正しくない項目があるため、計画は作成していません。`/patch plan` でもう一度入力画面を開くか、コマンドに続けてオプションを入力してください。
