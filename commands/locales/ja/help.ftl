# /patch help と、読み取れなかったコマンドへの回答。

help-title = できること
help-fallback = コマンド：status、mine、list、show、plan、approve、reject、runs、compliance、stop、resume、notify、help。
help-note = 回答は本人だけに表示されます。全員に関わることはチャンネルに投稿されます。
help-status = 各環境の状況と、判断待ちのもの。
help-mine = あなたの判断待ち、実行中のもの、各環境の状況。
help-list = 未適用のパッチを深刻な順に。レベルは III、II、I、unrated。
help-show = パッチ、CVE、実行の詳細。
help-plan = いま未適用のものから計画を作成し、承認を求めます。省略した条件は設定どおりで、環境も省略するとダイアログで尋ねます。
help-approve = 承認待ちの計画を承認します。カードのボタンと同じです。
help-reject = 承認待ちの計画を却下します。理由が必要で、依頼者が読みます。
help-runs = すべての実行を新しい順に。
help-compliance = Systems Manager の現在の報告。問題のあるノードは個別に。
help-stop = 緊急停止：誰かが再開するまで、再起動後も含めて何も送信しません。実行を指定すると、その実行だけを中止します（再開はできません）。
help-resume = 停止後に再開します。
help-help = この一覧、または1つのコマンドの説明。
usage-status = {""}
usage-mine = {""}
usage-list = [レベル]
usage-show = <パッチ | CVE | 実行>
usage-plan = [環境] [window=名前|now] [reboot=yes|no] [waves=最初の台数/割合%]
usage-approve = [実行]
usage-reject = [実行] <理由>
usage-runs = {""}
usage-compliance = [環境]
usage-stop = [実行] <理由>
usage-resume = <理由>
usage-help = [コマンド]
parse-too-long = { $length } 文字あります。コマンドは { $limit } 文字までです。何も実行していません。短くするか、`/patch help` と入力してください。
parse-unknown = 「{ $given }」というコマンドはありません。何も実行していません。`/patch help` で一覧を表示します。
parse-unknown-suggest = 「{ $given }」というコマンドはありません。何も実行していません。{ $usage } のことですか？
parse-not-yet = 「{ $verb }」は予定されていますが、まだありません。何も実行していません。`/patch help` で一覧を表示します。
parse-missing = 何も実行していません。{ $why } { $usage } と入力してください。
parse-unusable = 「{ $verb }」では「{ $given }」を使えません。何も実行していません。{ $usage } と入力してください。
missing-plan = 環境を指定してください。
missing-show = 表示するものを指定してください。
missing-reject = 理由が必要です。計画の依頼者が読みます。
missing-stop = 理由が必要です。全員が知りたがります。
missing-resume = 理由が必要です。なぜ再開しても安全ですか。

argument-verb = 説明するコマンド
argument-level = このレベルのパッチのみ
argument-environment = 環境名
argument-run = 実行名（例: verification-3）。省略すると、承認待ちが1件だけの場合にそれを選びます
argument-subject = パッチ、CVE、または実行
argument-reason = 理由（全員に表示されます）
