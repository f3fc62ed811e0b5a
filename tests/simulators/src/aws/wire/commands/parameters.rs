//! The parameters of AWS-RunPatchBaseline, as the document declares them.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::aws::wire::refusal::Refusal;

/// Refuses what the document would refuse: unknown names, values that are not a single text, and
/// texts of the wrong form.
pub(super) fn check(parameters: &BTreeMap<String, Vec<String>>) -> Result<(), Refusal> {
    let refuse = |text: String| Err(Refusal::new("InvalidParameters", text));
    for (name, values) in parameters {
        let Some((_, fits, form)) = DECLARED.iter().find(|(declared, ..)| declared == name) else {
            return refuse(format!("{name} is not a parameter of AWS-RunPatchBaseline"));
        };
        let [value] = &values[..] else {
            return refuse(format!("{name} takes a list of exactly one string"));
        };
        if !fits(value) {
            return refuse(format!("{value:?} does not fit {name}: {form}"));
        }
    }
    if !parameters.contains_key("Operation") {
        return refuse("Operation is required".into());
    }
    Ok(())
}

type Declared = (&'static str, fn(&str) -> bool, &'static str);

const DECLARED: [Declared; 6] = [
    ("Operation", |v| matches!(v, "Scan" | "Install"), "Scan or Install"),
    ("AssociationId", |v| v.is_empty() || is_uuid(v), "empty or an id of 36 characters"),
    ("SnapshotId", |v| v.is_empty() || is_uuid(v), "empty or a UUID"),
    ("InstallOverrideList", is_address, "s3://bucket/key or https://, at most 256 characters"),
    ("BaselineOverride", is_address, "s3://bucket/key or https://, at most 256 characters"),
    ("RebootOption", |v| matches!(v, "RebootIfNeeded" | "NoReboot"), "RebootIfNeeded or NoReboot"),
];

fn is_uuid(value: &str) -> bool {
    value.len() == 36 && Uuid::try_parse(value).is_ok()
}

fn is_address(value: &str) -> bool {
    let in_bucket = |rest: &str| {
        rest.split_once('/').is_some_and(|(bucket, key)| {
            !bucket.is_empty() && !key.is_empty() && !key.ends_with('/')
        })
    };
    value.is_empty()
        || value.len() <= 256
            && (value.strip_prefix("https://").is_some_and(|rest| !rest.is_empty())
                || value.strip_prefix("s3://").is_some_and(in_bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_declares_what_it_takes() {
        let given = |pairs: &[(&str, &[&str])]| {
            let list = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect();
            pairs.iter().map(|(name, values)| ((*name).to_owned(), list(values))).collect()
        };
        let uuid = "01234567-89ab-cdef-0123-456789abcdef";
        assert!(check(&given(&[("Operation", &["Scan"]), ("SnapshotId", &[uuid])])).is_ok());
        let list: &[&str] = &["s3://bucket/a/list.yaml"];
        assert!(
            check(&given(&[("Operation", &["Install"]), ("InstallOverrideList", list)])).is_ok()
        );
        for wrong in [
            given(&[]),
            given(&[("Operation", &["scan"])]),
            given(&[("Operation", &["Scan", "Install"])]),
            given(&[("Operation", &["Scan"]), ("SnapshotId", &["1"])]),
            given(&[("Operation", &["Scan"]), ("RebootOption", &["Never"])]),
            given(&[("Operation", &["Scan"]), ("Reboot", &["NoReboot"])]),
            given(&[("Operation", &["Install"]), ("InstallOverrideList", &["s3://bucket"])]),
        ] {
            assert_eq!(check(&wrong).err().unwrap().code, "InvalidParameters", "{wrong:?}");
        }
    }
}
