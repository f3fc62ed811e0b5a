//! `patchbot sandbox`: simulated AWS, Slack and Discord in this process, the real bot connected to
//! them, and a page on which a person reads, types and presses buttons. Nothing leaves this
//! machine.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::Router;
use chrono::Utc;
use simulators::aws::{Cloud, NodeFault};
use simulators::clock::Clock as SimulatedClock;
use simulators::discord::{self, App, Discord, Guild, Member};
use simulators::feeds::{Data, Feeds};
use simulators::seed::{self, BASE_KEY};
use simulators::server;
use simulators::slack::{Channel, Person, RateLimits, Tokens, Workspace};
use tokio::net::TcpListener;

use crate::aws::StaticKeys;
use crate::clock::Clock;
use crate::config::{Config, ListenSecret, Secrets, SlackSecrets};
use crate::secret::Secret;
use crate::serve::Bot;

mod cast;
mod drill;
mod fleet_panel;
mod settings;

/// Simulated seconds per real second while a person watches.
const SPEED: u32 = 60;
/// Simulated seconds per real second in a drill.
const DRILL_SPEED: u32 = 600;

/// The options of the sandbox.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The address of the page; port 0 takes any free one. It is for this machine only.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The language of the cards: en or ja.
    #[arg(long, default_value = "en", value_name = "LANGUAGE", value_parser = ["en", "ja"])]
    locale: String,
    /// Let scripted people play the whole cycle, report what was seen at AWS, in Slack and in
    /// Discord, and exit with 0 only if every step was seen.
    #[arg(long)]
    drill: bool,
    /// The name of a node that never responds, such as ver-web-01, to see what the bot says then.
    #[arg(long, value_name = "NODE")]
    silent: Option<String>,
}

/// All simulators.
#[derive(Clone)]
struct Stage {
    clock: SimulatedClock,
    cloud: Cloud,
    slack: Workspace,
    discord: Discord,
}

/// Runs the sandbox until it is asked to end, or until the drill has ended.
pub async fn run(options: Options) -> Result<ExitCode> {
    if !options.listen.ip().is_loopback() {
        bail!(
            "{} is not an address of this machine alone. Whoever reaches the page can press its buttons; \
             listen on 127.0.0.1",
            options.listen
        );
    }
    let speed = if options.drill { DRILL_SPEED } else { SPEED };
    let stage =
        stage(SimulatedClock::new(Utc::now(), f64::from(speed)), options.silent.as_deref())?;
    let aws = serve("AWS", |_| stage.cloud.router()).await?;
    let feeds = Data::seeded().context("failed to read the seeded advisories")?;
    let feeds = serve("feeds", |_| Feeds::new(feeds).router()).await?;
    let slack = serve("Slack", |base| stage.slack.router(base)).await?;
    let discord = serve("Discord", |base| stage.discord.router(base)).await?;
    let data = tempfile::tempdir().context("failed to make a folder for the store")?;
    let text = settings::toml(&settings::Addresses {
        aws: &aws,
        slack: &slack,
        discord: &discord,
        feeds: &feeds,
        data: data.path(),
        locale: &options.locale,
        // On the page there are no limits: they refill by simulated time, which a person may pause.
        posts_per_second: if options.drill { 1 } else { 10_000 },
        // The limits on AWS calls use the host's time. At the standard rates a command would wait
        // for minutes of simulated time, while its preflight check is valid for two.
        reads_per_second: 10 * speed,
        sends_per_second: 2 * speed,
    });
    let config = Config::parse(&text).context("the sandbox's own configuration is not usable")?;
    let locale = config.locale;
    let bot = Bot {
        config,
        secrets: Secrets {
            slack: Some(SlackSecrets {
                bot: Secret::new(cast::BOT_TOKEN),
                listen: ListenSecret::Sockets(Secret::new(cast::APP_TOKEN)),
            }),
            discord: Some(Secret::new(cast::DISCORD_TOKEN)),
            nvd: None,
        },
        clock: Clock::Simulated(stage.clock.clone()),
        keys: Some(StaticKeys { id: BASE_KEY.to_owned(), secret: "simulated".to_owned() }),
        drill: true,
    };
    let cloud = stage.cloud.clone();
    tokio::spawn(async move { cloud.run().await });
    if options.drill {
        tokio::select! {
            ended = Box::pin(bot.run()) => ended.map(|()| ExitCode::FAILURE).context("the bot ended in the middle of the drill"),
            code = Box::pin(drill::play(&stage, locale)) => Ok(code),
        }
    } else {
        // The limits refill by simulated time, which a person may pause.
        stage.slack.set_rate_limits(RateLimits::Off);
        stage.discord.set_rate_limits(discord::RateLimits::Off);
        let listener = TcpListener::bind(options.listen).await.with_context(|| {
            format!(
                "failed to listen on {}; name another with --listen 127.0.0.1:0",
                options.listen
            )
        })?;
        let page = format!("http://{}", listener.local_addr()?);
        welcome(&page, [&aws, &slack, &discord, &feeds]);
        let cloud = stage.cloud.clone();
        let aside = Arc::new(move || fleet_panel::fleet(&cloud));
        let router = simulators::page::router(
            stage.slack.clone(),
            Some(stage.discord.clone()),
            stage.clock.clone(),
            aside,
        );
        tokio::select! {
            ended = Box::pin(bot.run()) => ended.map(|()| ExitCode::FAILURE).context("the bot has ended"),
            ended = async { axum::serve(listener, router).await } => {
                ended.context("the page has ended")?;
                Ok(ExitCode::FAILURE)
            }
            _ = tokio::signal::ctrl_c() => Ok(ExitCode::SUCCESS),
        }
    }
}

fn stage(clock: SimulatedClock, silent: Option<&str>) -> Result<Stage> {
    let cloud = Cloud::new(clock.clone(), seed::sandbox(clock.now()));
    if let Some(name) = silent {
        let nodes = cloud.nodes();
        let node =
            nodes.iter().find(|node| node.name.eq_ignore_ascii_case(name) || node.id == name);
        let Some(node) = node else {
            let known: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
            bail!("there is no node {name}; there are {}", known.join(", "));
        };
        cloud.fail_node(&node.id, NodeFault::Silent);
    }
    let people: Vec<Person> = cast::PEOPLE
        .iter()
        .map(|one| Person::new(one.id, one.name, one.real_name).with_title(one.title))
        .collect();
    let members: Vec<&str> =
        cast::PEOPLE.iter().map(|person| person.id).chain([cast::BOT]).collect();
    let people =
        people.into_iter().chain([Person::bot(cast::BOT, "patchbot", "patchbot")]).collect();
    let channels = vec![Channel::new(cast::CHANNEL, "patching", &members)];
    let tokens = Tokens::new(cast::BOT_TOKEN, cast::APP_TOKEN);
    let slack = Workspace::new(clock.clone(), people, channels, tokens);
    let guild = cast::PEOPLE
        .iter()
        .map(|person| Member::new(person.discord, person.name, person.real_name))
        .fold(Guild::new(cast::GUILD, "Operations"), Guild::with_member)
        .with_channel(discord::Channel::new(cast::DISCORD_CHANNEL, "patching"));
    let app = App::new(cast::APPLICATION, "patchbot", cast::DISCORD_TOKEN);
    let discord = Discord::new(clock.clone(), app, vec![guild]);
    Ok(Stage { clock, cloud, slack, discord })
}

async fn serve(simulator: &'static str, router: impl FnOnce(&str) -> Router) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .with_context(|| format!("failed to open a port for {simulator}"))?;
    // The task runs without its handle.
    let (address, _task) = server::serve(simulator, listener, router)
        .with_context(|| format!("failed to serve {simulator}"))?;
    Ok(address)
}

#[expect(clippy::print_stdout, reason = "this subcommand talks to a person in a terminal")]
fn welcome(page: &str, [aws, slack, discord, feeds]: [&str; 4]) {
    println!(
        "patchbot sandbox. Nothing here is real, and nothing leaves this machine.

  Page     {page}    read both channels, type /patch, press buttons, push time ahead
  AWS      {aws}    for other clients: AWS_ENDPOINT_URL, access key {BASE_KEY}, any secret
  Slack    {slack}/api    tokens {} and {}
  Discord  {discord}/api/v10    token {}
  Feeds    {feeds}    NVD, CISA KEV and MSRC for the patches of this world

One minute here is a second. Press Ctrl-C to end.",
        cast::BOT_TOKEN,
        cast::APP_TOKEN,
        cast::DISCORD_TOKEN,
    );
}
