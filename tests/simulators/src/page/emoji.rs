//! The emoji that apps write by name. Unknown names stay as they are.

const KNOWN: &[(&str, &str)] = &[
    ("white_check_mark", "✅"),
    ("heavy_check_mark", "✔️"),
    ("x", "❌"),
    ("no_entry", "⛔"),
    ("no_entry_sign", "🚫"),
    ("octagonal_sign", "🛑"),
    ("warning", "⚠️"),
    ("rotating_light", "🚨"),
    ("bangbang", "‼️"),
    ("exclamation", "❗"),
    ("question", "❓"),
    ("information_source", "ℹ️"),
    ("hourglass", "⌛"),
    ("hourglass_flowing_sand", "⏳"),
    ("clock3", "🕒"),
    ("alarm_clock", "⏰"),
    ("calendar", "📆"),
    ("date", "📅"),
    ("spiral_calendar_pad", "🗓️"),
    ("shield", "🛡️"),
    ("lock", "🔒"),
    ("key", "🔑"),
    ("bug", "🐛"),
    ("adhesive_bandage", "🩹"),
    ("hammer_and_wrench", "🛠️"),
    ("wrench", "🔧"),
    ("gear", "⚙️"),
    ("package", "📦"),
    ("rocket", "🚀"),
    ("recycle", "♻️"),
    ("arrows_counterclockwise", "🔄"),
    ("mag", "🔍"),
    ("bar_chart", "📊"),
    ("chart_with_upwards_trend", "📈"),
    ("memo", "📝"),
    ("page_facing_up", "📄"),
    ("link", "🔗"),
    ("bell", "🔔"),
    ("mega", "📣"),
    ("loudspeaker", "📢"),
    ("speech_balloon", "💬"),
    ("eyes", "👀"),
    ("+1", "👍"),
    ("thumbsup", "👍"),
    ("-1", "👎"),
    ("thumbsdown", "👎"),
    ("raised_hand", "✋"),
    ("wave", "👋"),
    ("tada", "🎉"),
    ("fire", "🔥"),
    ("bulb", "💡"),
    ("red_circle", "🔴"),
    ("large_orange_circle", "🟠"),
    ("large_yellow_circle", "🟡"),
    ("large_green_circle", "🟢"),
    ("large_blue_circle", "🔵"),
    ("white_circle", "⚪"),
    ("black_circle", "⚫"),
    ("arrow_right", "➡️"),
    ("computer", "💻"),
    ("cloud", "☁️"),
    ("snowflake", "❄️"),
    ("test_tube", "🧪"),
    ("factory", "🏭"),
    ("robot_face", "🤖"),
];

pub(super) fn named(name: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, sign)| *sign)
}

/// Replaces `:name:` if the name is known.
pub(super) fn replace(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(':') {
        let (before, after) = rest.split_at(start);
        out.push_str(before);
        let after = &after[1..];
        match after.find(':').and_then(|end| Some((end, named(&after[..end])?))) {
            Some((end, sign)) => {
                out.push_str(sign);
                rest = &after[end + 1..];
            }
            None => {
                out.push(':');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn known_names_become_signs() {
        assert_eq!(super::replace("at 10:30 :tada: :nope:"), "at 10:30 🎉 :nope:");
    }
}
