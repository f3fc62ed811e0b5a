//! The output of a node on which a pinned Install failed, as far as it shows that the node could
//! not read the override list. The rest of the output may contain a secret, so we store none of it.
//!
//! Source: the payload of AWS-RunPatchBaseline for Linux and macOS as published in 2021
//! (`install_override_list.py`, `downloader.py`, `main_entrance.py`). It ends with exit code 1
//! whatever went wrong, so only its text tells. The payload for Windows is not published: there we
//! only rely on a line that names both the list and a failure.

use std::collections::BTreeMap;

use crate::fleet::node::{InvocationStatus, NodeId};
use crate::plan::Pin;
use crate::run::{Dispatch, DispatchStatus, ListFault, Outputs, PatchRun};

/// How many nodes of one command we ask: usually all of them share one role.
const ASKED: usize = 3;

/// How many lines after the one that names the list may contain the cause.
const NEAR: usize = 4;

/// What standard output and standard error of a failed Install say about the list; `None` if the
/// node read it, or does not say that it could not. `location` is the list's own, which must not
/// count as a cause by its name.
pub fn list_fault(location: &str, stdout: &str, stderr: &str) -> Option<ListFault> {
    let text = format!("{stdout}\n{stderr}").replace(location, "").to_ascii_lowercase();
    if let Some((_, after)) = text.split_once("downloading installoverridelist from") {
        let was_read = after.contains("the content of install override list is");
        let failed = FAILURES.iter().any(|word| after.contains(word));
        return (!was_read && failed).then(|| why(after));
    }
    let lines: Vec<&str> = text.lines().collect();
    let names = |line: &str| {
        let list = ["installoverridelist", "install override list"];
        list.iter().any(|list| line.contains(list))
            && FAILURES.iter().any(|word| line.contains(word))
    };
    let at = lines.iter().position(|line| names(line))?;
    let near = lines.iter().skip(at).take(NEAR).copied().collect::<Vec<_>>().join("\n");
    Some(why(&near))
}

/// Every report of a failure contains one of these words.
const FAILURES: [&str; 10] = [
    "error",
    "exception",
    "unable to",
    "could not",
    "cannot",
    "failed",
    "denied",
    "forbidden",
    "invalid",
    "not found",
];

/// The cause, in the words of the S3 client, a proxy or Windows.
fn why(text: &str) -> ListFault {
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if any(&["unable to locate credentials", "nocredentialserror", "unable to get credentials"]) {
        ListFault::NoCredentials
    } else if any(&["(403)", "forbidden", "accessdenied", "access denied", "access is denied"]) {
        ListFault::Denied
    } else if any(&["(404)", "nosuchkey", "nosuchbucket", "not found", "does not exist"]) {
        ListFault::Missing
    } else if any(&[
        "could not connect to the endpoint",
        "connecttimeout",
        "connect timeout",
        "timed out",
        "unable to connect to the remote server",
        "name or service not known",
        "failed to establish a new connection",
        "could not be resolved",
    ]) {
        ListFault::Unreachable
    } else if any(&["unable to load yaml file", "in yaml format", "installoverridelist is invalid"])
    {
        ListFault::NoList
    } else {
        ListFault::Unsaid
    }
}

impl PatchRun {
    /// The nodes whose output we want because the Install of `dispatch` has failed there and the
    /// list may be the cause; usually none.
    pub(super) fn outputs_wanted(&self, dispatch: &Dispatch) -> Vec<NodeId> {
        let pinned = matches!(self.plan.pin, Pin::Proven { .. });
        let ended = matches!(dispatch.status, DispatchStatus::Ended { command: Some(_), .. });
        let denied = self.dispatches.values().any(|one| one.outputs == Some(Outputs::Denied));
        let asked = dispatch.outputs.is_some() || denied;
        if !pinned || !ended || asked || !dispatch.id.operation.is_install() {
            return Vec::new();
        }
        let failed = dispatch.invocations.iter();
        let failed = failed.filter(|(_, status)| **status == InvocationStatus::Failed);
        failed.map(|(node, _)| node.clone()).take(ASKED).collect()
    }

    /// The nodes that certainly could not read the list, each with the cause.
    pub fn list_faults(&self) -> BTreeMap<NodeId, ListFault> {
        let seen = self.dispatches.values().filter_map(|dispatch| match &dispatch.outputs {
            Some(Outputs::Read(faults)) => Some(faults.clone()),
            Some(Outputs::Denied) | None => None,
        });
        seen.flatten().collect()
    }

    /// How many nodes were asked, and on how many nodes the same commands had failed.
    pub fn outputs_asked(&self) -> (usize, usize) {
        let asked = self.dispatches.values().filter(|dispatch| dispatch.outputs.is_some());
        let failed = asked.map(|dispatch| {
            let all = dispatch.invocations.values();
            all.filter(|status| **status == InvocationStatus::Failed).count()
        });
        failed.fold((0, 0), |(asked, all), failed| (asked + failed.min(ASKED), all + failed))
    }

    /// Whether we are not allowed to read the output.
    pub fn outputs_denied(&self) -> bool {
        self.dispatches.values().any(|dispatch| dispatch.outputs == Some(Outputs::Denied))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that contains words of failures.
    const LIST: &str = "s3://denied-forbidden/not found/1.yaml";

    fn fault_of(stdout: &str, stderr: &str) -> Option<ListFault> {
        let place = |text: &str| text.replace("s3://b/lists/1.yaml", LIST);
        list_fault(LIST, &place(stdout), &place(stderr))
    }

    const BEGINS: &str = "11/29/2026 10:00:00 root [INFO]: Downloading InstallOverrideList from: s3://b/lists/1.yaml.\n";
    const FAILS: &str =
        "11/29/2026 10:00:01 root [ERROR]: Unable to download file from S3: s3://b/lists/1.yaml.\n";

    fn linux(why: &str) -> Option<ListFault> {
        let stdout = format!("Patch Baseline: {{...}}\n{BEGINS}{FAILS}root [ERROR]: {why}\n");
        fault_of(&stdout, "failed to run commands: exit status 1")
    }

    #[test]
    fn the_payload_says_why_it_could_not_read_the_list() {
        let called =
            |code| format!("An error occurred ({code}) when calling the HeadObject operation");
        for (says, fault) in [
            (format!("{}: Forbidden", called("403")), ListFault::Denied),
            ("An error occurred (AccessDenied) when calling GetObject".into(), ListFault::Denied),
            (format!("{}: Not Found", called("404")), ListFault::Missing),
            ("Unable to locate credentials".into(), ListFault::NoCredentials),
            (
                "Could not connect to the endpoint URL: \"https://b.s3.amazonaws.com/\"".into(),
                ListFault::Unreachable,
            ),
            ("Connect timeout on endpoint URL".into(), ListFault::Unreachable),
            ("something that nobody has seen yet".into(), ListFault::Unsaid),
        ] {
            assert_eq!(linux(&says), Some(fault), "{says}");
        }
        let no_list = format!("{BEGINS}root [ERROR]: Unable to load yaml file: /var/x.yaml.\n");
        assert_eq!(fault_of(&no_list, ""), Some(ListFault::NoList));
    }

    #[test]
    fn what_failed_after_the_list_was_read_is_not_the_list() {
        let read = "root [INFO]: The content of install override list is: {'patches': []}\n";
        let stdout = format!("{BEGINS}{read}root [ERROR]: An error occurred (403): Forbidden\n");
        assert_eq!(fault_of(&stdout, "exit status 1"), None);
        assert_eq!(fault_of(BEGINS, ""), None, "cut off there");
        assert_eq!(fault_of("Error: Access Denied to the repository", "exit status 1"), None);
        assert_eq!(fault_of("", ""), None);
        assert_eq!(fault_of("InstallOverrideList : s3://b/lists/1.yaml", "disk full error"), None);
    }

    #[test]
    fn windows_is_believed_only_where_it_names_the_list() {
        let says = "Unable to download InstallOverrideList s3://b/lists/1.yaml : Access Denied";
        assert_eq!(fault_of("", says), Some(ListFault::Denied));
        let says =
            "Failed to read the install override list.\nUnable to connect to the remote server";
        assert_eq!(fault_of(says, ""), Some(ListFault::Unreachable));
        assert_eq!(fault_of("", "Unable to download payload : Access Denied"), None);
    }
}
