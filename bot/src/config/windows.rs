//! The maintenance windows that people may choose for one plan.

use anyhow::{Result, ensure};
use commands::command::NOW;

/// Whether these are names of Systems Manager that somebody can type.
pub(super) fn windows_to_choose(windows: &[String]) -> Result<()> {
    for (at, name) in windows.iter().enumerate() {
        let sign = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        ensure!(
            (3..=128).contains(&name.len()) && name.chars().all(sign),
            "`windows` has {name:?}, and the name of a maintenance window has 3 to 128 letters, \
             digits, hyphens, dots and underscores"
        );
        ensure!(
            !name.eq_ignore_ascii_case(NOW),
            "`windows` has {name:?}, which is what people type for no window at all"
        );
        ensure!(
            !windows.iter().take(at).any(|other| other == name),
            "`windows` has {name:?} twice"
        );
    }
    Ok(())
}
