//! Measures texts as Slack does, which never gives less than Discord's count, and cuts them to
//! limits.
//!
//! Slack does not document whether it counts code points or UTF-16 units; there are never fewer
//! units.

/// Marks a place where text was cut.
pub(crate) const ELLIPSIS: char = '…';

/// The length of a text by Slack's count.
pub(crate) fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The text, or as much of its beginning as fits with an ellipsis after it.
pub(crate) fn clamp(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    let mut cut = split(text, limit.saturating_sub(1)).0.to_owned();
    if limit > 0 {
        cut.push(ELLIPSIS);
    }
    cut
}

/// The longest beginning within the limit, and the rest.
pub(crate) fn split(text: &str, limit: usize) -> (&str, &str) {
    let mut used = 0;
    let end = text
        .char_indices()
        .find(|(_, character)| {
            used += character.len_utf16();
            used > limit
        })
        .map_or(text.len(), |(at, _)| at);
    text.split_at(end)
}

/// How many characters a message may still take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn new(characters: usize) -> Self {
        Self(characters)
    }

    /// The smaller one of a limit and the remaining budget.
    pub(crate) fn within(self, limit: usize) -> usize {
        self.0.min(limit)
    }

    pub(crate) fn spend(&mut self, characters: usize) {
        self.0 = self.0.saturating_sub(characters);
    }

    /// Cuts a text to a limit and to the remaining budget, and deducts its length from the budget.
    pub(crate) fn clamp(&mut self, text: &str, limit: usize) -> String {
        let text = clamp(text, self.within(limit));
        self.spend(length(&text));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        let check = |text: &str, limit, expected: &str| assert_eq!(clamp(text, limit), expected);
        check("patch", 5, "patch");
        check("patches", 5, "patc…");
        check("検証環境の更新", 4, "検証環…");
        check("🦀🦀🦀", 4, "🦀…");
        check("patch", 0, "");
    }

    #[test]
    fn a_budget_is_spent_once() {
        let mut budget = Budget::new(8);
        assert_eq!(budget.clamp("abcdef", 6), "abcdef");
        assert_eq!(budget.clamp("abcdef", 6), "a…");
        assert_eq!(budget.clamp("abcdef", 6), "");
    }
}
