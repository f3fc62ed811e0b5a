//! What a world consists of before it starts to live.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::fault::NodeFault;
use super::os::Os;
use super::patch::{Baseline, Patch};
use super::queue::Queue;
use super::schedule::Schedule;

/// Everything that the simulated cloud starts from. `seed` makes believable ones.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Accounts with their keys and roles.
    pub accounts: Vec<Account>,
    /// Managed nodes of all accounts.
    pub nodes: Vec<NodeSpec>,
    /// What vendors released, or will have released by its date.
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
    /// Twelve digits.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// Access key ids that act as this account. Secrets are not looked at.
    pub keys: Vec<String>,
    /// Roles that any known caller may assume who names the external id.
    pub roles: Vec<Role>,
}

/// A role to assume.
#[derive(Clone, Debug)]
pub struct Role {
    /// `arn:aws:iam::111111111111:role/patchbot`
    pub arn: String,
    /// What the caller must name, when set.
    pub external_id: Option<String>,
    /// What its policies allow.
    pub powers: Powers,
    /// Statements of which one must admit a node for it to be sent commands. Empty where there is no
    /// condition.
    pub sends_only_to: Vec<SendsTo>,
}

/// The conditions on `ssm:resourceTag` of a statement that admits nodes. Those of one statement are
/// joined by AND.
#[derive(Clone, Debug)]
pub struct SendsTo {
    /// `StringEquals`: a tag that the node carries, with its value.
    pub equals: (String, String),
    /// `StringEqualsIfExists`: the value of another tag, where the node carries that.
    pub equals_if_exists: Option<(String, String)>,
}

impl SendsTo {
    /// The two statements of `execute.json` in the deployment: a node of this group by either tag, and
    /// by none of another group.
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
    /// All that there is.
    #[default]
    Everything,
    /// To look, as `read.json` of the deployment does.
    Read,
    /// To send and cancel commands and to put objects, and nothing else.
    Execute,
    /// To be assumed, and nothing else.
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
    /// `i-0123456789abcdef0`
    pub id: String,
    /// Its computer name.
    pub name: String,
    /// The account it runs in.
    pub account: String,
    /// The region it runs in.
    pub region: String,
    /// Its system.
    pub os: Os,
    /// Its tags; `PatchGroup` (or `Patch Group`) makes its patch group.
    pub tags: BTreeMap<String, String>,
    /// Titles or ids of patches that it already has; nodes of one image share the list.
    pub installed: Arc<[String]>,
    /// How long ago its last scan ended; `None` means never scanned.
    pub scanned_ago: Option<TimeDelta>,
    /// Whether it runs.
    pub life: Life,
    /// What ListInventoryEntries says for `AWS:Application`.
    pub applications: Vec<Application>,
    /// `UnreportedNotApplicableCount` of its scans.
    pub not_applicable: i32,
    /// The trouble that it starts with.
    pub fault: Option<NodeFault>,
}

/// Whether a node runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It runs and its agent answers.
    Running,
    /// Stopped: absent from DescribeInstanceInformation, refused by SendCommand.
    Stopped,
    /// Gone: likewise.
    Terminated,
}

/// One row of `AWS:Application` inventory.
#[derive(Clone, Debug)]
pub struct Application {
    /// `nginx`
    pub name: String,
    /// `1.24.0`
    pub version: String,
    /// Who makes it.
    pub publisher: String,
    /// `x86_64`
    pub architecture: String,
}

/// A maintenance window as it is seeded.
#[derive(Clone, Debug)]
pub struct Window {
    /// `mw-0123456789abcdef0`
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// The region that it is in.
    pub region: String,
    /// Its name.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: String,
    /// When it opens.
    pub schedule: Schedule,
    /// Hours that it is open.
    pub duration_hours: u8,
    /// Hours before its end from which nothing new starts.
    pub cutoff_hours: u8,
    /// Whether it opens at all.
    pub enabled: bool,
    /// Patch groups it is for.
    pub patch_groups: Vec<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// How long things take, in simulated time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From SendCommand until the first node begins.
    pub delivery: TimeDelta,
    /// A scan.
    pub scan: TimeDelta,
    /// An install of nothing.
    pub install: TimeDelta,
    /// What each patch adds to an install.
    pub each_patch: TimeDelta,
    /// How long a node is away in a reboot.
    pub reboot: TimeDelta,
    /// Each node takes this much longer than the one before, so that not all end at once.
    pub stagger: TimeDelta,
    /// From SendCommand until lists and lookups show the command.
    pub command_lag: TimeDelta,
    /// From the end of an operation until its patch state shows.
    pub state_lag: TimeDelta,
    /// When a step that never ends is given up: the document's execution timeout.
    pub execution_timeout: TimeDelta,
}

impl Default for Pace {
    /// As a real fleet would, roughly.
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
    /// Everything within milliseconds.
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
