//! The options of `plan`, such as `reboot=no`: in any order, each at most once.

use crate::environment::{RebootOption, StartRule};
use crate::input::command::ParseError;
use crate::plan::{CANARY, Overrides, PERCENT};

/// An option of `plan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanOption {
    /// `window=NAME` or `window=now`: when the run starts.
    Window,
    /// `reboot=yes` or `reboot=no`: whether nodes reboot.
    Reboot,
    /// `waves=1/25%`: the nodes of the first wave, and the percentage in each further one.
    Waves,
}

impl PlanOption {
    /// All options, in the order of the help.
    pub const ALL: [Self; 3] = [Self::Window, Self::Reboot, Self::Waves];

    /// The name of the option, before the `=`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Reboot => "reboot",
            Self::Waves => "waves",
        }
    }
}

/// The value for a start right after the approval.
pub const NOW: &str = "now";

/// Parses options. For a word that is not an option it returns the error that `no_option` makes of
/// it.
pub(super) fn overrides(
    words: &str,
    no_option: impl Fn(&str) -> ParseError,
) -> Result<Overrides, ParseError> {
    let mut overrides = Overrides::default();
    let mut known = Vec::new();
    for word in words.split_whitespace() {
        let plain = half_width(word);
        let (name, value) = plain.split_once('=').ok_or_else(|| no_option(word))?;
        let option = PlanOption::ALL.into_iter().find(|one| one.word() == name.to_lowercase());
        let option = option.ok_or_else(|| no_option(word))?;
        if known.contains(&option) {
            return Err(ParseError::Twice { option });
        }
        known.push(option);
        let bad = || ParseError::BadOption { option, given: super::parse::quoted(value) };
        match option {
            PlanOption::Window => overrides.start = Some(start(value).ok_or_else(bad)?),
            PlanOption::Reboot => overrides.reboot = Some(reboot(value).ok_or_else(bad)?),
            PlanOption::Waves => {
                let (first, each) = value.split_once('/').ok_or_else(bad)?;
                overrides.canary = Some(canary(first).ok_or_else(bad)?);
                overrides.percent = Some(percent(each).ok_or_else(bad)?);
            }
        }
    }
    Ok(overrides)
}

/// Parses a start: `now`, or the name of a window.
pub(crate) fn start(text: &str) -> Option<StartRule> {
    match text.trim() {
        "" => None,
        now if now.eq_ignore_ascii_case(NOW) => Some(StartRule::OnApproval),
        name => Some(StartRule::InWindow(name.to_owned())),
    }
}

/// Parses `yes` or `no`.
pub(crate) fn reboot(text: &str) -> Option<RebootOption> {
    match half_width(text.trim()).to_lowercase().as_str() {
        "yes" => Some(RebootOption::RebootIfNeeded),
        "no" => Some(RebootOption::NoReboot),
        _ => None,
    }
}

/// Parses the number of nodes of the first wave.
pub(crate) fn canary(text: &str) -> Option<u32> {
    number(text).filter(|nodes| CANARY.contains(nodes))
}

/// Parses a percentage, with or without its sign.
pub(crate) fn percent(text: &str) -> Option<u32> {
    let text = half_width(text.trim());
    let number = number(text.strip_suffix('%').unwrap_or(&text));
    number.filter(|percent| PERCENT.contains(percent))
}

/// Parses digits only: a sign or a fraction is a mistake.
fn number(text: &str) -> Option<u32> {
    let text = half_width(text.trim());
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Replaces full-width characters of a Japanese keyboard: `＝` means `=`.
pub(super) fn half_width(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    };
    text.chars().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::command::{Command, Verb, parse};

    fn check(options: &str, expected: Result<Overrides, ParseError>) {
        let read = parse(&format!("plan verification {options}"));
        let environment = "verification".parse().expect("a name");
        let expected = expected.map(|overrides| Command::Plan { environment, overrides });
        assert_eq!(read, expected, "{options:?}");
    }

    #[test]
    fn options_are_read_in_any_order() {
        check("", Ok(Overrides::default()));
        let all = Overrides {
            start: Some(StartRule::InWindow("Sunday-02".into())),
            reboot: Some(RebootOption::NoReboot),
            canary: Some(2),
            percent: Some(25),
        };
        check("window=Sunday-02 reboot=no waves=2/25%", Ok(all.clone()));
        check("  WAVES=2/25   Reboot=NO window=Sunday-02 ", Ok(all.clone()));
        check("ｗａｖｅｓ＝２／２５％　reboot＝ｎｏ　window=Sunday-02", Ok(all));
        let now = Overrides { start: Some(StartRule::OnApproval), ..Overrides::default() };
        check("window=NOW", Ok(now));
        let yes = Overrides { reboot: Some(RebootOption::RebootIfNeeded), ..Overrides::default() };
        check("reboot=yes", Ok(yes));
    }

    #[test]
    fn what_is_no_option_is_refused() {
        let bad = |option, given: &str| Err(ParseError::BadOption { option, given: given.into() });
        check("window=", bad(PlanOption::Window, ""));
        check("reboot=maybe", bad(PlanOption::Reboot, "maybe"));
        for waves in ["", "2", "2/", "/25%", "0/25%", "1001/25%", "2/0%", "2/101%", "-1/25%"] {
            check(&format!("waves={waves}"), bad(PlanOption::Waves, waves));
        }
        for waves in ["2.5/25%", "2/25%%", "two/25%", "99999999999/1%", "+2/25", "2/25/1"] {
            check(&format!("waves={waves}"), bad(PlanOption::Waves, waves));
        }
        check("reboot=no reboot=yes", Err(ParseError::Twice { option: PlanOption::Reboot }));
        let unusable =
            |given: &str| Err(ParseError::Unusable { verb: Verb::Plan, given: given.into() });
        check("colour=red", unusable("colour=red"));
        check("production", unusable("production"));
        check("reboot = no", unusable("reboot"));
    }
}
