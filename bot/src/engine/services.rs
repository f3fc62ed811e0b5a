//! Everything real that the engine reaches.

use std::sync::Arc;

use crate::advisories::Advisories;
use crate::aws::Aws;
use crate::chat::RateLimit;
use crate::clock::Clock;
use crate::config::Config;
use crate::platforms::Chat;
use crate::telemetry::Health;

/// Everything real that the engine reaches.
#[derive(Clone)]
pub struct Services {
    /// The platforms that people write on.
    pub chat: Chat,
    /// How often they let us post and edit.
    pub rate_limit: Arc<RateLimit>,
    /// AWS.
    pub aws: Aws,
    /// What is published about vulnerabilities.
    pub advisories: Arc<Advisories>,
    /// What time it is.
    pub clock: Clock,
    /// What the operator decided.
    pub config: Arc<Config>,
    /// Whether the services behind it are not the real ones: every card then says so.
    pub drill: bool,
    /// Where it is told that the loop turns.
    pub health: Arc<Health>,
}
