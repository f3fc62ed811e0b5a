# 検証されたもの、未検証のため計画から外したもの、何も証明しない報告。

run-title-as-planned = { $environment } は計画どおり適用済みですが、準拠していません（{ $run }）
run-lead-as-planned = 計画のパッチはすべて適用済みですが、**計画に含まれないものがベースラインではまだ未適用です**。{ $nodes } ノード中 { $compliant } ノードが準拠しています。このため、この実行は次の環境の検証にはなりません。{ $available ->
    [0] {""}
   *[other] ベースラインが承認せず、非準拠として数えるセキュリティ更新が公開されています。
 }{ $patches ->
    [0] {""}
   *[other] 未適用：{ $names }
 }
run-proven-definitions = 定義の更新は毎日出るため、また未適用になっています。検証の対象外で、何も妨げません：{ $names }

run-lead-scans-left-out = { $patches } 件のパッチが未適用ですが、まだどれもインストールできないため、**この実行では何もインストールしません**。全ノードをスキャンします。理由は下のとおりです。
run-lead-scans-unclear = **この実行では何もインストールしません。未適用のものがあるかどうか分かりません。** 全ノードをスキャンして確認します。
run-lead-scans-silent = **この実行では何もインストールしません。** 応答しているノードに未適用のものはありません。**{ $silent } ノードは応答がなく**、何が未適用か分かりません。応答するノードをスキャンします。
run-left-out = **未適用ですが、この実行ではインストールしません：** { $names }
run-left-out-patch = { $id }（{ $why }）
run-left-out-version = { $id } { $title }（{ $why }）
run-unclear = **{ $nodes } ノードは、何が未適用か分かりません：** { $names }
run-newer = **未検証の新しいバージョンがあります。** この実行では検証済みのものを適用します：{ $names }
run-newer-version = { $id } { $proven }（{ $newer } は適用しません）
run-definition = （定義の更新：検証の対象外で、ベースラインの現在の内容を適用します）

why-left-out-not-proven = 未検証
why-left-out-newer = 検証済みで適用済みの { $proven } より新しい
why-left-out-disagreed = 未検証：検証環境のノードでバージョンが異なります
why-left-out-not-pinnable = 固定できません：名前またはバージョンに、固定用のパッチ一覧へ安全に書けない文字が含まれています
why-left-out-definition = 定義の更新

unproven-not-read = { $run } は正常に終わりましたが、ノードに適用済みのものを読み取れなかったため、何が検証されたか分かりません。読み取り用ロールに ssm:DescribeInstancePatches があることを確認してから、もう一度実行してください。
unproven-moved = { $run } は、この環境の現在の設定とは別のアカウント、リージョン、またはパッチグループで実行されたため、現在のノードについては何も検証していません。現在の設定で実行してください。

verdict-still-missing = 計画どおりですが非準拠、{ $installed } 件適用済み{ $patches ->
    [0] {""}
   *[other] 、未適用：{ $names }
 }{ $available ->
    [0] {""}
   *[other] 、ベースラインが非準拠として数えるセキュリティ更新 { $available } 件
 }
verdict-definitions = 毎日出る定義の更新（{ $names }）を除いて準拠、{ $installed } 件適用済み

doubt-no-counts = 不明：直近のスキャンに失敗しています。Systems Manager でコマンドの出力を確認してください
doubt-list = 不明：未適用または失敗したパッチの件数と一覧が一致しません。もう一度スキャンしてください。それでも変わらない場合は、Systems Manager でコマンドの出力を確認してください
doubt-counts = 不明：レポートが矛盾しています（未適用・失敗・拒否・再起動待ちはいずれも 0 件なのに、非準拠の件数は 0 ではありません）。もう一度スキャンしてください。それでも変わらない場合は、Systems Manager でコマンドの出力を確認してください
doubt-baseline = 不明：パッチグループに登録されたものとは**別のベースライン**（{ $baseline }）で判定されています。スキャンしているパッチポリシーや関連付けがないか確認してから、もう一度スキャンしてください
doubt-security = 不明：ベースラインが承認していないセキュリティ更新が公開されていますが、その扱いがベースラインで指定されていません。利用可能なセキュリティ更新のコンプライアンス状態をベースラインで設定してください

compliance-left-by-plan = **{ $environment } には、{ $run } の計画から外されたものが未適用のまま残っています：** { $names }
