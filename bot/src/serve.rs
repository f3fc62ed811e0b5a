//! `patchbot serve`: runs the bot against the real services until it is asked to end.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use storage::{SledStore, Store};

use crate::advisories::{Advisories, AdvisorySettings};
use crate::aws::{Aws, AwsSettings, EventQueues, StaticKeys};
use crate::backup::Control;
use crate::chat::RateLimit;
use crate::clock::Clock;
use crate::config::{Config, Secrets};
use crate::engine::{Engine, Services};
use crate::exit::{Failed, NotConfigured};
use crate::telemetry::{Health, Metrics, Server, supervisor};
use crate::{http_server, listeners, platforms, shutdown, telemetry};

/// Runs the bot with the configuration at `path`.
pub async fn serve(path: &Path, insecure_endpoints: bool) -> Result<()> {
    crate::proxy::refuse(&|name| std::env::var(name).ok())
        .map_err(|error| NotConfigured(format!("{error:#}")))?;
    let config = Config::load(path)?;
    let secrets = Secrets::read(&|name| std::env::var(name).ok(), &config)
        .map_err(|error| NotConfigured(format!("{error:#}")))?;
    let insecure = config.insecure_endpoints();
    if !insecure.is_empty() && !insecure_endpoints {
        return Err(NotConfigured(format!(
            "these endpoints are reached without TLS: {}. Tokens and commands would travel in the clear. \
             Use https, or give --insecure-endpoints for a drill",
            insecure.join(", ")
        ))
        .into());
    }
    let drill = insecure_endpoints;
    let bot = Bot { config, secrets, clock: Clock::System, keys: None, drill };
    let running = bot.run();
    tokio::select! {
        ended = Box::pin(running) => ended,
        () = shutdown::requested() => {
            supervisor::stopping();
            tracing::info!("stopping: everything that was decided is stored, and the next start continues from there");
            Ok(())
        }
    }
}

/// Everything that a bot needs to run.
#[derive(Debug)]
pub struct Bot {
    /// The configuration.
    pub config: Config,
    /// The tokens and keys.
    pub secrets: Secrets,
    /// The clock that the bot runs by.
    pub clock: Clock,
    /// The keys of a simulated AWS; `None` uses the default credential chain of the SDK.
    pub keys: Option<StaticKeys>,
    /// Whether every card says that this is a drill, and platforms may be reached without TLS.
    pub drill: bool,
}

impl Bot {
    /// Opens the store, connects, and runs until an error ends it.
    ///
    /// # Errors
    /// Always, in the end: to stop it, drop the future.
    pub async fn run(self) -> Result<()> {
        let data = &self.config.data;
        let store = SledStore::open(data).map_err(Failed)?;
        let exports = hand_out(data, store.clone());
        #[cfg(feature = "crash-points")]
        let store = crate::crash_points::Watched::new(Arc::new(store));
        tokio::select! {
            ended = self.run_on(Arc::new(store)) => ended,
            () = exports => bail!("the task that serves exports has ended"),
        }
    }

    /// As [`Bot::run`], with `store` as the store.
    ///
    /// # Errors
    /// Always, in the end.
    pub async fn run_on(self, store: Arc<dyn Store>) -> Result<()> {
        let Self { config, secrets, clock, keys, drill } = self;
        let health = Arc::new(Health::new(platforms::connections(&config)));
        let server = match config.metrics {
            Some(address) => {
                Some(Server::open(address, health.clone(), Metrics::install()?).await?)
            }
            None => None,
        };
        let config = Arc::new(config);
        let chat = platforms::connect(&config, &secrets, drill).await?;
        let settings = AwsSettings {
            environments: config.aws.clone(),
            endpoint: config.aws_endpoint.clone(),
            access: keys,
            rates: config.rates,
            sleep: clock.sdk_sleep(),
        };
        let events = EventQueues::connect(&settings, &config.queues, clock.wait())
            .await
            .context("failed to set the queues of events up")?;
        let aws = Aws::connect(settings, clock.wait()).await.context("failed to set AWS up")?;
        let feeds = AdvisorySettings {
            nvd_base: config.feeds.nvd.clone(),
            kev_url: config.feeds.kev.clone(),
            msrc_base: Some(config.feeds.msrc.clone()),
            nvd_api_key: secrets.nvd.clone(),
        };
        let advisories =
            Advisories::new(feeds, clock.wait()).context("failed to set the feeds up")?;
        let services = Services {
            chat: chat.clone(),
            rate_limit: Arc::new(RateLimit::new(clock.clone(), config.posts_per_second)),
            aws,
            advisories: Arc::new(advisories),
            clock,
            config: Arc::clone(&config),
            drill,
            health: health.clone(),
        };
        let (engine, intake) = Engine::start(store, services).await?;
        let hint = intake.hint();
        let listening = listeners::listen(&chat, &config, &secrets, intake, &health);
        let server = async {
            match server {
                Some(server) => {
                    let (listener, router) = server.into_parts();
                    http_server::serve(listener, router, telemetry::CONNECTIONS).await;
                }
                None => std::future::pending().await,
            }
        };
        // If one ends, the other must end too: a bot that only receives, or only posts, is worse
        // than none.
        tokio::select! {
            ended = Box::pin(engine.run()) => ended.context("the engine has ended"),
            // It never ends, and no error that it meets ends the bot.
            () = Box::pin(events.poll(&health, hint)) => bail!("the queues of events have ended"),
            () = server => bail!("the port of metrics and health is closed"),
            () = supervisor::report(&health) => bail!("the task that notifies the supervisor has ended"),
            ended = Box::pin(listening) => ended,
        }
    }
}

/// Serves `patchbot export` while the bot runs. If the socket cannot be opened, the bot runs
/// without it.
fn hand_out(data: &Path, store: SledStore) -> impl Future<Output = ()> + use<> {
    let control = Control::open(data).map_err(|error| {
        tracing::warn!(
            error = %format!("{error:#}"),
            "there is no socket for exports: `patchbot export` works only while the bot is stopped"
        );
    });
    async move {
        match control {
            Ok(control) => control.serve(store).await,
            Err(()) => std::future::pending().await,
        }
    }
}
