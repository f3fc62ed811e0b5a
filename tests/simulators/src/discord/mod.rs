//! Discord over the wire: the REST API and the gateway (both v10), with guilds behind them.
//!
//! ```no_run
//! # async fn sample() -> std::io::Result<()> {
//! use simulators::clock::Clock;
//! use simulators::discord::{App, Channel, Discord, Guild, Member};
//!
//! let guild = Guild::new("100", "Operations")
//!     .with_member(Member::new("1", "aiko", "Aiko Tanaka"))
//!     .with_channel(Channel::new("200", "patching"));
//! let discord = Discord::new(Clock::real(), App::new("900", "patchbot", "token"), vec![guild]);
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let (base, _task) = discord.serve(listener)?; // REST under {base}/api/v10
//! # Ok(())
//! # }
//! ```
//!
//! It is deliberately strict: it refuses what Discord refuses, with the same error code. Discord ignores
//! unknown fields and answers 404 to unknown routes; the simulator does so too, but also notes them in
//! [`Discord::complaints`], like everything else that a careful app would not do. Where Discord
//! documents no behaviour, a comment says that ours is inferred.
//!
//! - `wire` speaks HTTP, `gateway` speaks WebSocket.
//! - `limits` enforces what messages, modals and commands may contain.
//! - `user_actions` does what people do: type, press, choose, fill in.
//! - `reading` shows what people and tests can see.

mod gateway;
mod guild;
mod interaction;
mod json;
mod limits;
mod message;
mod rate_limits;
mod reading;
mod record;
mod user_actions;
mod wire;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

use crate::changes::Changes;
use crate::clock::Clock;
use crate::server;
pub use crate::server::RateLimits;

pub use guild::{App, Channel, ChannelKind, Guild, Member, Overwrite, Role, Thread, permission};
pub use interaction::{Kind, Modal, Response};
pub use message::{Message, Version};
pub use reading::plain_text;
pub use record::{Call, Fault};
pub use user_actions::{Choice, Press, Receipt, TOKEN_BEGINS, UserActionError};
pub(crate) use world::World;

/// A Discord with one app in its guilds. Clones share the state.
#[derive(Clone)]
pub struct Discord(Arc<Inner>);

struct Inner {
    clock: Clock,
    changes: Changes,
    world: Mutex<World>,
}

impl std::fmt::Debug for Discord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Discord").finish_non_exhaustive()
    }
}

impl Discord {
    /// A Discord with these guilds, in each of which the app is a member: add it as a [`Member`]
    /// with the app's id to give it roles, otherwise it is added without any.
    pub fn new(clock: Clock, app: App, guilds: Vec<Guild>) -> Self {
        let world = World::new(app, guilds);
        Self(Arc::new(Inner { clock, changes: Changes::default(), world: Mutex::new(world) }))
    }

    /// Chooses whether rate limits are enforced, which they are by default.
    pub fn set_rate_limits(&self, limits: RateLimits) {
        self.change(|world| world.rate_limits = limits);
    }

    /// Sets how often the gateway asks for a heartbeat, in real time, because it guards a real
    /// connection. The default is 41.25 s.
    pub fn set_heartbeat(&self, interval: Duration) {
        self.change(|world| world.gateway.heartbeat = interval);
    }

    /// Sets whether a person allows direct messages from members of their servers, including apps;
    /// they do by default. Their channel can be opened in either case, like at Discord.
    pub fn set_direct_messages(&self, user: &str, open: bool) {
        self.change(|world| {
            if open {
                world.closed_to_us.remove(user);
            } else {
                world.closed_to_us.insert(user.to_owned());
            }
        });
    }

    /// Makes the next request of a route fail, such as `POST /channels/{}/messages`; several faults
    /// are used in their order. `*` means any route.
    pub fn fail_next(&self, route: &str, fault: Fault) {
        self.change(|world| {
            world.faults.entry(route.to_owned()).or_default().push_back(fault);
        });
    }

    /// Gives a member exactly these roles.
    pub fn set_roles(&self, guild: &str, user: &str, roles: &[&str]) {
        self.change(|world| {
            let guild = world.guilds.iter_mut().find(|known| known.id == guild);
            let members = guild.into_iter().flat_map(|guild| &mut guild.members);
            for member in members.filter(|member| member.id == user) {
                member.roles = roles.iter().map(|&role| role.to_owned()).collect();
            }
        });
    }

    /// Gives the app's own role exactly these permission bits, in every guild. It was invited with
    /// some: see [`App::with_permissions`].
    pub fn set_app_permissions(&self, permissions: u64) {
        self.change(|world| {
            let id = world.app.role();
            let roles = world.guilds.iter_mut().flat_map(|guild| &mut guild.roles);
            roles.filter(|role| role.id == id).for_each(|role| role.permissions = permissions);
        });
    }

    /// All routes: `/api/v10/…`, the gateway under `/gateway`, attachments under `/attachments`.
    /// `own_base_url` is where the router will be reachable, such as `http://127.0.0.1:4410`.
    pub fn router(&self, own_base_url: &str) -> Router {
        self.change(|world| world.base = own_base_url.trim_end_matches('/').to_owned());
        wire::router(self.clone())
    }

    /// Serves Discord alone on `listener`, and returns its base URL. It stops when the returned
    /// task is aborted.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn serve(
        &self,
        listener: TcpListener,
    ) -> std::io::Result<(String, tokio::task::JoinHandle<()>)> {
        server::serve("Discord", listener, |base| self.router(base))
    }

    /// The clock of this Discord.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Notifies of every change.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    pub(crate) fn look(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut self.look());
        self.0.changes.announce();
        result
    }
}
