# ウェーブを送信する直前の確認：ほかの適用作業と、環境から外れたノード。

held-up = **ウェーブ { $wave } は待機中です。ほかの作業が同じノードにパッチを適用しています。** 1つのノードで2つの適用が重なると互いの結果が壊れるため、終わるまで何も送信しません。1分ごとに確認し、終われば自動で続けます。待てない場合は、その作業を開始元で止めるか、{ $started ->
    [0] **却下**を押して
   *[other] この実行を中止して
 }ください。
overlap-command = { $whose ->
    [0] 別の誰かのコマンド
    [1] patchbot の別の実行 { $run } のコマンド
   *[other] patchbot の定期スキャンのコマンド
 } { $id }（{ $document }）{ $dated ->
    [0] {""}
   *[other] 、{ $at } 送信
 }{ $commented ->
    [0] 、コメントなし
   *[other] 、コメント「{ $comment }」
 }：このウェーブの { $nodes } ノードで未完了
overlap-window = メンテナンスウィンドウ { $name }（{ $id }）が実行中で、{ $document } で適用しています{ $dated ->
    [0] {""}
   *[other] （{ $at } から）
 }：このウェーブの { $nodes } ノードが対象
overlap-association = State Manager の関連付け{ $named ->
    [0] {" "}{ $id }{" "}
   *[other] {" "}{ $name }（{ $id }）
 }が実行中で、{ $document } で適用しています{ $dated ->
    [0] {""}
   *[other] （{ $at } から）
 }：{ $counted ->
    [0] このウェーブのノードが対象に含まれる可能性があります（ターゲットからは特定できません）
   *[other] このウェーブの { $nodes } ノードが対象
 }。終わるまでお待ちください。今後重ならないよう、関連付け、またはそれを作成した Quick Setup のパッチポリシーから、これらのノードを外してください
overlap-run = { $run } がこのウェーブの { $nodes } ノードで作業中
overlap-more = ほか { $more } 件
silent = **ウェーブ { $wave } の { $nodes } ノードが応答しません**（{ $names }）。何も送信せず、「不明」として数えます。
left-out = 承認後に環境から外れた **{ $nodes } ノードを除外しました**：{ $names }。何も送信しておらず、この実行はそれらについて何も検証しません。残りのノードで続けます。
left-out-before = { $run } は、その時点で環境から外れていた **{ $nodes } ノードを除いて**検証しました：{ $names }。検証されたのは残りのノードです。
gone-not-managed = 管理対象外（終了、停止、登録解除のいずれか）
gone-untagged = パッチグループから外れています
gone-in-two-groups = タグ { $tag } と { $other } の値が異なり、2つのパッチグループに属しています。どちらかのタグを削除するか、同じ値にしてください
gone-node = { $node }（{ $why }）
in-two-groups = **{ $nodes } ノードが2つのパッチグループに属しています**。{ $environment } のグループと別のグループの両方に属するため、どの環境にも含めていません：{ $names }。タグ { $tag } と { $other } の値が異なります。解決するまで計画には数えず、何も送信しません。どちらかのタグを削除するか、両方を同じ値にしてください。
in-two-groups-then = 計画時に**2つのパッチグループに属していた { $nodes } ノードを含みません**：{ $names }。この実行からは何も送信していません。
in-two-groups-node = { $name }（{ $id }、{ $environment } を指すのはタグ { $tag }）
verdict-not-sent = **不明**：ウェーブの直前にエージェントが応答しなかったため、何も送信していません。インスタンスが停止または停滞している可能性があります。確認し、応答するようになったら、もう一度 `/patch plan { $environment }` を入力してください
verdict-left-out = 除外：{ $why }

fact-on-drift-label = ノードが外れたとき
fact-on-drift = ウェーブの前に環境から外れたノードは**除外**し、残りで続けます

run-lead-nodes-gone = 承認後に**ウェーブ { $wave } の { $nodes } ノードが環境から外れました**：{ $names }。この環境ではそれらなしでは続けないため、ウェーブ { $wave } 以降は送信していません。前のウェーブのノードは完了しています。残っているノードで計画し直してください。

story-held-up = ウェーブ { $wave } は待機中です。ほかの作業が同じノードにパッチを適用しています。{ $overlaps }
story-cleared = ウェーブ { $wave } のノードへのほかの適用は終わりました。実行を続けます。
story-silent = ウェーブ { $wave } の { $count } ノードが応答しません：{ $nodes }。何も送信せず、「不明」として数えます。
story-left-out = 環境から外れたため、ウェーブ { $wave } の前に除外しました：{ $nodes }。何も送信していません。
story-nodes-gone = ノードが環境から外れたため、ウェーブ { $wave } の前に中止しました：{ $nodes }。
