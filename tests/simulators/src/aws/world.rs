//! The world of the cloud as it is before it starts to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::fault::NodeFault;
use super::os::Os;
use super::patch::{Baseline, Patch};
use super::queue::Queue;
use super::schedule::Schedule;

/// Everything that the simulated cloud starts with. `seed` builds plausible worlds.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Accounts with their keys and roles.
    pub accounts: Vec<Account>,
    /// Managed nodes of all accounts.
    pub nodes: Vec<NodeSpec>,
    /// What vendors have released, or will release at its date.
    pub patches: Vec<Patch>,
    /// Patch baselines of all accounts.
    pub baselines: Vec<Baseline>,
    /// Maintenance windows of all accounts.
    pub windows: Vec<Window>,
    /// S3 buckets that exist.
    pub buckets: Vec<String>,
    /// Queues that events are put into.
    pub queues: Vec<Queue>,
    /// How long things take.
    pub pace: Pace,
}

/// An AWS account.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The account id: twelve digits.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// Access key ids of this account. Secrets are not checked.
    pub keys: Vec<String>,
    /// Roles that any known caller with the external id may assume.
    pub roles: Vec<Role>,
}

/// A role to assume.
#[derive(Clone, Debug)]
pub struct Role {
    /// The ARN, such as `arn:aws:iam::111111111111:role/patchbot`.
    pub arn: String,
    /// The external id that the caller must give; `None` if it needs none.
    pub external_id: Option<String>,
    /// What its policies allow.
    pub powers: Powers,
    /// Statements that allow sending commands to a node; one of them must match. Empty if there is
    /// no condition.
    pub sends_only_to: Vec<SendsTo>,
}

/// The conditions on `ssm:resourceTag` of a statement, joined by AND.
#[derive(Clone, Debug)]
pub struct SendsTo {
    /// `StringEquals`: a tag that the node carries, with its value.
    pub equals: (String, String),
    /// `StringEqualsIfExists`: the value of another tag, if the node carries it.
    pub equals_if_exists: Option<(String, String)>,
}

impl SendsTo {
    /// The two statements of `execute.json` in the deployment: they allow a node with this group in
    /// either tag, and with no other group.
    pub fn group(group: &str) -> Vec<Self> {
        let tag = |key: &str| (key.to_owned(), group.to_owned());
        [("PatchGroup", "Patch Group"), ("Patch Group", "PatchGroup")]
            .map(|(one, other)| Self { equals: tag(one), equals_if_exists: Some(tag(other)) })
            .into()
    }

    pub(super) fn admits(&self, tags: &BTreeMap<String, String>) -> bool {
        let Self { equals: (key, value), equals_if_exists } = self;
        let other = equals_if_exists.as_ref();
        tags.get(key) == Some(value)
            && other.is_none_or(|(key, value)| tags.get(key).is_none_or(|has| has == value))
    }
}

/// What the policies of a role allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Powers {
    /// Everything.
    #[default]
    Everything,
    /// To read, like `read.json` of the deployment.
    Read,
    /// To send and cancel commands and to put objects, and nothing else.
    Execute,
    /// Nothing, except to be assumed.
    Nothing,
}

impl Powers {
    pub(super) fn allow(self, operation: &str) -> bool {
        let acts = matches!(
            operation,
            "SendCommand" | "CancelCommand" | "UpdateMaintenanceWindow" | "PutObject"
        );
        match self {
            Self::Everything => true,
            Self::Read => !acts,
            Self::Execute => acts,
            Self::Nothing => false,
        }
    }
}

/// A managed node as it is seeded.
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// The instance id, such as `i-0123456789abcdef0`.
    pub id: String,
    /// Its computer name.
    pub name: String,
    /// The account that it runs in.
    pub account: String,
    /// The Region that it runs in.
    pub region: String,
    /// Its operating system.
    pub os: Os,
    /// Its tags; `PatchGroup` (or `Patch Group`) sets its patch group.
    pub tags: BTreeMap<String, String>,
    /// Titles or ids of patches that it has already; nodes of one image share the list.
    pub installed: Arc<[String]>,
    /// How long ago its last scan ended; `None` means never scanned.
    pub scanned_ago: Option<TimeDelta>,
    /// Whether it is running.
    pub life: Life,
    /// What ListInventoryEntries returns for `AWS:Application`.
    pub applications: Vec<Application>,
    /// `UnreportedNotApplicableCount` of its scans.
    pub not_applicable: i32,
    /// Its fault at the beginning, if any.
    pub fault: Option<NodeFault>,
}

/// Whether a node is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It runs and its agent answers.
    Running,
    /// Stopped: absent from DescribeInstanceInformation, and refused by SendCommand.
    Stopped,
    /// Terminated: absent and refused in the same way.
    Terminated,
}

/// One row of the `AWS:Application` inventory.
#[derive(Clone, Debug)]
pub struct Application {
    /// The name, such as `nginx`.
    pub name: String,
    /// The version, such as `1.24.0`.
    pub version: String,
    /// The publisher.
    pub publisher: String,
    /// The architecture, such as `x86_64`.
    pub architecture: String,
}

/// A maintenance window as it is seeded.
#[derive(Clone, Debug)]
pub struct Window {
    /// The id, such as `mw-0123456789abcdef0`.
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// The Region that it is in.
    pub region: String,
    /// The name of the window.
    pub name: String,
    /// Its purpose, in one sentence.
    pub description: String,
    /// When it opens.
    pub schedule: Schedule,
    /// How many hours it is open.
    pub duration_hours: u8,
    /// How many hours before its end nothing new starts.
    pub cutoff_hours: u8,
    /// Whether it opens at all.
    pub enabled: bool,
    /// The patch groups that it is for.
    pub patch_groups: Vec<String>,
    /// When it was created.
    pub created: DateTime<Utc>,
}

/// How long things take, in simulated time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From SendCommand until the first node begins.
    pub delivery: TimeDelta,
    /// The duration of a scan.
    pub scan: TimeDelta,
    /// The duration of an install without patches.
    pub install: TimeDelta,
    /// What each patch adds to an install.
    pub each_patch: TimeDelta,
    /// How long a node is away during a reboot.
    pub reboot: TimeDelta,
    /// Each node takes this much longer than the previous one, so that not all end at once.
    pub stagger: TimeDelta,
    /// From SendCommand until lists and lookups show the command.
    pub command_lag: TimeDelta,
    /// From the end of an operation until its patch state is visible.
    pub state_lag: TimeDelta,
    /// When a step that never ends is ended: the document's execution timeout.
    pub execution_timeout: TimeDelta,
}

impl Default for Pace {
    /// Roughly the pace of a real fleet.
    fn default() -> Self {
        Self {
            delivery: TimeDelta::seconds(2),
            scan: TimeDelta::seconds(20),
            install: TimeDelta::seconds(100),
            each_patch: TimeDelta::seconds(20),
            reboot: TimeDelta::seconds(60),
            stagger: TimeDelta::seconds(3),
            command_lag: TimeDelta::zero(),
            state_lag: TimeDelta::zero(),
            execution_timeout: TimeDelta::seconds(7200),
        }
    }
}

impl Pace {
    /// A pace at which everything takes milliseconds.
    pub fn quick() -> Self {
        Self {
            delivery: TimeDelta::milliseconds(1),
            scan: TimeDelta::milliseconds(5),
            install: TimeDelta::milliseconds(10),
            each_patch: TimeDelta::milliseconds(1),
            reboot: TimeDelta::milliseconds(5),
            stagger: TimeDelta::zero(),
            ..Self::default()
        }
    }
}
