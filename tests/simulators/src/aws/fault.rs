//! What goes wrong, when a story asks for it.

/// A node's trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeFault {
    /// Installing fails, for one patch or for all.
    InstallFails {
        /// The patch id (`openssh.x86_64`, `KB5041160`); `None` means every one.
        patch: Option<String>,
        /// Heals after the first failure.
        once: bool,
        /// What the node says on standard error.
        stderr: String,
    },
    /// It never answers: the command waits for it until the delivery times out.
    Silent,
    /// It installs, reboots, and never comes back.
    LostInReboot,
    /// It installs all that it should and reboots, and its command is reported as failed after that,
    /// as agents on Windows have done (amazon-ssm-agent issue 681).
    FailsAfterReboot,
    /// Its scans fail: counts of -1 and dates of 1970.
    ScanFails,
    /// Its role may read nothing of ours in S3: it cannot fetch an override list.
    CannotReadLists,
    /// The service cannot reach it at all.
    Undeliverable,
    /// The service has lost it, and refuses whole commands because of it (aws-cli issue 3646).
    Refused,
}

/// An operation's trouble, for its next `n` calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpFault {
    /// `ThrottlingException`; nothing is done.
    Throttle(u32),
    /// An internal error; nothing is done.
    ServerErrorBefore(u32),
    /// An internal error although it was done.
    ServerErrorAfterAccept(u32),
    /// The connection closes without an answer; nothing is done.
    ResetBefore(u32),
    /// The connection closes without an answer although it was done.
    ResetAfter(u32),
}

impl OpFault {
    /// Nothing is done: the request fails before it is looked at.
    pub(super) fn is_before(self) -> bool {
        matches!(self, Self::Throttle(_) | Self::ServerErrorBefore(_) | Self::ResetBefore(_))
    }

    /// There is no answer.
    pub(super) fn closes(self) -> bool {
        matches!(self, Self::ResetBefore(_) | Self::ResetAfter(_))
    }

    /// What was done is answered with an error all the same.
    pub(super) fn breaks(self) -> bool {
        matches!(self, Self::ServerErrorAfterAccept(_))
    }

    pub(super) fn calls_left(&mut self) -> &mut u32 {
        match self {
            Self::Throttle(n)
            | Self::ServerErrorBefore(n)
            | Self::ServerErrorAfterAccept(n)
            | Self::ResetBefore(n)
            | Self::ResetAfter(n) => n,
        }
    }
}
