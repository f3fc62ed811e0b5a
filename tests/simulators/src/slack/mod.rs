//! Slack over the wire: the Web API, Socket Mode and `response_url`, with a workspace behind it.
//!
//! It is deliberately strict: it refuses an unknown method, argument, block or field with Slack's error
//! code, and notes it in [`Workspace::complaints`]. Where Slack documents no behaviour, a comment says
//! that ours is inferred.
//!
//! - `wire` speaks HTTP, `socket` speaks Socket Mode; `request_url` calls an app in HTTP mode.
//! - `limits` enforces what Block Kit allows.
//! - `user_actions` does what people do: type, press, fill in.
//! - `reading` shows what people and tests can see.

mod limits;
mod message;
mod rate_limits;
mod reading;
mod record;
mod request_url;
mod socket;
mod user_actions;
mod wire;
mod workspace;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

use crate::changes::Changes;
use crate::clock::Clock;
pub(crate) use crate::deadline::Deadline;
use crate::server;
pub use crate::server::RateLimits;

pub use message::{Message, Version, View};
pub use reading::{plain_text, plain_text_of_blocks};
pub use record::{Call, Fault};
pub use request_url::Signed;
pub use user_actions::{Press, Receipt, UserActionError};
pub(crate) use user_actions::{label_of, options_of};
pub use workspace::{App, BOT_SCOPES, Channel, Command, Person, Team, Token, Tokens, UserGroup};
pub(crate) use world::World;

/// A Slack workspace with one installed app. Clones share the state.
#[derive(Clone)]
pub struct Workspace(Arc<Inner>);

struct Inner {
    clock: Clock,
    changes: Changes,
    world: Mutex<World>,
}

impl std::fmt::Debug for Workspace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workspace").finish_non_exhaustive()
    }
}

impl Workspace {
    /// A workspace with `people` in `channels`, and an app with `tokens`.
    ///
    /// The app's bot user is the first of the people with `is_bot`; if there is none, a user
    /// `U0APP` is added. `/patch` is registered as its slash command.
    pub fn new(clock: Clock, people: Vec<Person>, channels: Vec<Channel>, tokens: Tokens) -> Self {
        let world = World::new(people, channels, tokens);
        Self(Arc::new(Inner { clock, changes: Changes::default(), world: Mutex::new(world) }))
    }

    /// Adds user groups.
    #[must_use]
    pub fn with_groups(self, groups: Vec<UserGroup>) -> Self {
        self.change(|world| world.groups.extend(groups));
        self
    }

    /// Registers another slash command.
    #[must_use]
    pub fn with_command(self, name: &str, description: &str, usage_hint: &str) -> Self {
        self.change(|world| {
            world.commands.retain(|command| command.name != name);
            world.commands.push(Command {
                name: name.to_owned(),
                description: description.to_owned(),
                usage_hint: usage_hint.to_owned(),
            });
        });
        self
    }

    /// Sets the id, name and domain of the team.
    #[must_use]
    pub fn with_team(self, id: &str, name: &str, domain: &str) -> Self {
        self.change(|world| {
            world.team =
                Team { id: id.to_owned(), name: name.to_owned(), domain: domain.to_owned() };
        });
        self
    }

    /// Chooses whether rate limits are enforced, which they are by default.
    pub fn set_rate_limits(&self, limits: RateLimits) {
        self.change(|world| world.rate_limits = limits);
    }

    /// Refuses `data_visualization` with `invalid_blocks`, like workspaces without charts.
    pub fn refuse_charts(&self, refuse: bool) {
        self.change(|world| world.refuse_charts = refuse);
    }

    /// Grants or revokes a scope of the bot token, like a new installation of the app.
    pub fn set_scope(&self, scope: &str, granted: bool) {
        self.change(|world| {
            if granted {
                world.tokens.bot.scopes.insert(scope.to_owned());
            } else {
                world.tokens.bot.scopes.remove(scope);
            }
        });
    }

    /// Makes a person a member of another workspace, who is here through a shared channel (Slack
    /// Connect); or of this one, if `team` is `None`.
    pub fn set_home_team(&self, user: &str, team: Option<&str>) {
        self.change(|world| {
            if let Some(person) = world.people.iter_mut().find(|person| person.id == user) {
                person.home_team = team.map(str::to_owned);
            }
        });
    }

    /// Deactivates a person's account, or activates it again.
    pub fn set_deactivated(&self, user: &str, deactivated: bool) {
        self.change(|world| {
            for person in world.people.iter_mut().filter(|person| person.id == user) {
                person.is_deactivated = deactivated;
            }
        });
    }

    /// Makes the next call of `method` fail; several faults are used in their order. `response_url`
    /// names the hooks, `*` any method.
    pub fn fail_next(&self, method: &str, fault: Fault) {
        self.change(|world| {
            world.faults.entry(method.to_owned()).or_default().push_back(fault);
        });
    }

    /// Sets the members of a channel, as when somebody invites the app or leaves the company.
    pub fn set_members(&self, channel: &str, members: &[&str]) {
        self.change(|world| {
            if let Some(channel) = world.channels.iter_mut().find(|known| known.id == channel) {
                channel.members = members.iter().map(|&member| member.to_owned()).collect();
            }
        });
    }

    /// Replaces the members of a user group.
    pub fn set_group(&self, group: &str, users: &[&str]) {
        self.change(|world| {
            if let Some(group) = world.groups.iter_mut().find(|known| known.id == group) {
                group.users = users.iter().map(|&user| user.to_owned()).collect();
            }
        });
    }

    /// All routes: `/api/{method}`, the sockets under `/link`, the hooks under `/hooks`.
    /// `own_base_url` is where the router will be reachable, such as `http://127.0.0.1:4410`.
    pub fn router(&self, own_base_url: &str) -> Router {
        self.change(|world| world.base = own_base_url.trim_end_matches('/').to_owned());
        wire::router(self.clone())
    }

    /// Serves the workspace alone on `listener`, and returns its base URL: append `/api` for the
    /// Web API. It stops when the returned task is aborted.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn serve(
        &self,
        listener: TcpListener,
    ) -> std::io::Result<(String, tokio::task::JoinHandle<()>)> {
        server::serve("Slack", listener, |base| self.router(base))
    }

    /// The clock of this workspace.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Notifies of every change in the workspace.
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
