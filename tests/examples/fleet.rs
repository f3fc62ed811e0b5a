//! Measures a large fleet: calls to AWS, memory, time, and whether the counts are right.
//!
//! `fleet [--nodes N] [--accounts M]`. The bot runs as a process of its own. With more than 1,000
//! nodes, its peak memory must stay within one and a half times that of 1,000 nodes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chrono::Utc;
use simulators::aws::{Call, NodeView};
use simulators::clock::Clock;
use simulators::seed::scale::{GROUP, REGIONS, account, fleet};
use simulators::slack::plain_text;
use stories::{Bot, CHANNEL, Endpoints, HANA, Stage};

/// The size of the fleet that everything is compared with.
const SMALL: usize = 1_000;

/// How long a survey of a whole fleet may take.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// A card with more environments than this shows their total.
const SUMMED: usize = 12;

/// The most nodes that change between the two surveys.
const CHANGED: usize = 300;

/// The measurements of one fleet.
struct Figures {
    nodes: usize,
    calls: usize,
    minimum: usize,
    /// The peak memory, in KiB.
    memory: u64,
    first: Duration,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
async fn main() -> Result<()> {
    let (nodes, accounts) = arguments(std::env::args().skip(1))?;
    let small = if nodes > SMALL { Some(measure(SMALL, accounts).await?) } else { None };
    if let Some(small) = &small {
        println!("{}", line(small));
    }
    let figures = measure(nodes, accounts).await?;
    if let Some(small) = small {
        ensure!(
            figures.memory * 2 <= small.memory * 3,
            "memory grows with the fleet: {} KiB for {nodes} nodes, {} KiB for {SMALL}",
            figures.memory,
            small.memory
        );
    }
    println!("{}", line(&figures));
    Ok(())
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<(usize, usize)> {
    let (mut nodes, mut accounts) = (SMALL, 50);
    while let Some(name) = given.next() {
        let value = given.next().with_context(|| format!("{name} is given without a number"))?;
        let value = value.parse().with_context(|| format!("{name} {value} is no number"))?;
        match name.as_str() {
            "--nodes" => nodes = value,
            "--accounts" => accounts = value,
            _ => bail!("there is no option {name}; there are --nodes and --accounts"),
        }
    }
    ensure!(accounts >= 2, "there have to be at least two accounts: one of them lets nobody look");
    ensure!(nodes >= accounts, "there have to be at least as many nodes as accounts");
    Ok((nodes, accounts))
}

fn line(figures: &Figures) -> String {
    let Figures { nodes, calls, minimum, memory, first } = figures;
    format!(
        "fleet: {nodes} nodes, {calls} calls (minimum {minimum}), peak memory {} MiB, {} s",
        memory.div_ceil(1024),
        first.as_secs_f64().round()
    )
}

#[expect(clippy::print_stdout, reason = "its figures are what it is for")]
async fn measure(nodes: usize, accounts: usize) -> Result<Figures> {
    let clock = Clock::new(Utc::now(), 1.0);
    let world = fleet(clock.now(), nodes, accounts);
    let stage = Stage::of(clock, world, |endpoints| settings(endpoints, accounts)).await?;
    let truth = Truth::of(&stage.cloud.nodes(), accounts);
    ensure!(truth.nodes() == nodes, "the world has {} nodes", truth.nodes());

    let began = Instant::now();
    let bot = Bot::start(&stage).await?;
    stage
        .until_within(PATIENCE, "the end of the first look", |stage| {
            stage.logged().contains("checked the patches of all environments").then_some(())
        })
        .await?;
    let first = began.elapsed();
    let calls = asked(&stage.cloud.calls());
    let minimum = truth.minimum();
    // In addition: the catalogue of Windows, and the refused calls to the closed account.
    ensure!(
        (minimum..=minimum + 2 * accounts).contains(&calls),
        "{calls} calls for a minimum of {minimum}"
    );
    let of_lists = |calls: &[Call]| {
        let is_list = |call: &&Call| call.operation == "DescribeInstancePatches";
        calls.iter().filter(is_list).count()
    };
    let lists = of_lists(&stage.cloud.calls());

    let (cured, rescanned) = change(&stage, accounts)?;
    let truth = Truth::of(&stage.cloud.nodes(), accounts);
    let before = asked(&stage.cloud.calls());
    let second = Instant::now();
    let answer = compliance(&stage).await?;
    let second = second.elapsed();
    let again = asked(&stage.cloud.calls()) - before;
    truth.is_told(&answer)?;
    let read = of_lists(&stage.cloud.calls()) - lists;
    ensure!(read == rescanned, "{rescanned} nodes have something new to list, {read} were read");
    println!(
        "fleet: {nodes} nodes, second look after {} have changed: {again} calls, {} s",
        cured + rescanned,
        second.as_secs_f64().round()
    );
    let complaints = stage.slack.complaints();
    ensure!(complaints.is_empty(), "Slack complains: {}", complaints.join("; "));
    let memory = bot.peak_memory()?;
    bot.kill().await?;
    Ok(Figures { nodes, calls, minimum, memory, first })
}

/// Half of them are patched by hand; the other half only report again that they miss something.
fn change(stage: &Stage, accounts: usize) -> Result<(usize, usize)> {
    let closed = account(accounts - 1);
    let behind = stage.cloud.nodes().into_iter();
    let behind = behind.filter(|node| node.missing > 0 && node.account != closed);
    let (mut cured, mut rescanned) = (0, 0);
    for (number, node) in behind.take(CHANGED).enumerate() {
        if number % 2 == 0 {
            ensure!(stage.cloud.patched_by_hand(&node.id), "{} is gone", node.id);
            cured += 1;
        } else {
            ensure!(stage.cloud.foreign_scan(&node.id), "{} is gone", node.id);
            rescanned += 1;
        }
    }
    Ok((cured, rescanned))
}

/// What Hana reads about all environments.
async fn compliance(stage: &Stage) -> Result<String> {
    stage.types(HANA, "/patch compliance").await?;
    stage
        .until_within(PATIENCE, "the compliance of all environments", |stage| {
            let answers = stage.slack.ephemerals(HANA);
            let mut texts = answers.iter().rev().map(plain_text);
            texts.find(|text| text.contains("Patch compliance"))
        })
        .await
}

/// The number of requests to Systems Manager, answered or refused.
fn asked(calls: &[Call]) -> usize {
    let of_sts = ["AssumeRole", "GetCallerIdentity"];
    let counts = |call: &&Call| !of_sts.contains(&call.operation.as_str());
    calls.iter().filter(counts).count()
}

/// The truth about each account that can be read.
struct Truth {
    accounts: BTreeMap<usize, Account>,
    closed: usize,
}

#[derive(Default)]
struct Account {
    nodes: usize,
    behind: usize,
    systems: BTreeMap<String, usize>,
}

impl Truth {
    fn of(nodes: &[NodeView], accounts: usize) -> Self {
        let numbers: BTreeMap<String, usize> =
            (0..accounts - 1).map(|number| (account(number), number)).collect();
        let mut truth = Self { accounts: BTreeMap::new(), closed: accounts - 1 };
        for node in nodes {
            let Some(number) = numbers.get(&node.account) else { continue };
            let account = truth.accounts.entry(*number).or_default();
            account.nodes += 1;
            account.behind += usize::from(node.missing > 0);
            *account.systems.entry(node.platform.clone()).or_default() += 1;
        }
        truth
    }

    fn nodes(&self) -> usize {
        self.accounts.values().map(|account| account.nodes).sum()
    }

    /// The minimum of calls in each account: nodes in pages of 50, one call each for the other
    /// spelling of the tag and for nodes that carry both, states in pages of 100, a list for each
    /// node that misses something, and two calls for each system's baseline. Maintenance windows
    /// are read only for plans.
    fn minimum(&self) -> usize {
        let of = |account: &Account| {
            let Account { nodes, behind, systems } = account;
            nodes.div_ceil(50) + 2 + nodes.div_ceil(100) + behind + 2 * systems.len()
        };
        self.accounts.values().map(of).sum()
    }

    /// Checks that a card says all of this.
    fn is_told(&self, card: &str) -> Result<()> {
        // Neither bold print nor the zero-width space around a figure is part of it.
        let card = card.replace(['*', '\u{200b}'], "");
        let lines: Vec<&str> = card.lines().collect();
        let after = |label: &str| {
            let place = lines.iter().position(|line| *line == label);
            let place = place.with_context(|| format!("nothing about {label} in\n{card}"))?;
            lines.get(place + 1).copied().with_context(|| format!("nothing after {label}"))
        };
        let check = |label: &str, nodes: usize, behind: usize| -> Result<()> {
            let mut words = format!("{} of {nodes} compliant", nodes - behind);
            if behind > 0 {
                write!(words, ", {behind} not compliant")?;
            }
            let said = after(label)?;
            ensure!(said.ends_with(&words), "of {label} is said {said:?} in place of {words:?}");
            Ok(())
        };
        for (number, account) in &self.accounts {
            check(&name(*number), account.nodes, account.behind)?;
        }
        let behind = self.accounts.values().map(|account| account.behind).sum();
        if self.accounts.len() > SUMMED {
            check("All environments", self.nodes(), behind)?;
        }
        let closed = after(&name(self.closed))?;
        ensure!(closed.contains("unreadable since"), "of the closed account: {closed:?}");
        ensure!(closed.contains("AccessDeniedException"), "of the closed account: {closed:?}");
        Ok(())
    }
}

fn name(number: usize) -> String {
    format!("fleet-{number:02}")
}

/// Each account is an environment of its own, with the defaults for everything else.
fn settings(endpoints: &Endpoints<'_>, accounts: usize) -> String {
    let Endpoints { aws, slack, feeds, data, .. } = endpoints;
    let mut toml = format!(
        r#"[bot]
data = {data:?}

[slack]
channel = "{CHANNEL}"
api_url = "{slack}/api"

[aws]
endpoint = "{aws}"

[advisories]
nvd = "{feeds}/rest/json/cves/2.0"
kev = "{feeds}/sites/default/files/feeds/known_exploited_vulnerabilities.json"
msrc = "{feeds}/cvrf/v3.0"

[assess]
schedule = "0 0 0 1 1 * *"
scan = false

[[person]]
name = "hana"
slack = "{HANA}"
"#
    );
    for number in 0..accounts {
        let (name, account) = (name(number), account(number));
        let region = REGIONS[number % REGIONS.len()];
        toml.push_str(&format!(
            r#"
[[environment]]
name = "{name}"
first = true
account = "{account}"
region = "{region}"
patch_group = "{GROUP}"
role_arn = "arn:aws:iam::{account}:role/patchbot"
approvers = ["hana"]
"#
        ));
    }
    toml
}
