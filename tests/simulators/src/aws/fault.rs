//! Faults: what goes wrong if a story asks for it.

/// A fault of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeFault {
    /// The install fails, for one patch or for all.
    InstallFails {
        /// The id of the patch (`openssh.x86_64`, `KB5041160`); `None` means every patch.
        patch: Option<String>,
        /// Whether the fault disappears after the first failure.
        once: bool,
        /// What the node prints on standard error.
        stderr: String,
    },
    /// It never answers: the command waits for it until the delivery times out.
    Silent,
    /// It installs, reboots, and never comes back.
    LostInReboot,
    /// It installs everything and reboots, and its command is reported as failed after that, as
    /// some agents on Windows did (amazon-ssm-agent issue 681).
    FailsAfterReboot,
    /// Its scans fail: counts of -1 and dates of 1970.
    ScanFails,
    /// Its role may read nothing of ours in S3, so it cannot fetch an override list.
    CannotReadLists,
    /// The service cannot reach it at all.
    Undeliverable,
    /// The service has lost it, and refuses whole commands because of it (aws-cli issue 3646).
    Refused,
}

/// A fault of an operation, for its next `n` calls.
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
    /// Whether the request fails before anything is done.
    pub(super) fn is_before(self) -> bool {
        matches!(self, Self::Throttle(_) | Self::ServerErrorBefore(_) | Self::ResetBefore(_))
    }

    /// Whether there is no answer.
    pub(super) fn closes(self) -> bool {
        matches!(self, Self::ResetBefore(_) | Self::ResetAfter(_))
    }

    /// Whether the request is done but answered with an error.
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
