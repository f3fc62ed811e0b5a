//! The URL of a queue, which contains its account and Region.

use std::fmt;
use std::str::FromStr;

/// The URL of an SQS queue: `https://sqs.<region>.amazonaws.com/<account>/<name>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueUrl {
    url: String,
    region: String,
    account: String,
}

/// The text is not the URL of a queue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address of a queue is such as \
     https://sqs.ap-northeast-1.amazonaws.com/111111111111/patchbot-events"
)]
pub struct QueueUrlError;

impl QueueUrl {
    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The Region in the URL.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account in the URL, twelve digits.
    pub fn account(&self) -> &str {
        &self.account
    }
}

impl fmt::Display for QueueUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl FromStr for QueueUrl {
    type Err = QueueUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parts(text)
            .map(|(region, account)| Self {
                url: text.to_owned(),
                region: region.to_owned(),
                account: account.to_owned(),
            })
            .ok_or(QueueUrlError)
    }
}

/// The Region and the account of a valid URL.
fn parts(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("https://sqs.")?;
    let (host, path) = rest.split_once('/')?;
    let region = host.strip_suffix(".amazonaws.com.cn").or(host.strip_suffix(".amazonaws.com"))?;
    let (account, name) = path.split_once('/')?;
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_region = !region.is_empty() && region.bytes().all(word);
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    // A name has at most 80 characters; only the name of a FIFO queue contains a dot.
    let is_name = (1..=80).contains(&name.len())
        && name.bytes().all(|byte| word(byte) || byte == b'_' || byte == b'.');
    (is_region && is_account && is_name).then_some((region, account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_the_queue_is() {
        let url = "https://sqs.eu-west-1.amazonaws.com/111111111111/patchbot-events";
        let queue: QueueUrl = url.parse().expect("an address");
        assert_eq!((queue.region(), queue.account()), ("eu-west-1", "111111111111"));
        assert_eq!(queue.as_str(), url);
        let china = "https://sqs.cn-north-1.amazonaws.com.cn/111111111111/events";
        assert_eq!(china.parse::<QueueUrl>().expect("an address").region(), "cn-north-1");
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "patchbot-events",
            "arn:aws:sqs:eu-west-1:111111111111:patchbot-events",
            "http://sqs.eu-west-1.amazonaws.com/111111111111/patchbot-events",
            "https://sqs.eu-west-1.example.com/111111111111/patchbot-events",
            "https://sqs..amazonaws.com/111111111111/patchbot-events",
            "https://sqs.eu-west-1.amazonaws.com/1111/patchbot-events",
            "https://sqs.eu-west-1.amazonaws.com/111111111111/",
            "https://sqs.eu-west-1.amazonaws.com/111111111111/a/b",
        ] {
            assert_eq!(text.parse::<QueueUrl>(), Err(QueueUrlError), "{text}");
        }
    }
}
