//! The bot inside the process of a test, for stories in which time runs by the story's clock: the
//! same bot that `patchbot serve` runs, on a thread and a runtime of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow};
use patchbot::aws::StaticKeys;
use patchbot::clock::Clock;
use patchbot::config::{Config, Secrets};
use patchbot::serve::Bot;
use simulators::clock::Skewed;
use storage::SledStore;
use tokio::sync::oneshot;

use super::Stage;
use super::bot::{APP_TOKEN, BOT_TOKEN, DISCORD_TOKEN};
use super::idle_store::{CountedStore, Work};

/// A bot in this process. Dropping it kills it too, but does not wait for that.
#[derive(Debug)]
pub struct InProcessBot {
    killed: Option<oneshot::Sender<()>>,
    ended: oneshot::Receiver<Result<()>>,
    thread: Option<JoinHandle<()>>,
    idle: Idle,
}

/// Tells whether a bot waits and has nothing to do now.
#[derive(Clone, Debug, Default)]
pub struct Idle {
    parked: Arc<AtomicBool>,
    work: Work,
}

impl Idle {
    /// Whether it has nothing to do at this moment.
    pub fn is_idle(&self) -> bool {
        self.parked.load(Ordering::SeqCst) && !self.work.is_under_way()
    }
}

impl InProcessBot {
    /// Starts the bot. `clock` is its host's clock.
    pub fn start(stage: &Stage, clock: &Skewed) -> Result<Self> {
        // If somebody has installed a provider before, that one stays.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let given = |name: &str| match name {
            "SLACK_BOT_TOKEN" => Some(BOT_TOKEN.to_owned()),
            "DISCORD_BOT_TOKEN" => Some(DISCORD_TOKEN.to_owned()),
            "SLACK_APP_TOKEN" => Some(APP_TOKEN.to_owned()),
            _ => None,
        };
        let config = Config::load(&stage.config())?;
        let bot = Bot {
            secrets: Secrets::read(&given, &config)?,
            config,
            clock: Clock::Skewed(clock.clone()),
            keys: Some(StaticKeys {
                id: simulators::seed::BASE_KEY.to_owned(),
                secret: "simulated".to_owned(),
            }),
            drill: true,
        };
        let store = SledStore::open(&bot.config.data).context("failed to open the store")?;
        let idle = Idle::default();
        let store = CountedStore { store: Arc::new(store), work: idle.work.clone() };
        let (parks, wakes) = (Arc::clone(&idle.parked), Arc::clone(&idle.parked));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .on_thread_park(move || parks.store(true, Ordering::SeqCst))
            .on_thread_unpark(move || wakes.store(false, Ordering::SeqCst))
            .build()
            .context("failed to start a runtime")?;
        let (killed, kill) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("bot".into())
            .spawn(move || {
                let ended = runtime.block_on(async {
                    tokio::select! {
                        ended = Box::pin(bot.run_on(Arc::new(store))) => ended,
                        _ = kill => Ok(()),
                    }
                });
                // This drops all tasks, wherever they wait: nothing of the bot goes on.
                drop(runtime);
                // Possibly nobody waits for the result any longer.
                let _ = end.send(ended);
            })
            .context("failed to start a thread")?;
        Ok(Self { killed: Some(killed), ended, thread: Some(thread), idle })
    }

    /// A handle that tells whether the bot has nothing to do.
    pub fn idle(&self) -> Idle {
        self.idle.clone()
    }

    /// Ends the bot at once, as a SIGKILL would. The store can be opened again after that.
    pub async fn kill(mut self) -> Result<()> {
        drop(self.killed.take());
        (&mut self.ended).await.context("the bot panicked")??;
        match self.thread.take().map(JoinHandle::join) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(_)) => Err(anyhow!("the bot panicked")),
        }
    }

    /// Waits until the bot ends by itself, which it never should; returns why.
    pub async fn ended(&mut self) -> anyhow::Error {
        match (&mut self.ended).await {
            Ok(Ok(())) => anyhow!("the bot has ended"),
            Ok(Err(error)) => error,
            Err(_) => anyhow!("the bot panicked"),
        }
    }
}
