//! `patchbot serve`: the bot against real services, until it is asked to end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use commands::card::Reader;
use storage::SledStore;
use tokio::net::TcpListener;

use crate::advisories::{Advisories, AdvisorySettings};
use crate::aws::{Aws, AwsSettings, StaticKeys};
use crate::clock::Clock;
use crate::config::{Config, Hearing, Secrets};
use crate::engine::{Engine, World};
use crate::health::{Door, Health, Metrics};
use crate::slack::listen::Heard;
use crate::slack::{Access, Handler, People, Slack, http, listen, listen::Settings};

/// Runs the bot as the configuration at `path` says.
pub async fn serve(path: &Path, insecure_endpoints: bool) -> Result<()> {
    let config = Config::load(path)?;
    let secrets = Secrets::read(&|name| std::env::var(name).ok(), config.slack_port.is_some())?;
    let insecure = config.insecure_endpoints();
    if !insecure.is_empty() && !insecure_endpoints {
        bail!(
            "these endpoints are reached without TLS: {}. Tokens and commands would travel in the clear. \
             Use https, or give --insecure-endpoints for a drill",
            insecure.join(", ")
        );
    }
    let drill = insecure_endpoints;
    let bot = Bot { config, secrets, clock: Clock::System, keys: None, drill };
    let running = bot.run();
    tokio::select! {
        ended = Box::pin(running) => ended,
        () = asked_to_end() => {
            tracing::info!("asked to end; everything that was decided is stored, and the next start goes on from there");
            Ok(())
        }
    }
}

/// Everything a bot is made of.
#[derive(Debug)]
pub struct Bot {
    /// What the operator decided.
    pub config: Config,
    /// Tokens and keys.
    pub secrets: Secrets,
    /// What it takes for the time.
    pub clock: Clock,
    /// Keys for simulated AWS; none: where the SDK looks for them.
    pub keys: Option<StaticKeys>,
    /// Whether every card says that this is a drill, and Slack may be reached without TLS.
    pub drill: bool,
}

impl Bot {
    /// Opens the store, connects, and works until something ends it.
    ///
    /// # Errors
    /// Always, in the end: whoever wants it to stop drops it.
    pub async fn run(self) -> Result<()> {
        let Self { config, secrets, clock, keys, drill } = self;
        let over_http = matches!(secrets.slack_hearing, Hearing::Http(_));
        let health = Arc::new(Health::new(over_http));
        let door = match config.metrics {
            Some(address) => Some(Door::open(address, health.clone(), Metrics::begin()?).await?),
            None => None,
        };
        let config = Arc::new(config);
        let store = SledStore::open(&config.data)
            .with_context(|| format!("failed to open the store {}", config.data.display()))?;
        #[cfg(feature = "crash-points")]
        let store = crate::crash_points::Watched::new(store);
        let store = Arc::new(store);
        let access = Access {
            bot_token: secrets.slack_bot.expose().to_owned(),
            app_token: match &secrets.slack_hearing {
                Hearing::Sockets(token) => Some(token.expose().to_owned()),
                Hearing::Http(_) => None,
            },
            api_url: config.slack_api_url.clone(),
            plain_http: drill,
        };
        let slack = Slack::new(&access, People::new(config.people.clone()))
            .context("failed to set Slack up")?;
        tokens_are_good(&slack).await?;
        let settings = AwsSettings {
            environments: config.aws.clone(),
            endpoint: config.aws_endpoint.clone(),
            access: keys,
            rates: config.rates,
        };
        let aws = Aws::connect(settings, clock.wait()).await.context("failed to set AWS up")?;
        let feeds = AdvisorySettings {
            nvd_base: config.feeds.nvd.clone(),
            kev_url: config.feeds.kev.clone(),
            msrc_base: Some(config.feeds.msrc.clone()),
            nvd_api_key: secrets.nvd.clone(),
        };
        let advisories =
            Advisories::new(feeds, clock.wait()).context("failed to set the feeds up")?;
        let reader = Reader { locale: config.locale, drill };
        let world = World {
            slack: slack.clone(),
            aws,
            advisories: Arc::new(advisories),
            clock,
            config: Arc::clone(&config),
            reader,
            health: health.clone(),
        };
        let (engine, intake) = Engine::start(store, world).await?;
        let intake = Arc::new(intake);
        let handler: Handler = Arc::new(move |deed| {
            let intake = intake.clone();
            Box::pin(async move { intake.take(deed).await })
        });
        let (port, heard) = (config.slack_port, health.heard.clone());
        let ears = hear(&slack, &secrets.slack_hearing, port, handler, heard);
        let door = async {
            match door {
                Some(door) => door.serve().await,
                None => std::future::pending().await,
            }
        };
        // Neither may end without the other: a bot that only listens, or only talks, is worse than none.
        tokio::select! {
            ended = Box::pin(engine.run()) => ended.context("the engine has ended"),
            ended = door => ended.context("the port of metrics and health is closed"),
            ended = Box::pin(ears) => match ended {
                Ok(()) => bail!("listening to Slack has ended"),
                Err(error) => Err(error).context("failed to listen to Slack"),
            },
        }
    }
}

/// Hears Slack, over sockets or over HTTP, until something ends that.
async fn hear(
    slack: &Slack,
    hearing: &Hearing,
    port: Option<SocketAddr>,
    handler: Handler,
    heard: Arc<Heard>,
) -> Result<()> {
    let forever = std::future::pending();
    match (hearing, port) {
        (Hearing::Http(secret), Some(address)) => {
            let listener = TcpListener::bind(address)
                .await
                .with_context(|| format!("failed to open {address} (`slack.listen`)"))?;
            http::hear(listener, secret, handler, heard, forever).await?;
        }
        (Hearing::Sockets(_) | Hearing::Http(_), _) => {
            listen(slack, Settings::default(), handler, heard, forever).await?;
        }
    }
    Ok(())
}

/// A token that Slack refuses ends the start, or the bot would try it for ever and hear nothing.
/// Slack that cannot be asked now may be there later.
async fn tokens_are_good(slack: &Slack) -> Result<()> {
    let checked = match slack.check_tokens().await {
        Err(error) if !error.is_temporary() => {
            return Err(error).context("failed to talk to Slack with SLACK_BOT_TOKEN");
        }
        checked => checked,
    };
    let missing = checked.as_ref().ok().and_then(|tokens| tokens.missing.clone());
    if let Some(missing) = missing.filter(|missing| !missing.is_empty()) {
        tracing::info!(slack.missing = ?missing, "the bot token lacks scopes");
    }
    match checked.and_then(|tokens| tokens.listening) {
        Ok(()) => Ok(()),
        Err(error) if error.is_temporary() => {
            tracing::warn!(slack.error = %error, "the tokens could not be tried");
            Ok(())
        }
        Err(error) => Err(error).context("failed to listen to Slack with SLACK_APP_TOKEN"),
    }
}

async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
