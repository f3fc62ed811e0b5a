//! Refuses to start behind a proxy, for all connections: some clients could use one (AWS, Discord's
//! API, the feeds), and others could not (Slack, both sockets). If a proxy were the only way out,
//! half a bot would start; if it were required by policy, half of the traffic would bypass it.
//!
//! No client of the bot reads a proxy from the process environment. So the sandbox, which is not
//! refused, connects to the addresses that it was given and to no others.

use anyhow::{Result, ensure};

/// The variables that clients read, each in upper and in lower case.
const VARIABLES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/// Refuses to start if the process environment names a proxy. The message does not contain its
/// value, because that may include a password.
///
/// # Errors
/// Names the variables that are set.
pub(crate) fn refuse(environment: &impl Fn(&str) -> Option<String>) -> Result<()> {
    let named: Vec<String> = VARIABLES
        .iter()
        .flat_map(|name| [(*name).to_owned(), name.to_lowercase()])
        .filter(|name| environment(name).is_some_and(|value| !value.trim().is_empty()))
        .collect();
    ensure!(
        named.is_empty(),
        "{} set in the process environment, and patchbot does not go through a proxy: Slack's connections and \
         Discord's gateway know of none, so it refuses proxies for all. Nothing was sent. Take the variable away \
         for this service (systemd: UnsetEnvironment=), and let the host reach the addresses that \
         deploy/README.md lists",
        match named.as_slice() {
            [one] => format!("{one} is"),
            several => format!("{} are", several.join(" and ")),
        }
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[(&str, &str)]) -> Result<()> {
        refuse(&|name| {
            names.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_proxy_is_refused_however_it_is_named_and_never_told() {
        for name in
            ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
        {
            for value in ["http://aiko:hunter2@proxy:3128", "socks5h://hunter2@proxy"] {
                let error = set(&[(name, value)]).expect_err(name).to_string();
                assert!(error.starts_with(&format!("{name} is set")), "{error}");
                assert!(!error.contains("hunter2"), "{error}");
            }
        }
        let two = set(&[("HTTPS_PROXY", "a"), ("all_proxy", "b")]).expect_err("two").to_string();
        assert!(two.starts_with("HTTPS_PROXY and all_proxy are set"), "{two}");
        set(&[("NO_PROXY", "*"), ("HTTPS_PROXY", " ")]).expect("no proxy is named");
    }
}
