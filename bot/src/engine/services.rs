//! The services that the engine uses.

use std::sync::Arc;

use crate::advisories::Advisories;
use crate::aws::Aws;
use crate::chat::RateLimit;
use crate::clock::Clock;
use crate::config::Config;
use crate::platforms::Chat;
use crate::telemetry::Health;

/// The services that the engine uses.
#[derive(Clone)]
pub struct Services {
    /// The chat platforms.
    pub chat: Chat,
    /// How often the platforms let us post and edit.
    pub rate_limit: Arc<RateLimit>,
    /// The AWS client.
    pub aws: Aws,
    /// The advisory feeds.
    pub advisories: Arc<Advisories>,
    /// The clock.
    pub clock: Clock,
    /// The configuration.
    pub config: Arc<Config>,
    /// Whether some services are simulated: then every card says so.
    pub drill: bool,
    /// Records that the loop runs.
    pub health: Arc<Health>,
}
