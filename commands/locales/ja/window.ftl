# 計画後にメンテナンスウィンドウがどう変わったか、なぜ使えないか。

window-deleted = 削除されました。
window-disabled = 無効になっています。
window-not-reaching = この環境のすべてのノードを対象にしているとは言えなくなりました：{ $why }
window-several = 同じ名前のウィンドウがほかにもあります：{ $others }。どれのことか判断できません。
window-moved = { $was } に開く予定でしたが、次に開くのは { $is } です。
window-moved-away = { $was } に開く予定でしたが、もう開きません。
window-changed-since = 開く予定の時刻を過ぎた { $at } に変更されました。予定の時刻に無効だった可能性があり、予定どおりに開いたかどうか確認できません。
window-redefined = { $part }：変更前 { $was }、変更後 { $is }
window-part-name = 名前
window-part-schedule = スケジュール
window-part-time-zone = スケジュールのタイムゾーン
window-part-offset = スケジュールからの日数（オフセット）
window-part-duration = 期間（時間）
window-part-cutoff = カットオフ（時間）
window-part-start-date = 開始日
window-part-end-date = 終了日
window-part-none = なし

window-no-such = この名前のウィンドウは Systems Manager にありません。
window-which = この名前のウィンドウが複数あり、どれのことか判断できません：{ $ids }。1つを残して、名前を変えるか無効にしてください。
window-is-disabled = ウィンドウ { $id } は無効です。有効にするか、設定で別のウィンドウを指定してください。
window-never-opens = ウィンドウ { $id } はもう開きません。期日またはスケジュールが過ぎています。
window-is-not-reaching = ウィンドウ { $id } は、この環境のすべてのノードを対象にしているとは言えません：{ $why }
window-reach-none = ターゲットが登録されていません。タグ PatchGroup だけで、値をこのパッチグループにしたターゲットを登録してください。
window-reach-elsewhere = ターゲットは別のノード向けです。タグ PatchGroup だけで、値をこのパッチグループにしたターゲットを登録してください。
window-reach-joined = パッチグループを指定したターゲットに { $tags } の条件も付いていて、両方を満たすノードだけが対象です。タグ PatchGroup だけのターゲットを登録してください。
window-reach-other-tags = ターゲットが { $tags } で選ばれているため、対象外のノードがあるかもしれません。タグ PatchGroup だけのターゲットを登録してください。
window-reach-resource-group = リソースグループが対象で、patchbot はそのノードを調べません。タグ PatchGroup だけのターゲットを登録してください。
window-reach-not-named = ノードを個別に指定していて、この環境の { $nodes } 台が含まれていません。タグ PatchGroup だけのターゲットを登録してください。

run-lead-window-changed = メンテナンスウィンドウが承認の後に変わったため、承認は無効です：{ $changes }
    何も送信していません。ウィンドウがまだ使える場合は、新しい計画を作成します。使えない場合は、ウィンドウを直してから計画し直してください。
run-lead-halted-window-changed = **実行中にメンテナンスウィンドウが変更された**ため、ウェーブ { $wave } 以降はこれ以上何も送信していません：{ $changes }
    それまでに送信したものは終了まで追跡しました。ウィンドウを直してから、残りのノードについて計画し直してください。
story-window-changed = メンテナンスウィンドウが変更されたため、ウェーブ { $wave } を進める前に中止しました：{ $changes }
