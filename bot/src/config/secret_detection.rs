//! Recognizes secrets, so that a secret in the wrong place is reported as one and never shown.

/// How tokens and private keys begin, of this bot and of services that people use beside it.
const BEGINNINGS: [&str; 13] = [
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxe-",
    "xoxe.",
    "xoxs-",
    "xoxr-",
    "xoxc-",
    "xoxd-",
    "xapp-",
    "ghp_",
    "github_pat_",
    "-----begin",
];

/// Whether `text` has the form of a token, an access key or a signing secret.
pub(super) fn looks_like_secret(text: &str) -> bool {
    looks_like_token(text) || words(text).any(is_key_material)
}

/// As above, but without texts that are merely random digits and letters.
pub(super) fn looks_like_token(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let holds = |part: &&str| lower.contains(part);
    BEGINNINGS.iter().any(holds)
        || lower.contains("hooks.slack.com/services")
        || words(text).any(is_access_key)
        || text.split_whitespace().any(is_discord_token)
}

/// Whether a key with this name is meant to hold a secret.
pub(super) fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let parts = [
        "token",
        "secret",
        "password",
        "passwd",
        "credential",
        "access_key",
        "accesskey",
        "api_key",
        "apikey",
        "api-key",
        "access-key",
        "private_key",
    ];
    parts.iter().any(|part| key.contains(part)) || looks_like_secret(&key)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c)))
}

/// Whether it is the id of an AWS access key, long-lived or of a session.
fn is_access_key(word: &str) -> bool {
    let upper = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    upper && word.len() >= 16 && (word.starts_with("AKIA") || word.starts_with("ASIA"))
}

/// Whether it is a signing secret of Slack (32 hexadecimal digits), or the secret of an AWS access
/// key (40 characters of base 64).
fn is_key_material(word: &str) -> bool {
    let hex = word.len() >= 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has = |which: fn(&u8) -> bool| word.bytes().any(|byte| which(&byte));
    let mixed =
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    hex || (word.len() == 40 && mixed)
}

/// Whether it has three parts with dots between them: the user's id in base 64, a time, and a code.
fn is_discord_token(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let [id, time, code] = parts.as_slice() else { return false };
    id.len() >= 17
        && time.len() >= 5
        && code.len() >= 20
        && text.bytes().all(|byte| sign(byte) || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_by_their_form() {
        for secret in [
            "xoxb-1234-5678-abcdef",
            "Bearer xapp-1-A0-2-ff",
            "AKIAIOSFODNN7EXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "8f742231b10e8888abcd99yyyzzz85a5".replace(['y', 'z'], "0").as_str(),
            "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123",
        ] {
            assert!(looks_like_secret(secret), "{secret}");
        }
        for plain in [
            "",
            "production",
            "C0123456789",
            "123456789012345678",
            "arn:aws:iam::111111111111:role/patchbot-read-verification",
            "https://services.nvd.nist.gov/rest/json/cves/2.0",
            "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
            "s3://patchbot-overrides/lists",
            "/var/lib/patchbot/store",
        ] {
            assert!(!looks_like_secret(plain), "{plain}");
        }
        assert!(
            names_secret("bot_token") && names_secret("signing_secret") && !names_secret("name")
        );
    }
}
