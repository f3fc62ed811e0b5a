//! The wording of failures at AWS or a chat platform, in one language. Their own messages are
//! quoted unchanged.

use crate::chat_failure::{ChatFailure, ChatFault};
use crate::failure::{Cause, Failure, Finding, HeldBecause, NotScanned, Quoted, Remedy};
use crate::text::Text;
use crate::text::wording::{Args, Locale};
use crate::view::words::Words;

impl Failure {
    /// What happened, and what to do about it.
    pub fn text(&self, locale: Locale) -> Text {
        let words = Words(locale);
        let said = Args::new().rich("said", self.said(locale));
        match (self.meaning(), &self.remedy) {
            (Some(id), _) => {
                let meaning = words.say(id, &Args::new());
                words.say("failure-means", &said.rich("meaning", meaning))
            }
            (None, Some(remedy)) => {
                words.say("failure-do", &said.rich("remedy", remedy.text(locale)))
            }
            (None, None) => self.said(locale),
        }
    }

    /// What happened, without what to do about it.
    pub fn said(&self, locale: Locale) -> Text {
        let words = Words(locale);
        let args = Args::new()
            .text("operation", &self.operation)
            .text("environment", self.environment.as_str())
            .rich("cause", cause(&self.cause, words));
        let said = match &self.cause {
            Cause::Said { code: Some(code), .. } => {
                words.say("failure-coded", &args.text("code", code))
            }
            Cause::Found(Finding::Held(_)) => words.say("failure-held", &args),
            Cause::Said { code: None, .. } | Cause::Found(_) => words.say("failure-call", &args),
        };
        match &self.request {
            Some(request) => words
                .say("failure-request", &Args::new().rich("said", said).text("request", request)),
            None => said,
        }
    }

    /// What AWS's error code means, if its own message leaves that open. Only SendCommand reports
    /// nodes and documents by such codes.
    fn meaning(&self) -> Option<&'static str> {
        if self.operation != "SendCommand" {
            return None;
        }
        match self.cause.code()? {
            "InvalidInstanceId" => Some("means-invalid-instance"),
            "DuplicateInstanceId" => Some("means-duplicate-instance"),
            "InvalidDocument" | "InvalidDocumentVersion" => Some("means-invalid-document"),
            "InvalidParameters" => Some("means-invalid-parameters"),
            "UnsupportedPlatformType" => Some("means-unsupported-platform"),
            "MaxDocumentSizeExceeded" => Some("means-too-large"),
            _ => None,
        }
    }
}

fn cause(cause: &Cause, words: Words) -> Text {
    match cause {
        Cause::Said { words: quoted, .. } => match quoted {
            Quoted::Words(said) => Text::from(said.clone()),
            Quoted::Nothing => words.say("failure-no-words", &Args::new()),
            Quoted::Withheld => words.say("failure-signature", &Args::new()),
        },
        Cause::Found(finding) => found(finding, words),
    }
}

fn found(finding: &Finding, words: Words) -> Text {
    let args = Args::new();
    match finding {
        Finding::NoCredentials => words.say("failure-no-credentials", &args),
        Finding::NoCredentialSource => words.say("failure-no-credential-source", &args),
        Finding::NoExecuteRole => words.say("failure-no-execute-role", &args),
        Finding::NoAccountConfigured => words.say("failure-no-account-configured", &args),
        Finding::NotEncrypted => words.say("failure-not-encrypted", &args),
        Finding::Held(because) => words.say(held(*because), &args),
        Finding::NoCommandId => words.say("failure-no-command-id", &args),
        Finding::NoAccount => words.say("failure-no-account", &args),
        Finding::NoBaseline { system } => {
            words.say("failure-no-baseline", &args.text("system", system))
        }
        Finding::WindowWithoutChange { window } => {
            words.say("failure-window-without-change", &args.code("window", window))
        }
        Finding::WindowWithoutDuration { window } => {
            words.say("failure-window-without-duration", &args.code("window", window))
        }
        Finding::BadLocation { location, limit } => {
            let args = args.code("location", location).number("limit", *limit as i64);
            words.say("failure-bad-location", &args)
        }
        Finding::NothingToInstall => words.say("failure-nothing-to-install", &args),
        Finding::NotListable { patch } => {
            words.say("failure-not-listable", &args.code("patch", patch))
        }
        Finding::NoVersion { patch } => words.say("failure-no-version", &args.code("patch", patch)),
        Finding::ControlCharacter { name } => {
            words.say("failure-control-character", &args.code("name", name))
        }
        Finding::QueueElsewhere => words.say("failure-queue-elsewhere", &args),
        Finding::NoReceipt => words.say("failure-no-receipt", &args),
        Finding::NotDeleted { code } => words.say("failure-not-deleted", &args.text("code", code)),
    }
}

impl Remedy {
    /// What an operator can do.
    pub fn text(&self, locale: Locale) -> Text {
        let words = Words(locale);
        match self {
            Self::Allow { environment, operation } => {
                let id = match operation.as_str() {
                    "SendCommand" => "remedy-allow-send",
                    "PutObject" => "remedy-allow-put",
                    "GetCallerIdentity" => "remedy-allow-identity",
                    "CancelCommand" => "remedy-allow-execute",
                    _ => "remedy-allow-read",
                };
                let args = Args::new().text("environment", environment.as_str());
                words.say(id, &args.text("operation", operation))
            }
            Self::Wait => words.say("remedy-wait", &Args::new()),
            Self::CheckCredentials { environment } => {
                let args = Args::new().text("environment", environment.as_str());
                words.say("remedy-check-credentials", &args)
            }
            Self::RenewCredentials => words.say("remedy-renew-credentials", &Args::new()),
            Self::Connect => words.say("remedy-connect", &Args::new()),
        }
    }
}

impl NotScanned {
    /// The cause, in one language.
    pub(crate) fn text(&self, locale: Locale) -> Text {
        match self {
            Self::Failed(failure) => failure.text(locale),
            Self::Held(because) => Words(locale).say(held(*because), &Args::new()),
        }
    }
}

fn held(because: HeldBecause) -> &'static str {
    match because {
        HeldBecause::Stopped => "held-stopped",
        HeldBecause::NoLease => "held-no-lease",
        HeldBecause::WrongAccount => "held-wrong-account",
        HeldBecause::RunNear => "held-run-near",
        HeldBecause::NoRight => "held-no-right",
    }
}

impl ChatFailure {
    /// What happened, in words.
    pub(crate) fn text(&self, words: Words) -> Text {
        let args = Args::new().text("platform", &self.platform).text("operation", &self.operation);
        match &self.fault {
            ChatFault::Refused { code, message } => {
                let said = [code.as_deref(), message.as_deref()];
                let said: Vec<&str> = said.into_iter().flatten().collect();
                words.say("chat-refused", &args.text("said", said.join(" ")))
            }
            ChatFault::ThreadLocked { code } => {
                words.say("chat-thread-locked", &args.text("code", code))
            }
            ChatFault::Limited => words.say("chat-limited", &args),
            ChatFault::Status(status) => {
                words.say("chat-status", &args.text("status", status.to_string()))
            }
            ChatFault::Unreachable { said } => {
                words.say("chat-unreachable", &args.text("said", said))
            }
            ChatFault::Broken { said: Some(said) } => {
                words.say("chat-broken-said", &args.text("said", said))
            }
            ChatFault::Broken { said: None } => words.say("chat-broken", &args),
            ChatFault::NoAnswer { seconds } => {
                words.say("chat-no-answer", &args.text("seconds", seconds.to_string()))
            }
            ChatFault::Unreadable => words.say("chat-unreadable", &args),
            ChatFault::TooManyMessages => words.say("chat-too-many", &args),
            ChatFault::TooLateForDialog => words.say("chat-too-late", &args),
            ChatFault::Settings => words.say("chat-settings", &args),
            ChatFault::NotConfigured => words.say("chat-not-configured", &args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::EnvironmentName;

    fn name() -> EnvironmentName {
        "production".parse().expect("a name")
    }

    fn failure(operation: &str, cause: Cause, remedy: Option<Remedy>) -> Failure {
        let (environment, request) = (name(), Some("1-2".to_owned()));
        Failure { operation: operation.into(), environment, cause, request, remedy }
    }

    fn coded(code: &str, words: Quoted) -> Cause {
        Cause::Said { code: Some(code.into()), words }
    }

    /// Checks that Japanese text contains no English sentence: outside of quotes, it never has more
    /// than four Latin words in a row.
    fn is_japanese(text: &str) {
        assert!(!text.is_ascii(), "{text}");
        let latin = |word: &&str| word.bytes().all(|b| b.is_ascii_lowercase());
        let mut row = 0;
        for word in text.split_whitespace() {
            row = if latin(&word) { row + 1 } else { 0 };
            assert!(row < 4, "{text}");
        }
    }

    #[test]
    fn no_reader_reads_a_failure_in_another_language() {
        let allow =
            |operation: &str| Remedy::Allow { environment: name(), operation: operation.into() };
        let operations = ["SendCommand", "PutObject", "GetCallerIdentity", "CancelCommand"];
        let mut remedies: Vec<Remedy> = operations.map(allow).into();
        remedies.extend([
            allow("DescribeInstancePatches"),
            Remedy::Wait,
            Remedy::CheckCredentials { environment: name() },
            Remedy::RenewCredentials,
            Remedy::Connect,
        ]);
        let denied = || coded("AccessDeniedException", Quoted::Words("no".into()));
        let of_remedies = remedies
            .into_iter()
            .map(|remedy| failure("DescribeInstancePatches", denied(), Some(remedy)));
        let codes = [
            "InvalidInstanceId",
            "DuplicateInstanceId",
            "InvalidDocument",
            "InvalidParameters",
            "UnsupportedPlatformType",
            "MaxDocumentSizeExceeded",
        ];
        let of_codes = codes.map(|code| failure("SendCommand", coded(code, Quoted::Nothing), None));
        let withheld =
            failure("ListCommands", coded("SignatureDoesNotMatch", Quoted::Withheld), None);
        let findings = [
            Finding::NoCredentials,
            Finding::NoCredentialSource,
            Finding::NoExecuteRole,
            Finding::NoAccountConfigured,
            Finding::NotEncrypted,
            Finding::Held(HeldBecause::Stopped),
            Finding::NoCommandId,
            Finding::NoAccount,
            Finding::NoBaseline { system: "WINDOWS".into() },
            Finding::WindowWithoutChange { window: "mw-1".into() },
            Finding::WindowWithoutDuration { window: "mw-1".into() },
            Finding::BadLocation { location: "s3:/lists".into(), limit: 256 },
            Finding::NothingToInstall,
            Finding::NotListable { patch: "Intel - net".into() },
            Finding::NoVersion { patch: "kernel.x86_64".into() },
            Finding::ControlCharacter { name: "a\\n".into() },
            Finding::QueueElsewhere,
            Finding::NoReceipt,
            Finding::NotDeleted { code: "InternalError".into() },
        ];
        let of_findings = findings.map(|found| failure("PutObject", Cause::Found(found), None));
        let all: Vec<Failure> =
            of_remedies.chain(of_codes).chain([withheld]).chain(of_findings).collect();
        for failure in &all {
            is_japanese(&failure.text(Locale::Ja).plain());
            assert!(failure.text(Locale::En).plain().is_ascii(), "{failure:?}");
        }
        let aloud = |locale: Locale| {
            let lines: Vec<String> = all.iter().map(|one| one.text(locale).plain()).collect();
            lines.join("\n")
        };
        crate::view::tests::both("failures", aloud);
    }

    #[test]
    fn no_reader_reads_why_a_scan_was_held_in_another_language() {
        let held = [
            HeldBecause::Stopped,
            HeldBecause::NoLease,
            HeldBecause::WrongAccount,
            HeldBecause::RunNear,
            HeldBecause::NoRight,
        ];
        for why in held.map(NotScanned::Held) {
            is_japanese(&why.text(Locale::Ja).plain());
        }
    }

    #[test]
    fn no_reader_reads_what_a_platform_did_in_another_language() {
        let faults = [
            ChatFault::Refused { code: Some("is_archived".into()), message: None },
            ChatFault::Refused {
                code: Some("50001".into()),
                message: Some("Missing Access".into()),
            },
            ChatFault::ThreadLocked { code: "50013".into() },
            ChatFault::Limited,
            ChatFault::Status(502),
            ChatFault::Unreachable { said: "connection refused".into() },
            ChatFault::Broken { said: Some("connection reset".into()) },
            ChatFault::Broken { said: None },
            ChatFault::NoAnswer { seconds: 30 },
            ChatFault::Unreadable,
            ChatFault::TooManyMessages,
            ChatFault::TooLateForDialog,
            ChatFault::Settings,
            ChatFault::NotConfigured,
        ];
        let all = faults.map(|fault| {
            let (platform, operation) = ("Slack".into(), "chat.postMessage".into());
            ChatFailure { platform, operation, fault }
        });
        for failure in &all {
            is_japanese(&failure.text(Words(Locale::Ja)).plain());
        }
        let aloud = |locale: Locale| {
            let lines: Vec<String> =
                all.iter().map(|one| one.text(Words(locale)).plain()).collect();
            lines.join("\n")
        };
        crate::view::tests::both("chat-failures", aloud);
    }
}
