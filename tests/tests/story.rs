//! The story that patchbot is for, and the same story with the process killed in the middle.

#[path = "story/account.rs"]
mod account;
#[path = "story/admitted.rs"]
mod admitted;
#[path = "story/all_clear.rs"]
mod all_clear;
#[path = "story/asked.rs"]
mod asked;
#[path = "story/backed_up.rs"]
mod backed_up;
#[path = "story/counted.rs"]
mod counted;
#[path = "story/crowd.rs"]
mod crowd;
#[path = "story/definitions.rs"]
mod definitions;
#[path = "story/dialogs.rs"]
mod dialogs;
#[path = "story/discord.rs"]
mod discord;
#[path = "story/doubt.rs"]
mod doubt;
#[path = "story/ended.rs"]
mod ended;
#[path = "story/flooded.rs"]
mod flooded;
#[path = "story/grouped.rs"]
mod grouped;
#[path = "story/held_up.rs"]
mod held_up;
#[path = "story/hinted.rs"]
mod hinted;
#[path = "story/homed.rs"]
mod homed;
#[path = "story/killed.rs"]
mod killed;
#[path = "story/levels.rs"]
mod levels;
#[path = "story/menu.rs"]
mod menu;
#[path = "story/over_http.rs"]
mod over_http;
#[path = "story/pinned.rs"]
mod pinned;
#[path = "story/promoted.rs"]
mod promoted;
#[path = "story/reminded.rs"]
mod reminded;
#[path = "story/rescheduled.rs"]
mod rescheduled;
#[path = "story/scene.rs"]
mod scene;
#[path = "story/stopped.rs"]
mod stopped;
#[path = "story/supervised.rs"]
mod supervised;
#[path = "story/sure.rs"]
mod sure;
#[path = "story/swept.rs"]
mod swept;
#[path = "story/told.rs"]
mod told;
#[path = "story/truth.rs"]
mod truth;
#[path = "story/two_groups.rs"]
mod two_groups;
#[path = "story/unlinked.rs"]
mod unlinked;
#[path = "story/unread.rs"]
mod unread;
#[path = "story/watched.rs"]
mod watched;
#[path = "story/whole.rs"]
mod whole;
#[path = "story/wished.rs"]
mod wished;
