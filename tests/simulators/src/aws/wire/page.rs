//! Pages of lists, with opaque tokens.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// The position of one page in a list.
pub(super) struct Page {
    from: usize,
    size: usize,
}

impl Page {
    /// Parses a token of this list. `size` is the page size that the caller asked for, `cap` the
    /// maximum and default of the service.
    pub(super) fn read(
        token: Option<&str>,
        size: Option<i32>,
        cap: usize,
    ) -> Result<Self, Refusal> {
        let from = match token {
            None => 0,
            Some(token) => token
                .strip_prefix("AAEAA")
                .and_then(|rest| usize::from_str_radix(rest, 36).ok())
                .ok_or_else(|| {
                    Refusal::new("InvalidNextToken", "The specified token is not valid.")
                })?,
        };
        let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(cap).min(cap);
        Ok(Self { from, size })
    }

    /// The response with this page of the list under `key`.
    pub(super) fn answer<T>(&self, key: &str, list: &[T], row: impl FnMut(&T) -> Value) -> Value {
        self.answer_where(key, list, |_| true, row)
    }

    /// The same, for the entries that match. The token is a position in the whole list, so that
    /// later pages cost no more.
    pub(super) fn answer_where<T>(
        &self,
        key: &str,
        list: &[T],
        fits: impl Fn(&T) -> bool,
        mut row: impl FnMut(&T) -> Value,
    ) -> Value {
        let mut rows = Vec::new();
        let mut next = None;
        for (index, entry) in list.iter().enumerate().skip(self.from).filter(|(_, e)| fits(e)) {
            if rows.len() == self.size {
                next = Some(index);
                break;
            }
            rows.push(row(entry));
        }
        let mut answer = Map::new();
        answer.insert(key.into(), Value::Array(rows));
        if let Some(next) = next {
            answer.insert("NextToken".into(), json!(format!("AAEAA{}", base36(next))));
        }
        Value::Object(answer)
    }
}

fn base36(mut number: usize) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_the_list_once() {
        let list: Vec<usize> = (0..95).collect();
        let (mut seen, mut token) = (Vec::new(), None::<String>);
        loop {
            let page = Page::read(token.as_deref(), Some(20), 50).unwrap();
            let answer = page.answer("List", &list, |number| json!(number));
            seen.extend(answer["List"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()));
            match answer["NextToken"].as_str() {
                Some(next) => token = Some(next.to_owned()),
                None => break,
            }
        }
        assert_eq!(seen, (0..95).collect::<Vec<u64>>());
        assert_eq!(Page::read(Some("x"), None, 50).err().unwrap().code, "InvalidNextToken");
    }
}
