//! Outages: what breaks, and when. The trigger is the nth thing that happens, never a time of the
//! clock.

use std::sync::atomic::Ordering;

use anyhow::Result;
use fastrand::Rng;
use simulators::{discord, slack};
use stories::dice;

use crate::World;

/// The most outages: in a world in which everything always breaks, no story would end.
const MAX_OUTAGES: usize = 40;

/// The methods of Slack that the bot calls while people vote.
const METHODS: [&str; 6] = [
    "chat.postMessage",
    "chat.update",
    "response_url",
    "apps.connections.open",
    "conversations.history",
    "auth.test",
];

/// The routes of Discord that it calls.
const ROUTES: [&str; 7] = [
    "POST /channels/{}/messages",
    "PATCH /channels/{}/messages/{}",
    "POST /interactions/{}/{}/callback",
    "POST /webhooks/{}/{}",
    "PATCH /webhooks/{}/{}/messages/@original",
    "POST /channels/{}/messages/{}/threads",
    "GET /channels/{}/messages",
];

/// Breaks things whenever something has happened. Never returns.
pub(crate) async fn from_now_on(world: &World) -> Result<()> {
    let mut slack = world.stage.slack.changes().subscribe();
    let mut discord = world.stage.discord.changes().subscribe();
    let mut broken = 0;
    for nth in 0.. {
        let changed = tokio::select! {
            changed = slack.changed() => changed,
            changed = discord.changed() => changed,
        };
        // A simulator that is gone no longer changes; the story says what is missing.
        if changed.is_err() || broken == MAX_OUTAGES || world.calm.load(Ordering::SeqCst) {
            break;
        }
        let mut rng = dice(world.seed, "breaks", nth);
        if rng.u32(..100) < 12 {
            broken += 1;
            breaks(world, &mut rng);
        }
    }
    std::future::pending().await
}

fn breaks(world: &World, rng: &mut Rng) {
    let (slack, discord) = (&world.stage.slack, &world.stage.discord);
    match rng.u32(..100) {
        0..10 => {
            world.note("Slack: every socket is cut");
            slack.cut_sockets();
        }
        10..18 => {
            let reason = rng.choice(["refresh_requested", "warning"]).unwrap_or("warning");
            world.note(format!("Slack: disconnect, {reason}"));
            slack.ask_to_disconnect(reason);
        }
        18..26 => {
            world.note("Discord: the connection is cut");
            discord.cut_connections();
        }
        26..32 => {
            world.note("Discord: asked to connect anew; the last events come twice");
            discord.repeat_on_resume(rng.u64(0..5));
            discord.ask_to_reconnect();
        }
        32..35 => {
            let is_resumable = rng.bool();
            world.note(format!("Discord: the session is invalid, to be resumed: {is_resumable}"));
            discord.invalidate_sessions(is_resumable);
        }
        35..45 => redeliver_in_slack(world, rng),
        45..55 => redeliver_in_discord(world, rng),
        55..58 => world.kill.notify_one(),
        58..80 => {
            let method = rng.choice(METHODS).unwrap_or("chat.update");
            let fault = match rng.u32(..4) {
                0 => slack::Fault::RateLimited(1),
                1 => slack::Fault::ServerError,
                2 => slack::Fault::ResetBefore,
                _ => slack::Fault::ResetAfter,
            };
            world.note(format!("Slack: the next {method} meets {fault:?}"));
            slack.fail_next(method, fault);
        }
        _ => {
            let route = rng.choice(ROUTES).unwrap_or("*");
            let fault = match rng.u32(..4) {
                0 => discord::Fault::RateLimited(1),
                1 => discord::Fault::ServerError,
                2 => discord::Fault::ResetBefore,
                _ => discord::Fault::ResetAfter,
            };
            world.note(format!("Discord: the next {route} meets {fault:?}"));
            discord.fail_next(route, fault);
        }
    }
}

/// Slack delivers something again.
fn redeliver_in_slack(world: &World, rng: &mut Rng) {
    let envelopes = world.stage.slack.envelopes();
    let Some((id, kind, _)) = rng.choice(envelopes) else { return };
    world.note(format!("Slack: delivers {kind} once more"));
    let slack = world.stage.slack.clone();
    tokio::spawn(async move {
        // It does not matter here whether the second one is acknowledged as well.
        let _ = slack.redeliver(&id).await;
    });
}

fn redeliver_in_discord(world: &World, rng: &mut Rng) {
    let ids = world.stage.discord.interactions();
    let Some(id) = rng.choice(ids) else { return };
    world.note("Discord: delivers an interaction once more");
    if let Err(error) = world.stage.discord.redeliver(&id) {
        world.note(format!("Discord: {error}"));
    }
}
