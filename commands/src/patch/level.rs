//! Levels of severity.
//!
//! They are the levels of IPA and JVN, from the CVSS base score: III (危険) 7.0-10.0, II (警告)
//! 4.0-6.9, I (注意) 0.0-3.9.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A CVSS base score, in tenths: 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(u8);

/// An error for a number that is not a CVSS base score.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a CVSS base score lies between 0.0 and 10.0")]
pub struct ScoreError;

impl Score {
    /// The score of this many tenths.
    pub fn from_tenths(tenths: u8) -> Result<Self, ScoreError> {
        if tenths <= 100 { Ok(Self(tenths)) } else { Err(ScoreError) }
    }

    /// The score of a number from a feed, rounded to the one decimal of CVSS.
    pub fn from_number(number: f64) -> Result<Self, ScoreError> {
        if !(0.0..=10.0).contains(&number) {
            return Err(ScoreError);
        }
        Ok(Self((number * 10.0).round() as u8))
    }

    /// The score in tenths: 0 to 100.
    pub fn tenths(self) -> u8 {
        self.0
    }

    /// The level of the score.
    pub fn level(self) -> Level {
        match self.0 {
            70.. => Level::III,
            40..=69 => Level::II,
            0..=39 => Level::I,
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// A level of severity. `Unrated` is a level of its own and never counts as the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// 注意: 0.0 to 3.9.
    I,
    /// Nobody has rated it.
    Unrated,
    /// 警告: 4.0 to 6.9.
    II,
    /// 危険: 7.0 to 10.0.
    III,
}

/// An error for text that is not a level.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a level is I, II, III or unrated")]
pub struct LevelError;

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        match text.to_lowercase().as_str() {
            "iii" | "3" | "ⅲ" | "３" => Ok(Self::III),
            "ii" | "2" | "ⅱ" | "２" => Ok(Self::II),
            "i" | "1" | "ⅰ" | "１" => Ok(Self::I),
            "unrated" | "未評価" => Ok(Self::Unrated),
            _ => Err(LevelError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_begin_where_jvn_says() {
        let check = |tenths, level| assert_eq!(Score(tenths).level(), level, "{tenths}");
        check(0, Level::I);
        check(39, Level::I);
        check(40, Level::II);
        check(69, Level::II);
        check(70, Level::III);
        check(100, Level::III);
    }

    #[test]
    fn a_score_is_rounded_to_its_one_decimal() {
        // As a float, 6.9 times ten is 69.00000000000001.
        assert_eq!(Score::from_number(6.9), Ok(Score(69)));
        assert_eq!(Score::from_number(9.8).map(|score| score.to_string()), Ok("9.8".into()));
        assert_eq!(Score::from_number(10.1), Err(ScoreError));
        assert_eq!(Score::from_number(f64::NAN), Err(ScoreError));
    }
}
