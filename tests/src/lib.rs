//! The harness of the end-to-end tests.
//!
//! The binary runs as a process of its own, as an operator would start it, and uses its real clients to
//! reach simulated AWS, Slack, Discord and feeds over sockets. The tests check what people could read and
//! what AWS received, never what is inside the bot.
//!
//! - [`Stage`] is the world: the simulators, the store on disk, and what can be observed.
//! - [`Bot`] is the process, which a story starts, kills without warning and restarts.
//! - [`FaultGate`] is in front of a simulator, and holds a request at the moment that a story is about.
//! - [`CrashPoints`] are all moments of a story at which the process can be killed.

mod act;
mod bot;
mod crash_points;
mod discord;
mod fault_gate;
mod health;
mod idle_store;
mod in_process;
mod observe;
mod people;
mod request;
mod seeds;
mod settings;
mod stage;

pub use bot::{Bot, ProcessOutput, SIGNING_SECRET, binary};
pub use crash_points::{CrashPoint, CrashPoints, Moment};
pub use discord::says_in_discord;
pub use fault_gate::{FaultGate, FaultPolicy, Hold, Side};
pub use in_process::{Idle, InProcessBot};
pub use observe::{buttons, key, says};
pub use people::{
    AIKO, BEN, CHANNEL, DISCORD_CHANNEL, DISCORD_ROLE, FOREIGN_DISCORD_CHANNEL, GUILD, HANA,
    INVITED_WITH, OMAR, OTHER_DISCORD_CHANNEL, OWNERS, SLACK_GROUP, STRANGER, Somebody, crowd,
    in_discord, named,
};
pub use seeds::{Played, Seeds, dice};
pub use settings::{Endpoints, Environment, Platforms, Settings};
pub use stage::Stage;
