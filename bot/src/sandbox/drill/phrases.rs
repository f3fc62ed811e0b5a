//! The phrases that the script looks for, in the language of the cards. Names, numbers and the text
//! in brackets around a button are the same in all languages.

use commands::text::wording::Locale;

/// Each phrase of the script, and its Japanese form.
const IN_JAPANESE: [(&str, &str); 40] = [
    // Buttons.
    ("Approve", "承認"),
    ("Plan verification", "verification を計画"),
    ("Yes, approve", "はい、承認する"),
    ("[Approve]", "[承認]"),
    ("[Plan verification]", "[verification を計画]"),
    ("[Yes, approve]", "[はい、承認する]"),
    // Cards.
    ("should not wait", "急ぎのパッチ"),
    ("EXPLOITED", "悪用確認済み"),
    ("DRILL", "訓練"),
    ("Approve patching verification?", "verification へのパッチ適用を承認しますか？"),
    ("Approve patching production?", "production へのパッチ適用を承認しますか？"),
    ("reboots", "再起動します"),
    ("Patching verification", "verification にパッチを適用中"),
    ("Patching production", "production にパッチを適用中"),
    ("Wave 1 of 2", "ウェーブ 1/2"),
    ("Wave 2 of 2", "ウェーブ 2/2"),
    ("5 of 6 nodes are compliant", "6 ノード中 5 ノードが準拠"),
    ("not every node is compliant", "準拠していないノードがあります"),
    ("production cannot be approved yet", "production はまだ承認できません"),
    ("verification must be proven first", "先に verification の検証が必要です"),
    ("verification is patched and proven", "verification は適用・検証済みです"),
    ("production is patched and proven", "production は適用・検証済みです"),
    ("Exactly what verification-2 proved", "verification-2 で検証したものだけ"),
    ("PRODUCTION", "本番です"),
    ("So far 1", "現在 1 人"),
    ("waiting to start", "開始待ち"),
    ("No longer valid", "無効"),
    ("Patch compliance after production-2", "production-2 後のパッチコンプライアンス"),
    // Lines in threads.
    ("approved plan", "を承認しました"),
    ("judged by its fresh scan", "新しいスキャンで判定"),
    ("4 of 5", "5 ノード中 4 ノード"),
    ("missing", "未適用"),
    ("Done", "終了しました"),
    ("6 of 6", "6 ノード中 6 ノード"),
    // Private answers.
    ("the requester may not decide", "依頼者は承認・却下できません"),
    ("You may not decide", "の計画を承認・却下できません"),
    ("cannot be approved", "承認できません"),
    ("1 of 2", "2 件中 1 件"),
    ("is now approved", "は承認済みです"),
    ("Your vote is not counted yet", "まだ承認されていません"),
];

/// `phrase` in this language.
pub(super) fn phrase(phrase: &str, locale: Locale) -> &str {
    match locale {
        Locale::En => phrase,
        Locale::Ja => {
            let known = IN_JAPANESE.iter().find(|(english, _)| *english == phrase);
            known.map_or(phrase, |(_, japanese)| japanese)
        }
    }
}
