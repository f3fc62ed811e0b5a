# 実行のカード。計画から結果まで。

run-title-waiting = { $environment } へのパッチ適用を承認しますか？（{ $run }）
run-title-blocked = { $environment } はまだ承認できません（{ $run }）
run-title-approved = 承認済み：{ $environment } は開始待ちです（{ $run }）
run-title-running = { $environment } にパッチを適用中（{ $run }）
run-title-proven = { $environment } は適用・検証済みです（{ $run }）
run-title-finished = { $environment }：準拠していないノードがあります（{ $run }）
run-title-stopping = 中止処理中：{ $environment }（{ $run }）
run-title-stopped = 中止：{ $environment }（{ $run }）
run-title-rejected = 却下：{ $environment }（{ $run }）
run-title-expired = 期限切れ：{ $environment }（{ $run }）
run-title-voided = 無効：{ $environment }（{ $run }）

run-production = **本番です。** 利用者に影響するノードです。
run-stopped = { $who } が**緊急停止**しました：{ $reason }。誰かが再開するまで、patchbot は新しいインストールもスキャンも送信しません。再開するには `/patch resume` と理由を入力してください。

run-lead-blocked = **承認ボタンはまだありません。** 先に { $needs } の検証が必要です。{ $why } 検証されると、検証済みのものだけを含む新しい計画に置き換わります。
run-lead-only-scans = 未適用のパッチはありません。この実行では何もインストールせず、全ノードをスキャンして確認します。
run-lead-approved = 計画は承認済みです。{ $at } 以降、できるだけ早く開始します。開始するまでは承認を取り下げられます。
run-lead-proven = { $left ->
    [0] 全 { $nodes } ノード
   *[other] 除外していない { $nodes } ノード
 }の新しいスキャンで、未適用、失敗、再起動待ちはありません。
run-lead-finished = 新しいスキャンで **{ $left ->
    [0] {""}
   *[other] 除外していない
 }{ $nodes } ノード中 { $compliant } ノードが準拠**しています。下のノードを確認してから、もう一度計画してください。適用済みのパッチは再適用されません。
run-lead-over-budget = ウェーブ { $wave } で **{ $bad } ノードが失敗**し、計画の許容は { $budget } ノードです。以降のウェーブは開始していません。下のノードを確認してから、もう一度計画してください。
run-lead-window-closed = ウェーブ { $wave }、またはその残りを行う時間がメンテナンスウィンドウにありませんでした。下のノードを確認してから、次のウィンドウに向けて計画し直してください。
run-lead-installs-failed = ウェーブ { $wave } の途中で **{ $bad } ノードのインストールが失敗**し、新しいスキャンでも同じ結果でした。許容は { $budget } ノードです。残りは中止しました。下のノードを確認してから、もう一度計画してください。
run-lead-stopped = { $who } が実行を中止しました：{ $reason }。すでに始まったものは終了まで追跡し、新しいインストールは送信していません。続けても安全な状態になったら、もう一度計画してください。
run-lead-stopping = { $why }**新しいインストールは送信しません。** 実行中のものは AWS に取り消しを依頼しますが、すでに始めたノードは完了することがあります。終了まで追跡してスキャンし、実際の状態を確かめます。計画し直すのはそれまで待ってください。
run-untouched = **未着手：** { $count } ノード。{ $nodes }
run-lead-rejected = { $who } が却下しました：{ $reason }。何も送信していません。
run-lead-expired = 期限までに必要な承認がそろいませんでした。何も送信していません。承認者が対応できるときに計画し直してください。
run-lead-drifted = 承認した内容が変わったため、承認は無効です：{ $changes }
    何も送信していません。新しい計画を作成します。
run-lead-now-proven = 前の環境が { $by } で検証されました。検証済みのものだけを含む新しい計画を作成します。
run-lead-proof-gone = 承認の前提だった検証が成り立たなくなったため、承認は無効です。{ $why } 何も送信していません。
run-lead-too-few-votes = 現在の設定では承認が足りません。現在承認できる人の承認は { $voters } 人、必要なのは { $quorum } 人です。承認の後に、承認者、アカウントの紐付け、または必要な人数が変更されました。何も送信していません。環境が設定に残っていれば、新しい計画を作成します。
run-lead-window-missed = 開始できないままメンテナンスウィンドウが過ぎました。何も送信していません。次のウィンドウに向けて計画し直してください。

unproven-never-run = そこではまだ実行がありません。
unproven-still-running = { $run } がまだ進行中です。
unproven-not-compliant = { $run } は { $nodes } ノード中 { $bad } ノードの準拠を確認できずに終わりました。
unproven-soaking = { $run } は正常に終わり、{ $until } まで経過を見ます。
unproven-too-old = { $run } は { $at } に終わっており、古すぎて検証になりません。
unproven-no-location = 検証済みですが、検証したパッチの一覧を置く場所がありません。patchbot の管理者に、この環境の `override_location` の設定を依頼してください。

run-step-installing = ウェーブ { $wave }/{ $waves }：インストール中、{ $nodes } ノード中 { $installed } ノードが応答
run-step-cancelling = ウェーブ { $wave }/{ $waves }：取り消しを依頼済み、{ $nodes } ノード中 { $open } ノードがまだ応答していません
run-step-scanning = ウェーブ { $wave }/{ $waves }：実際の状態を確認するため、もう一度スキャン中
run-step-judging = ウェーブ { $wave }/{ $waves }：ノードの報告を読み取り中
run-uncertain = **{ $dispatch }が AWS に届いたか分かりません。** { $why }。{ $since } からコマンドを探しています。その間、再送信はしません。
run-uncertain-asked = **{ $dispatch }（{ $nodes } ノード）が AWS に届いたか分かりません。** { $why }。{ $known } 自動では再送信しません。Systems Manager の Run Command のコマンド履歴で、スナップショット ID { $snapshot } のコマンドを探してください。見つかった場合は **引き継ぐ** を押し、コマンド ID を入力してください。ないと確信できる場合は **未送信** を押し、根拠を書いてください。その場合はもう一度送信します。続けたくない場合は **この実行を中止** を押してください。
uncertain-searched = コマンド一覧を { $since } から { $until } まで探しましたが、見つかりません。対象の { $nodes } ノードのうち、このスナップショット ID を報告したノードもありません。引き続き探しています。
uncertain-not-searched = { $since } 以降、AWS に一度も問い合わせできていません。理由は patchbot のログにあります。
uncertain-restarted = 送信を決めてから AWS の応答を受け取るまでの間に、patchbot が再起動しました
run-uncertain-forgotten = **{ $dispatch }（{ $nodes } ノード）が AWS に届いたかは、もう確かめられません。** { $why }。それは { $since } のことで、AWS のコマンド一覧は30日分だけです。自動では再送信しません。ノードそのもので、その日に何がインストールされたかを確認してください。送信されていないと確信できる場合は **未送信** を押し、根拠を書いてください。その場合はもう一度送信します。続けたくない場合は **この実行を中止** を押してください。
run-ran = **実行されています：{ $dispatch }。** 対象の { $nodes } ノード中 { $reported } ノードがこのスナップショット ID（{ $snapshot }）を報告しています。AWS のコマンド一覧にはありませんが、再送信はしません。全ノードが報告するか、待ち時間が過ぎたら終了とします。コマンド ID が分かる場合は **引き継ぐ** を押してください。取り消しもできるようになります。
run-given-up = **{ $dispatch }が AWS に届いたかは最後まで分からず**、その前に実行が中止されました。{ $why }。対象ノードはスキャンしますが、コマンドがその後に始まった場合、この結果には反映されません。
dispatch-name = ウェーブ { $wave } の{ $scan ->
    [0] インストール
   *[other] スキャン
 }{ $chunk ->
    [1] {""}
   *[other] （その { $chunk }）
 }{ $attempt ->
    [1] {""}
   *[other] 、{ $attempt } 回目
 }
run-more-patches = ほか { $more } 件：`/patch show { $run }`
run-more-nodes = ほか { $more } ノード
run-note = 依頼者 { $who }（{ $at }）・計画 { $digest }

voted-at = { $who }（{ $at }）
fact-approved-label = 承認した人
fact-approved = { $voters }
fact-took-label = 時間
fact-took = { $began } から { $ended } まで
fact-began-label = 開始
fact-began = { $began }
fact-ended-label = 終了
fact-ended = { $ended }
record-wave = **ウェーブ { $wave }**、{ $nodes } ノード：{ $began } から { $ended } まで
record-wave-open = **ウェーブ { $wave }**、{ $nodes } ノード：{ $began } から
record-installs = ・インストール { $ids }
record-scans = ・スキャン { $ids }
record-more-commands = ほか { $more } 件：Run Command で、コメントが { $comment } で始まるものを探してください
record-more-waves = ほか { $more } ウェーブ
record-more-waves-shown = ほか { $more } ウェーブ：`/patch show { $run }`

fact-nodes-label = ノード
fact-nodes = { $nodes }{ $windows ->
    [0] {""}
   *[other] { $others ->
        [0] （Windows）
       *[other] 、うち Windows { $windows }
     }
 }{ $offline ->
    [0] {""}
   *[other] 、{ $answering ->
        [0] **応答なし**
       *[other] **応答なし { $offline }**
     }
 }
fact-where-label = 場所
fact-where = アカウント { $account }・{ $region }・パッチグループ { $group }
fact-patches-label = パッチ
fact-patches = { $patches ->
    [0] なし
    [1] 1 件{ $severe ->
        [0] {""}
       *[other] 、レベル III
     }{ $exploited ->
        [0] {""}
       *[other] 、**悪用確認済み**
     }
   *[other] { $patches } 件{ $severe ->
        [0] {""}
       *[other] 、{ $milder ->
            [0] すべてレベル III
           *[other] レベル III { $severe } 件
         }
     }{ $exploited ->
        [0] {""}
       *[other] 、**{ $harmless ->
            [0] すべて悪用確認済み
           *[other] 悪用確認済み { $exploited } 件
         }**
     }
 }
fact-pin-label = 適用内容
fact-pin = { $by } で検証したものだけ{ $definitions ->
    [0] {""}
   *[other] 。ほかに検証の対象外である定義の更新 { $definitions } 件を、ベースラインの内容で適用
 }{ $left-out ->
    [0] {""}
   *[other] （未検証の { $left-out } 件は対象外）
 }
fact-reboot-label = 再起動
fact-reboot-if-needed = パッチの要否にかかわらず、**適用したノードはすべて再起動します**
fact-no-reboot = 再起動しません。再起動が必要なノードは、誰かが再起動するまで非準拠のままです
fact-reboot-only-scans = 再起動はありません。この計画はスキャンだけを行います
fact-waves-label = ウェーブ
fact-waves = { $waves ->
    [1] 一度に全部（{ $sizes }）
   *[other] カナリアから順に { $sizes } ノード
 }、{ $budget ->
    [0] ウェーブ内の1ノードでも失敗すれば中止
   *[other] ウェーブ内の失敗が { $budget } ノードを超えたら中止
 }{ $at-once ->
    [0] {""}
   *[other] 、同時にインストールするのは最大 { $at-once } ノード
 }
fact-start-now-label = 開始
fact-start-now = 承認されしだい
fact-start-window-label = 開始
fact-start-window = ウィンドウ { $window }：{ $opens } から { $closes } まで（{ $hours ->
    [0] {""}
   *[other] { $hours } 時間
 }{ $minutes ->
    [0] {""}
   *[other] { $minutes } 分
 }）
fact-decides-label = 承認者
fact-decides = { $named ->
    [0] **誰も承認できません**：承認者が設定されていません
   *[other] { $by-level ->
        [0] {""}
       *[other] レベル { $level }：
     }{ $approvers }{ $alone ->
        [0] {" "}のうち { $quorum } 人
       *[other] {""}
     }、{ $until } まで{ $votes ->
        [0] {""}
       *[other] 。現在 { $votes } 人：{ $voters }
     }
 }

node-with-id = { $name }（{ $id }）
column-node = ノード
column-id = ID
column-result = 結果
column-environment = 環境

verdict-compliant = 準拠、{ $installed } 件適用済み
verdict-not-compliant = 未適用 { $missing ->
    [0] なし
   *[other] { $missing }
 }{ $failed ->
    [0] {""}
   *[other] 、失敗 { $failed }
 }{ $reboot ->
    [0] {""}
   *[other] 、再起動待ち { $reboot }
 }{ $rejected ->
    [0] {""}
   *[other] 、拒否対象なのに適用済み { $rejected }
 }{ $available ->
    [0] {""}
   *[other] 、未承認のセキュリティ更新 { $available }
 }
verdict-refused = 不明：AWS がコマンドを拒否したため、このノードには何も送信していません。{ $why }。解決したら、もう一度 `/patch plan { $environment }` を入力してください

button-plan = { $environment } を計画
button-approve = 承認
button-reject = 却下…
button-withdraw = 承認を取り下げ
button-adopt = 引き継ぐ：{ $dispatch }…
button-resume = 再開…
button-stop = この実行を中止…
button-not-sent = 未送信：{ $dispatch }…
confirm-approve-title = { $environment } を承認しますか？
confirm-approve-lead = **まだ承認されていません。** **{ $environment }** の { $run } を承認しようとしています：{ $nodes } ノード{ $has-level ->
    [0] のスキャン
   *[other] に { $patches ->
        [1] 1 件のパッチ（レベル **{ $level }**）
       *[other] { $patches } 件のパッチ（最も重いものはレベル **{ $level }**）
     }
 }。承認の対象は下の計画そのものです。
typed-approve-title = { $environment } を承認しますか？
typed-approve-lead = **まだ承認されていません。** 入力したコマンドには計画が表示されないため、入力だけでは承認になりません。現在の { $run } は次のとおりです。内容を確認し、下の **承認** を押してください。
typed-resume-title = すべてを再開しますか？
typed-resume-lead = **まだ再開していません。** { $who } が { $at } に緊急停止しました：{ $reason }。解決したことを確認してから、下の **再開…** を押し、理由を入力してください。入力された理由：{ $typed }
typed-reject-title = { $run } を却下しますか？
typed-reject-lead = **まだ却下されていません。** 現在の { $run } は次のとおりです。下の **却下…** を押し、理由を入力してください。入力された理由：{ $reason }
button-sure = はい、承認する
button-leave = いいえ、キャンセル
confirm-left-title = 何も実行していません
confirm-left = { $run } への承認はしていません。チャンネルのカードはそのままです。
confirm-approve-text = { $run }：{ $environment } の { $nodes } ノード{ $patches ->
    [0] のスキャン
   *[other] に { $patches } 件のパッチ
 }。{ $reboot }。

form-cancel = キャンセル
form-reject-title = 計画の却下
form-reject-text = **{ $run }** を終了し、何も送信しません。依頼者が理由を確認できます。
form-reject-label = 理由
form-reject-hint = 例：四半期末バッチが金曜まで続くため
form-reject-submit = 却下
form-not-sent-title = 送信されていません
form-not-sent-text = **{ $run }** のこのコマンドは AWS に届いていないと申告します。patchbot はもう一度送信します。もし届いていた場合、ノードは2回適用・再起動されます。
form-not-sent-label = 根拠
form-not-sent-hint = 例：02:14 にそのアカウントのコマンド履歴を確認し、なかった
form-not-sent-submit = もう一度送信
form-adopt-title = コマンドの引き継ぎ
form-adopt-text = AWS のどのコマンドが **{ $run }** のこのコマンドなのかを申告します。patchbot は先に AWS に確認します。同じノードに対する同じ操作の AWS-RunPatchBaseline でなければなりません。確認できたら終了まで追跡し、再送信はしません。
form-adopt-command-label = コマンド ID
form-adopt-command-hint = 例：0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a
form-adopt-label = 根拠
form-adopt-hint = 例：02:14 のコマンド履歴にあり、スナップショット ID が一致
form-adopt-submit = 引き継ぐ
form-resume-title = すべての再開
form-resume-text = すべての環境で作業を再開します。承認済みの計画は予定の時刻に始まり、進行中の実行は次のコマンドを送信します。チャンネルの全員が理由を確認できます。
form-resume-label = 理由
form-resume-hint = 例：web-3 のディスクのアラームが解消したため
form-resume-submit = 再開
form-stop-title = この実行の中止
form-stop-text = **{ $run }** を中止します。新しいインストールは送信せず、実行中のものは AWS に取り消しを依頼します。すでに始めたノードは完了することがあり、終了まで追跡してスキャンし、判定します。中止した実行は再開できません。続けるには計画し直してください。
form-stop-label = 理由
form-stop-hint = 例：最初のウェーブから web-3 でディスクのアラーム
form-stop-submit = 中止する

fact-baseline-label = ベースライン
fact-baseline = { $name }{ $more ->
    [0] {""}
   *[other] {" "}ほか { $more } 件
 }
run-drifted-nodes-new = 追加されたノード { $count } 件：{ $names }
run-drifted-nodes-gone = 外れたノード { $count } 件：{ $names }
run-drifted-patches-new = 新たに適用対象になるパッチ { $count } 件：{ $names }
run-drifted-patches-gone = 適用対象から外れるパッチ { $count } 件：{ $names }
run-drifted-baselines = パッチベースラインが別のものに替わったか、変更されました。
run-drifted-in-two-groups = 計画から外れたノードのうち、次のノードは現在2つのパッチグループに属しています：{ $names }。タグ { $tag } と { $other } の値が異なります。どちらかのタグを削除するか、両方を同じ値にしてください。
run-drifted-level = パッチの評価がレベル { $level }に上がりました。このレベルは別の承認者が承認します。
run-lead-level-risen = パッチの評価がレベル { $level }に上がったため、承認は無効です。このレベルは別の承認者が承認します。何も送信していません。新しい計画を作成します。
