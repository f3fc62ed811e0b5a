//! What patchbot does, told end to end.
//!
//! The binary runs as a process of its own, as an operator would start it, and reaches simulated
//! AWS, Slack and feeds over sockets with its real clients. What counts is what people could read
//! in Slack and what AWS received; nothing looks inside the bot.
//!
//! - [`Stage`] is the world: the simulators, the store on disk, and what can be seen of it.
//! - [`Bot`] is the process: started, killed without a warning, started again.
//! - [`Gate`] stands before a simulator and holds a request at the moment that a story is about.
//! - [`Points`] are all moments of a story at which the process can be killed.

mod bot;
mod busy;
mod eyes;
mod gate;
mod hands;
mod health;
mod inside;
mod people;
mod points;
mod request;
mod seeds;
mod settings;
mod stage;
mod there;

pub use bot::{Bot, Ended, SIGNING_SECRET, binary};
pub use eyes::{buttons, key, says};
pub use gate::{Gate, Hold, Side, Weather};
pub use inside::{Idle, Inside};
pub use people::{
    AIKO, BEN, CHANNEL, FOREIGN_ROOM, GUILD, HANA, INVITED_WITH, OMAR, OTHER_ROOM, OWNERS, ROLE,
    ROOM, STRANGER, Somebody, TEAM, crowd, in_discord, named,
};
pub use points::{Moment, Point, Points};
pub use seeds::{Played, Seeds, dice};
pub use settings::{Environment, On, Places, Settings};
pub use stage::Stage;
pub use there::says_there;
