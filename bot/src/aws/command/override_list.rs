//! The InstallOverrideList: exactly the patches that may be installed, written to S3 for the nodes
//! to read.

use std::collections::BTreeSet;
use std::fmt::Write;

use commands::environment::Environment;
use commands::failure::{Cause, Finding};
use commands::patch::installed::Installed;

use crate::aws::error::quote;
use crate::aws::{Aws, AwsError, Fault};

/// The longest location of an InstallOverrideList that AWS-RunPatchBaseline accepts, in characters.
const LOCATION: usize = 256;

/// The media type of RFC 9512.
const YAML: &str = "application/yaml";

impl Aws {
    /// Writes `patches` as an InstallOverrideList to `location`, such as
    /// `s3://bucket/prefix/<digest>.yaml`. The location is named by its content, so writing it
    /// again writes the same.
    pub async fn put_list(
        &self,
        environment: &Environment,
        location: &str,
        patches: &[Installed],
    ) -> Result<(), AwsError> {
        let client = self.client(&environment.name, "PutObject")?;
        let settings =
            |cause: Cause| AwsError::ours("PutObject", &environment.name, Fault::Settings, cause);
        let (bucket, key) = split(location).ok_or_else(|| {
            let location = location.to_owned();
            settings(Finding::BadLocation { location, limit: LOCATION }.into())
        })?;
        let list = override_list(patches).map_err(settings)?;
        let executes = client.executes("PutObject")?;
        let request = executes.lists.put_object().bucket(bucket).key(key);
        let request = request.content_type(YAML).body(list.into_bytes().into());
        client.call("PutObject", Box::pin(request.send())).await.map(drop)
    }
}

fn split(location: &str) -> Option<(&str, &str)> {
    let (bucket, key) = location.strip_prefix("s3://")?.split_once('/')?;
    (location.len() <= LOCATION && !bucket.is_empty() && !key.is_empty()).then_some((bucket, key))
}

/// The text of an InstallOverrideList. Windows takes the KB number alone; Linux takes the package
/// with exactly one version as its title. Format: AWS Systems Manager user guide,
/// "InstallOverrideList".
fn override_list(patches: &[Installed]) -> Result<String, Cause> {
    let mut yaml = String::from("patches:\n");
    let mut articles = BTreeSet::new();
    for Installed { id, title } in patches.iter().collect::<BTreeSet<_>>() {
        if !id.can_be_listed() {
            return Err(Finding::NotListable { patch: id.0.clone() }.into());
        }
        if id.is_article() && !articles.insert(id) {
            continue;
        }
        let quoted = quoted(&id.0)?;
        let line = if id.is_article() {
            writeln!(yaml, "  - id: {quoted}")
        } else if title.is_empty() {
            // Without a title the node would accept any version, and not only the proven one.
            return Err(Finding::NoVersion { patch: id.0.clone() }.into());
        } else {
            let title = self::quoted(title)?;
            writeln!(yaml, "  - id: {quoted}\n    title: {title}")
        };
        line.map_err(|error| quote(&error.to_string()))?;
    }
    if patches.is_empty() {
        return Err(Finding::NothingToInstall.into());
    }
    Ok(yaml)
}

/// `text` in single quotes, in which only the quote itself is special.
fn quoted(text: &str) -> Result<String, Finding> {
    if text.chars().any(char::is_control) {
        return Err(Finding::ControlCharacter { name: text.escape_debug().to_string() });
    }
    Ok(format!("'{}'", text.replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use commands::patch::PatchId;

    use super::*;

    fn installed(id: &str, title: &str) -> Installed {
        Installed { id: PatchId(id.into()), title: title.into() }
    }

    #[test]
    fn linux_is_pinned_to_a_version_and_windows_to_a_number() {
        let list = override_list(&[
            installed("openssl.x86_64", "openssl.x86_64:1:3.0.8-1.amzn2023.0.11"),
            installed("KB5041160", "2024-08 Cumulative Update for Windows Server 2022"),
            installed("openssl.x86_64", "openssl.x86_64:1:3.0.8-1.amzn2023.0.11"),
            installed("KB5041160", "2024-08 Cumulative Update, listed once more"),
        ]);
        let expected = "patches:\n  - id: 'KB5041160'\n  - id: 'openssl.x86_64'\n    \
                        title: 'openssl.x86_64:1:3.0.8-1.amzn2023.0.11'\n";
        assert_eq!(list.as_deref(), Ok(expected));
    }

    #[test]
    fn a_list_that_would_allow_more_than_was_proven_is_not_written() {
        assert!(override_list(&[]).is_err());
        assert!(override_list(&[installed("kernel.x86_64", "")]).is_err());
        assert!(override_list(&[installed("Intel - net", "Intel - net")]).is_err());
        assert!(override_list(&[installed("a.noarch", "a\n  - id: 'b'")]).is_err());
    }

    #[test]
    fn a_quote_stays_inside_its_quotes() {
        assert_eq!(quoted("it's").as_deref(), Ok("'it''s'"));
    }

    #[test]
    fn a_location_is_a_bucket_and_a_key() {
        assert_eq!(split("s3://lists/prod/ab12.yaml"), Some(("lists", "prod/ab12.yaml")));
        assert_eq!(split("s3://lists"), None);
        assert_eq!(split("https://example.com/a.yaml"), None);
        assert_eq!(split(&format!("s3://lists/{}", "a".repeat(LOCATION))), None);
    }
}
