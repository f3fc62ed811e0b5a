//! Lengths as Slack counts them, which is never less than Discord does, and texts cut to them.
//!
//! Slack does not say whether it counts code points or UTF-16 units; units are never fewer.

/// Stands where something was cut.
pub(crate) const ELLIPSIS: char = '…';

/// How long Slack thinks a text is.
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

/// What may still be said in a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn new(characters: usize) -> Self {
        Self(characters)
    }

    /// The smaller of a limit and what is left.
    pub(crate) fn within(self, limit: usize) -> usize {
        self.0.min(limit)
    }

    pub(crate) fn spend(&mut self, characters: usize) {
        self.0 = self.0.saturating_sub(characters);
    }

    /// A text cut to a limit and to what is left, which becomes less by it.
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
