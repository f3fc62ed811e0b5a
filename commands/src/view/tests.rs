//! Snapshots of what people read, in both languages, so that a review shows each changed word.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::*;
use crate::announcement::{Affected, AnnouncedPatch, Announcement};
use crate::decide::{Interaction, Response};
use crate::emergency_stop::{EmergencyStop, EmergencyStopEvent, Stop};
use crate::environment::policy::Approver;
use crate::environment::{Environment, Promotion, RebootOption, StartRule};
use crate::failure::tests::said;
use crate::failure::{Failure, NotScanned, Remedy};
use crate::fleet::account::{Caller, Purpose};
use crate::fleet::agent::LookupResults;
use crate::fleet::compliance::{ComplianceReport, Troubled, Unreadable, WhyUnreadable};
use crate::fleet::node::{Compliance, InvocationStatus, NodeId};
use crate::fleet::node_status::UnknownSince;
use crate::fleet::summary::Summary;
use crate::fleet::survey::{HeldBack, Survey};
use crate::id::Principal;
use crate::input::button::ButtonAction;
use crate::input::command::parse;
use crate::patch::advisory::{CvssVersion, KnownExploited};
use crate::patch::assessment::{AnnounceClause, Assessment, Scored};
use crate::patch::level::Level;
use crate::patch::{Cves, Patch, PatchId, VendorSeverity};
use crate::plan::tests::environment;
use crate::plan::{NotAllowed, PatchPlan, Pin, Unproven};
use crate::refusal::{Limited, Mismatch, Mistake, Refusal, Settled, TokenError, Unavailable};
use crate::run::tests::{Scenario, actor, after, baseline, counts, found, person, pinned, plan};
use crate::run::{AtAws, PatchRun, RunInput};
use crate::state::{State, Trouble};
use crate::view::announcement::Next;
use crate::view::form::{Choice, Field, FieldKind};
use crate::view::run::CardContext;
use crate::view::run::thread::thread;
use crate::view::two_groups::tests::torn;
use crate::view::{emergency_stop_card, help, refusal_card, unreadable_card};

pub(crate) fn reader(locale: Locale) -> Reader {
    Reader { locale, drill: false }
}

/// A card as plain text.
pub(crate) fn aloud(card: &Card) -> String {
    let mut text = format!("[{:?}] {}\n", card.tone, card.title);
    for block in &card.blocks {
        let line = match block {
            Block::Text(text) => spoken(text),
            Block::Facts(facts) => facts
                .iter()
                .map(|fact| format!("{}: {}", fact.label, spoken(&fact.value)))
                .collect::<Vec<_>>()
                .join("\n"),
            Block::Table(Table { columns, rows }) => {
                let rows =
                    rows.iter().map(|row| row.iter().map(spoken).collect::<Vec<_>>().join(" | "));
                std::iter::once(columns.join(" | ")).chain(rows).collect::<Vec<_>>().join("\n")
            }
            Block::Chart(chart) => format!("(chart: {}: {:?})", chart.title, chart.series),
            Block::Progress(progress) => {
                format!(
                    "({} of {}, {} bad) {}",
                    progress.done,
                    progress.total,
                    progress.bad,
                    spoken(&progress.label)
                )
            }
            Block::Note(text) => format!("({})", spoken(text)),
            Block::Report(table) => format!("(a file of {} rows)", table.rows.len()),
            Block::Divider => "---".to_owned(),
        };
        let _ = writeln!(text, "{line}");
    }
    for button in &card.buttons {
        let _ = writeln!(text, "<{}> {}", button.label, button.press.token());
        if let Some(confirm) = &button.confirm {
            let _ = writeln!(
                text,
                "  {}? {} <{}> <{}>",
                confirm.title, confirm.text, confirm.yes, confirm.no
            );
        }
    }
    let _ = writeln!(text, "fallback: {}", card.fallback);
    text
}

fn spoken(text: &Text) -> String {
    text.0
        .iter()
        .map(|span| match span {
            crate::text::Span::Strong(text) => format!("*{text}*"),
            crate::text::Span::Code(text) => format!("`{text}`"),
            crate::text::Span::Break => "\n".to_owned(),
            other => Text(vec![other.clone()]).plain(),
        })
        .collect()
}

pub(crate) fn of_run(scenario: &Scenario, locale: Locale, is_production: bool) -> String {
    of_run_after(scenario, None, locale, is_production)
}

pub(super) fn of_run_after(
    scenario: &Scenario,
    proven_by: Option<&PatchRun>,
    locale: Locale,
    is_production: bool,
) -> String {
    let context = CardContext {
        reader: reader(locale),
        whole: false,
        emergency_stop: &scenario.emergency_stop,
        policy: scenario.current_policy(),
        proven_by,
        is_production,
        plan_again: !scenario.run.is_open(),
        plan_next: Vec::new(),
    };
    let lines = thread(&scenario.run, locale).iter().map(spoken).collect::<Vec<_>>().join("\n- ");
    format!("{}thread:\n- {lines}\n", aloud(&crate::view::run::card(&scenario.run, &context)))
}

pub(crate) fn both(name: &str, draw: impl Fn(Locale) -> String) {
    for (locale, suffix) in [(Locale::En, "en"), (Locale::Ja, "ja")] {
        insta::assert_snapshot!(format!("{name}.{suffix}"), draw(locale));
    }
}

#[test]
fn a_plan_that_waits() {
    let baselines = ["AmazonLinux2", "AmazonLinux2023", "WindowsServer"];
    let baselines = baselines.map(|system| baseline(system, "pb-1")).into();
    let mut scenario = Scenario::new(PatchPlan { baselines, ..plan(Pin::First) }, 2);
    scenario.approve("aiko", after(1)).expect("an approver");
    both("plan-waiting", |locale| of_run(&scenario, locale, false));
}

#[test]
fn a_plan_of_production_before_and_after_its_proof() {
    let needs = "verification".parse().expect("a name");
    let why = Unproven::NotCompliant {
        run: "verification-1".parse().expect("a run"),
        compliant: 5,
        nodes: 6,
    };
    let blocked = Scenario::new(plan(Pin::NotProven { needs, why }), 2);
    both("production-blocked", |locale| of_run(&blocked, locale, true));
    let proven = Scenario::new(plan(pinned(2)), 2);
    both("production-waiting", |locale| of_run(&proven, locale, true));
}

#[test]
fn a_run_under_way_and_its_ends() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let install = scenario.sent(after(3));
    both("run-installing", |locale| of_run(&scenario, locale, false));
    scenario.heard(&install, InvocationStatus::Failed, after(5));
    both("run-scanning", |locale| of_run(&scenario, locale, false));
    let mut halted = Scenario::new(plan(Pin::First), 1).begun();
    halted.wave(counts(2), after(5));
    both("run-halted", |locale| of_run(&halted, locale, false));
    let mut proven = Scenario::new(plan(Pin::First), 1).begun();
    proven.wave(counts(0), after(5));
    proven.wave(counts(0), after(9));
    both("run-proven", |locale| of_run(&proven, locale, false));
}

#[test]
fn a_command_of_which_nobody_knows() {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let dispatch = scenario.open().id;
    scenario
        .go(RunInput::SendUncertain { dispatch, why: "the connection was reset".into() }, after(3));
    scenario.go(RunInput::Tick, after(8));
    let dispatch = scenario.open().id;
    both("run-uncertain-unreachable", |locale| of_run(&scenario, locale, false));
    scenario.go(found(&dispatch, &[]), after(9));
    both("run-uncertain", |locale| of_run(&scenario, locale, false));
}

/// A run whose canary's Install is uncertain, so that a person was asked.
fn in_doubt() -> (Scenario, crate::id::DispatchId) {
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let dispatch = scenario.open().id;
    let why = "the connection was reset".into();
    scenario.go(RunInput::SendUncertain { dispatch: dispatch.clone(), why }, after(3));
    scenario.go(RunInput::Tick, after(8));
    (scenario, dispatch)
}

#[test]
fn the_ways_out_of_not_knowing() {
    let (mut ran, dispatch) = in_doubt();
    let reported = vec![NodeId("i-1".into())];
    let mut wide = plan(Pin::First);
    wide.waves.rotate_left(1);
    let mut half = Scenario::new(wide, 1).begun();
    let part = half.open();
    let why = "the connection was reset".into();
    half.go(RunInput::SendUncertain { dispatch: part.id.clone(), why }, after(3));
    let reported_by = vec![NodeId("i-2".into())];
    let seen = RunInput::Reconciled { dispatch: part.id, commands: vec![], reported: reported_by };
    half.go(seen, after(4));
    both("run-ran", |locale| of_run(&half, locale, false));

    let (mut doubled, twice) = in_doubt();
    doubled.go(found(&twice, &["c-1", "c-2", "c-3"]), after(9));
    both("run-doubled", |locale| of_run(&doubled, locale, false));

    let (mut forgotten, _) = in_doubt();
    forgotten.go(RunInput::Tick, after(3 + 30 * 24 * 60));
    both("run-forgotten", |locale| of_run(&forgotten, locale, false));

    let command = "0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a".to_owned();
    let found = Some(AtAws {
        document: "AWS-RunPatchBaseline".into(),
        operation: Some("Install".into()),
        nodes: reported.into_iter().collect(),
    });
    let actor = actor("ben");
    let reason = "in the command history at 02:14".into();
    ran.go(RunInput::Adopt { actor, dispatch, command, reason, found }, after(9));
    both("run-adopted", |locale| of_run(&ran, locale, false));
}

#[test]
fn a_run_that_is_called_off() {
    let stop = || {
        let actor = actor("ben");
        RunInput::Stop { actor, reason: "disk alarms on web-3".into() }
    };
    let mut scenario = Scenario::new(plan(Pin::First), 1).begun();
    let install = scenario.sent(after(3));
    scenario.go(stop(), after(4));
    scenario.go(RunInput::CancelAsked { dispatch: install.id.clone() }, after(4));
    both("run-ending", |locale| of_run(&scenario, locale, true));
    scenario.heard(&install, InvocationStatus::Cancelled, after(5));
    let scan = scenario.sent(after(5));
    scenario.heard(&scan, InvocationStatus::Success, after(6));
    let states = scenario.states(counts(1), after(6));
    scenario.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(6));
    both("run-stopped", |locale| of_run(&scenario, locale, true));

    let (mut given_up, _) = in_doubt();
    given_up.go(stop(), after(9));
    both("run-given-up", |locale| of_run(&given_up, locale, false));

    let mut crowded = plan(Pin::First);
    crowded.waves.rotate_left(1);
    crowded.concurrency = Some(1);
    let waiting = Scenario::new(crowded.clone(), 1);
    both("plan-one-at-a-time", |locale| of_run(&waiting, locale, false));
    let mut failed = waiting.begun();
    let install = failed.sent(after(3));
    failed.heard(&install, InvocationStatus::Failed, after(4));
    both("run-held-back", |locale| of_run(&failed, locale, false));
    let scan = failed.sent(after(5));
    failed.heard(&scan, InvocationStatus::Success, after(6));
    let states = failed.states(counts(1), after(6));
    failed.go(RunInput::States { states, lookup_results: LookupResults::default() }, after(6));
    both("run-installs-failed", |locale| of_run(&failed, locale, false));
}

#[test]
fn what_is_asked_in_a_dialog() {
    let run: crate::id::RunId = "production-2".parse().expect("a run");
    let dispatch = in_doubt().1;
    let presses = [
        ButtonAction::Adopt { run: run.clone(), dispatch: dispatch.clone() },
        ButtonAction::NotSent { run: run.clone(), dispatch },
        ButtonAction::Stop { run },
        ButtonAction::Resume { stop: 1 },
        ButtonAction::PlanWith { environment: None },
        ButtonAction::PlanWith { environment: Some("production".parse().expect("a name")) },
    ];
    let first = Environment { other_windows: vec!["sunday".into()], ..environment() };
    let second = Environment {
        name: "production".parse().expect("a name"),
        start: StartRule::InWindow("nightly".into()),
        reboot: RebootOption::NoReboot,
        ..environment()
    };
    let promotion = Promotion(vec![first, second]);
    both("forms", |locale| {
        let said = |press: &ButtonAction| {
            assert!(crate::view::form::opens(press));
            let form = crate::view::form::form(press, &promotion, locale).expect("a dialog");
            for short in [&form.title, &form.submit, &form.cancel] {
                assert!(short.chars().count() <= 24, "{short}: Slack refuses longer ones");
            }
            assert!(form.fields.len() <= 5, "Discord has no room for more");
            format!(
                "{}\n{}\n{}<{}> <{}>\n\n",
                form.title,
                spoken(&form.text),
                form.fields.iter().map(field_aloud).collect::<String>(),
                form.submit,
                form.cancel
            )
        };
        presses.iter().map(said).collect()
    });
}

fn field_aloud(field: &Field) -> String {
    assert!(field.label.chars().count() <= 45, "{}: Discord cuts it", field.label);
    let kind = match &field.kind {
        FieldKind::Text { .. } => String::new(),
        FieldKind::Number { least, most } => format!(" [{least} to {most}]"),
        FieldKind::Choice { choices, chosen, .. } => {
            let mark = |value: &str| if chosen.as_deref() == Some(value) { "*" } else { "" };
            let one = |one: &Choice| format!("{}{}={}", mark(&one.value), one.value, one.label);
            format!(" [{}]", choices.iter().map(one).collect::<Vec<_>>().join(" | "))
        }
    };
    format!("{}: ({}){kind}\n", field.label, field.hint)
}

#[test]
fn void_by_another_baseline() {
    let mut scenario = Scenario::new(plan(Pin::First), 2);
    let fresh = PatchPlan { baselines: vec![baseline("Ubuntu", "pb-1")], ..plan(Pin::First) };
    scenario.go(RunInput::Rechecked { plan: Box::new(fresh), windows: Vec::new() }, after(2));
    both("run-void-baseline", |locale| of_run(&scenario, locale, false));
}

#[test]
fn what_is_known_of_a_patch() {
    let patch = |id: &str, title: &str| Patch {
        id: PatchId(id.into()),
        title: title.into(),
        classification: "Security".into(),
        severity: Some(VendorSeverity::Critical),
        cves: Cves::Listed(vec!["CVE-2021-3156".parse().expect("a CVE id")]),
        released: None,
        advisories: vec![],
        url: None,
    };
    let sudo = Patch {
        advisories: vec!["ALAS2-2021-1590".into()],
        ..patch("sudo.x86_64", "sudo.x86_64:0:1.8.23-4.amzn2.2.1")
    };
    let update = Patch {
        released: Some(after(0)),
        url: Some("https://support.microsoft.com/help/5044281".into()),
        ..patch("KB5044281", "2024-10 Cumulative Update for Windows Server 2022")
    };
    let node = serde_json::json!({
        "name": "old-1", "platform": "linux", "platform_name": "Amazon Linux", "ping": "online",
        "system": "amazon linux 2", "state": null, "baseline": null, "missing": ["sudo.x86_64"],
        "titles": {}, "listed_as_counted": true, "installed": [],
    });
    let survey = Survey {
        environment: "verification".parse().expect("a name"),
        taken_at: after(0),
        nodes: [(NodeId("i-1".into()), serde_json::from_value(node).expect("a node"))].into(),
        in_two_groups: Default::default(),
        patches: [(sudo.id.clone(), sudo)].into(),
        windows: vec![],
        baselines: vec![],
        held_back: Some(vec![HeldBack { patch: update, until: after(7 * 24 * 60) }]),
    };
    let mut state = State::default();
    state.saw(Summary::of(&survey));
    let actor = actor("aiko");
    both("show-patch", |locale| {
        ["show sudo.x86_64", "show kb5044281"]
            .map(|text| {
                let ask = Interaction::Command { text: text.into() };
                match state.ask(&actor, &ask, reader(locale), after(1)) {
                    Ok(Response::Answer(card)) => aloud(&card),
                    other => panic!("{other:?}"),
                }
            })
            .concat()
    });
}

#[test]
fn a_place_that_hears_nothing() {
    let trouble = Trouble { since: after(3), why: "is_archived".into() };
    let state =
        State { troubles: [("patching-ja".to_owned(), trouble)].into(), ..State::default() };
    let actor = actor("aiko");
    both("status-not-posted", |locale| {
        let ask = Interaction::Command { text: "status".into() };
        match state.ask(&actor, &ask, reader(locale), after(5)) {
            Ok(Response::Answer(card)) => aloud(&card),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn the_menu() {
    let scenario = Scenario::new(plan(Pin::First), 1);
    let waits = scenario.state();
    let actor = actor("aiko");
    both("menu", |locale| {
        let shown = |state: &State| {
            let ask = Interaction::Command { text: String::new() };
            match state.ask(&actor, &ask, reader(locale), after(1)) {
                Ok(Response::Answer(card)) => aloud(&card),
                other => panic!("{other:?}"),
            }
        };
        shown(&waits) + &shown(&State::default())
    });
}

#[test]
fn everything_stopped() {
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    let stop = Stop { by: person("ben"), reason: "disk alarms".into(), at: after(3) };
    scenario.emergency_stop = EmergencyStop { stop: Some(stop.clone()) };
    both("stopped", |locale| {
        let event = EmergencyStopEvent::Stopped { reason: stop.reason.clone() };
        let by = Some(Principal::Person(stop.by.clone()));
        of_run(&scenario, locale, false)
            + &aloud(&emergency_stop_card(&event, by.as_ref(), reader(locale)))
    });
}

#[test]
fn an_announcement() {
    let assessment = |tenths: u8, cve: &str, listed: bool| Assessment {
        level: Level::III,
        estimated: false,
        score: Some(Scored {
            score: crate::patch::level::Score::from_tenths(tenths).expect("a score"),
            version: CvssVersion::V31,
            source: "nvd@nist.gov".into(),
            cve: cve.parse().expect("a CVE id"),
        }),
        kev: listed.then(|| KnownExploited {
            date_added: NaiveDate::from_ymd_opt(2024, 5, 30).expect("a date"),
            due_date: NaiveDate::from_ymd_opt(2024, 6, 20),
            ransomware: true,
        }),
        clause: Some(if listed {
            AnnounceClause::KnownExploited
        } else {
            AnnounceClause::LevelIII
        }),
    };
    let patch = |id: &str, title: &str, assessment: Assessment, again: bool| AnnouncedPatch {
        patch: Patch {
            id: PatchId(id.into()),
            title: title.into(),
            classification: "Security".into(),
            severity: Some(VendorSeverity::Important),
            cves: Cves::Unknown,
            released: None,
            advisories: vec![],
            url: None,
        },
        assessment,
        nodes: [("verification", 3), ("production", 6)]
            .map(|(name, nodes)| (name.parse().expect("a name"), nodes))
            .into(),
        again,
    };
    // NVD and CISA KEV: CVE-2024-1086 has 7.8 and was listed on 2024-05-30; CVE-2024-6387 has 8.1.
    let announcement = Announcement {
        number: 1,
        at: after(0),
        patches: vec![
            patch(
                "kernel.x86_64",
                "kernel.x86_64:0:6.1.77-99.164.amzn2023",
                assessment(78, "CVE-2024-1086", true),
                true,
            ),
            patch(
                "openssh.x86_64",
                "openssh.x86_64:0:8.7p1-8.amzn2023.0.11",
                assessment(81, "CVE-2024-6387", false),
                false,
            ),
        ],
        affected: [("verification", 3, 6), ("production", 6, 12)]
            .map(|(name, nodes, of)| (name.parse().expect("a name"), Affected { nodes, of }))
            .into(),
    };
    both("announcement", |locale| {
        let plan = vec!["verification".parse().expect("a name")];
        let owner = ("production".parse().expect("a name"), crate::id::GroupRef("web".into()));
        let next = Next { plan, owners: [owner].into(), ..Next::default() };
        let promotion = Promotion::default();
        aloud(&crate::view::announcement::card(&announcement, &next, &promotion, reader(locale)))
    });
}

#[test]
fn compliance_with_an_unknown() {
    let silent = |since| Some(UnknownSince::AgentSilent { since });
    let old = UnknownSince::OldReport { of: after(-60 * 24 * 9) };
    let troubled = |name: &str, compliance, missing, since| Troubled {
        available: 0,
        id: NodeId(format!("i-0{}", &name[4..])),
        name: name.into(),
        compliance,
        missing,
        failed: 0,
        pending_reboot: 0,
        since,
    };
    let report = ComplianceReport {
        environment: "production".parse().expect("a name"),
        as_of: after(60),
        oldest: Some(after(-600)),
        compliant: 10,
        not_compliant: 1,
        pending_reboot: 0,
        unknown: 6,
        missing: 3,
        refused: Default::default(),
        in_two_groups: Default::default(),
        troubled: vec![
            troubled("web-07", Compliance::NotCompliant, 3, None),
            troubled("web-09", Compliance::Unknown, 0, None),
            troubled("web-10", Compliance::Unknown, 0, Some(UnknownSince::NeverReported)),
            troubled("web-11", Compliance::Unknown, 0, Some(UnknownSince::ScanFailed)),
            troubled("web-12", Compliance::Unknown, 0, silent(Some(after(-90)))),
            troubled("web-13", Compliance::Unknown, 0, silent(None)),
            troubled("web-14", Compliance::Unknown, 0, Some(old)),
        ],
    };
    both("compliance", |locale| {
        aloud(&crate::view::compliance::card(
            std::slice::from_ref(&report),
            &[],
            None,
            &[],
            &Promotion::default(),
            reader(locale),
        ))
    });
}

#[test]
fn an_environment_that_cannot_be_read() {
    let mut state = State::default();
    let name = |text: &str| text.parse().expect("a name");
    let mut seen = Summary::new(name("verification"), after(0));
    let allow = |environment: &str, operation: &str| {
        Some(Remedy::Allow { environment: name(environment), operation: operation.into() })
    };
    seen.not_scanned = Some(NotScanned::Failed(Failure {
        remedy: allow("verification", "SendCommand"),
        ..said("AccessDeniedException")
    }));
    state.saw(seen);
    for minutes in [60, 90] {
        state.could_not_read(Unreadable {
            environment: name("production"),
            since: after(minutes),
            why: WhyUnreadable::Failed(Failure {
                operation: "DescribeInstancePatches".into(),
                environment: name("production"),
                remedy: allow("production", "DescribeInstancePatches"),
                ..said("AccessDeniedException")
            }),
        });
    }
    let environments = [name("verification"), name("production")];
    both("unreadable-environment", |locale| {
        let (reports, failed) = state.compliance(&environments);
        assert_eq!((reports.len(), failed[0].since), (1, after(60)), "it keeps its beginning");
        let card = crate::view::compliance::card(
            &reports,
            &failed,
            None,
            &[],
            &state.promotion,
            reader(locale),
        );
        let words = crate::view::Words(locale);
        let mut why = state.summaries.values().filter_map(|seen| seen.not_scanned.as_ref());
        let why = why.next().expect("it was not scanned").text(locale);
        let args = crate::text::wording::Args::new().rich("why", why);
        aloud(&card) + &words.say("status-not-scanned", &args).plain() + "\n"
    });
}

#[test]
fn an_environment_whose_credentials_are_of_another_account() {
    let environment = environment();
    let caller = |account: &str| Caller {
        account: account.into(),
        arn: format!("arn:aws:sts::{account}:assumed-role/ops/i-0a"),
    };
    let callers =
        [(Purpose::Read, caller("888888888888")), (Purpose::Execute, caller("999999999999"))];
    let wrong = environment.wrong_account(callers.into()).expect("both are wrong");
    let mut state = State::default();
    let name = environment.name.clone();
    state.could_not_read(Unreadable {
        environment: name.clone(),
        since: after(30),
        why: WhyUnreadable::Failed("no route".into()),
    });
    let why = WhyUnreadable::WrongAccount(wrong.clone());
    state.could_not_read(Unreadable { environment: name.clone(), since: after(60), why });
    state.promotion.0.push(environment);
    assert_eq!(state.closed(&name), Some(&wrong));
    let mut scenario = Scenario::new(plan(Pin::First), 1);
    scenario.approve("aiko", after(61)).expect("an approver");
    scenario.go(RunInput::Identified { wrong: Some(wrong.clone()) }, after(62));
    both("wrong-account", |locale| {
        let words = crate::view::Words(locale);
        let failed = state.unreadable.values().next().expect("it is closed");
        let status = spoken(&crate::view::compliance::unreadable(failed, words));
        let refusal = Refusal::WrongAccount { environment: name.clone(), wrong: wrong.clone() };
        let refused = aloud(&refusal_card(&refusal, reader(locale)));
        format!("{status}\n\n{refused}\n{}", of_run(&scenario, locale, false))
    });
    scenario.go(RunInput::Identified { wrong: None }, after(63));
    assert!(
        of_run(&scenario, Locale::En, false)
            .contains("account 111111111111 again. The run continues.")
    );
    assert!(state.reopened(&name) && state.closed(&name).is_none());
}

#[test]
fn help_and_what_is_no_command() {
    both("help", |locale| aloud(&help::help(None, reader(locale))));
    both("unreadable", |locale| {
        let wrong = [
            "aprove verification-1",
            "dance",
            "windows",
            "plan reboot=no",
            "stop",
            "plan a b",
            "list IV",
        ];
        let options = ["window=", "reboot=maybe", "waves=0/25%", "reboot=no reboot=no"];
        let options = options.map(|option| format!("plan a {option}"));
        let wrong = wrong.into_iter().chain(options.iter().map(String::as_str));
        let long = "x".repeat(5_000);
        wrong
            .chain([long.as_str()])
            .map(|input| aloud(&unreadable_card(&parse(input).expect_err(input), reader(locale))))
            .collect()
    });
}

fn needs_window() -> NotAllowed {
    let environment = "production".parse().expect("a name");
    NotAllowed::NeedsWindow { environment, windows: vec!["nightly".into(), "sunday".into()] }
}

fn unknown(windows: &[&str]) -> NotAllowed {
    NotAllowed::UnknownWindow {
        environment: "production".parse().expect("a name"),
        given: "monday".into(),
        windows: windows.iter().map(|name| (*name).to_owned()).collect(),
    }
}

#[test]
fn what_is_wrong_with_a_dialog() {
    let mistakes = vec![
        Mistake::Environment { given: String::new(), known: vec!["web".parse().expect("a name")] },
        Mistake::Environment { given: "w".into(), known: vec!["web".parse().expect("a name")] },
        Mistake::Start(needs_window()),
        Mistake::Start(unknown(&["nightly", "sunday"])),
        Mistake::Start(unknown(&[])),
        Mistake::Reboot { given: "maybe".into() },
        Mistake::Canary { given: "0".into() },
        Mistake::Percent { given: "101".into() },
    ];
    let refusal = Refusal::Mistaken { mistakes };
    both("mistakes", |locale| aloud(&refusal_card(&refusal, reader(locale))));
}

#[test]
fn every_refusal() {
    let run = || "production-2".parse().expect("a run");
    let environment = || "production".parse().expect("a name");
    let approvers = || {
        vec![Approver::Person(person("aiko")), Approver::Group(crate::id::GroupRef("sre".into()))]
    };
    let settled = |now| Refusal::NotWaiting { run: run(), now };
    let mismatch = |why| {
        let command = "0b4f6c1e-9d3a-4f27-8c55-1f2e3d4c5b6a".into();
        Refusal::NotThatCommand { run: run(), command, why }
    };
    let all = [
        Refusal::NobodyMayApprove { environment: environment() },
        Refusal::NotAnApprover { environment: environment(), approvers: approvers() },
        Refusal::NotLinked { environment: environment() },
        Refusal::Outside,
        Refusal::NotHere,
        Refusal::NotLinkedToAsk,
        Refusal::MayNotAsk { environment: environment(), people: approvers() },
        Refusal::TooMany { what: Limited::Plan, limit: 10, again: after(60) },
        Refusal::TooMany { what: Limited::Survey, limit: 30, again: after(60) },
        Refusal::TooMany { what: Limited::Vote(run()), limit: 20, again: after(60) },
        Refusal::TooMany { what: Limited::EmergencyStop, limit: 20, again: after(60) },
        Refusal::OwnRequest { run: run(), approvers: approvers() },
        Refusal::OtherPlan { run: run() },
        Refusal::AlreadyVoted { run: run(), at: after(3) },
        Refusal::NoVote { run: run() },
        settled(Settled::Approved),
        settled(Settled::Running),
        settled(Settled::Stopping),
        settled(Settled::Finished),
        settled(Settled::Stopped),
        settled(Settled::Rejected { by: Box::new(person("ben")) }),
        settled(Settled::Expired),
        settled(Settled::Voided),
        Refusal::NotProven { run: run(), needs: environment(), why: Unproven::NeverRun },
        Refusal::StillOpen { run: run() },
        Refusal::NoReason,
        Refusal::LongReason { limit: 500 },
        Refusal::UnknownEnvironment {
            given: "prod".parse().expect("a name"),
            known: vec![environment()],
        },
        Refusal::UnknownRun { given: "prod-9".into() },
        Refusal::WhichRun { waiting: vec![run(), run()] },
        Refusal::NothingWaits,
        Refusal::UnknownSubject { given: "KB1".into() },
        Refusal::NoNodes {
            environment: environment(),
            patch_group: "web".into(),
            in_two_groups: Default::default(),
        },
        Refusal::NoNodes {
            environment: environment(),
            patch_group: "web".into(),
            in_two_groups: torn(),
        },
        Refusal::NoWindow {
            environment: environment(),
            window: "nightly".into(),
            why: crate::window::NotTaken::Disabled("mw-1".into()),
        },
        Refusal::NotAllowed(needs_window()),
        Refusal::NotAllowed(unknown(&["nightly", "sunday"])),
        Refusal::NotAllowed(unknown(&[])),
        Refusal::NotStopped,
        Refusal::AnotherStop {
            now: Box::new(Stop { by: person("ben"), reason: "disk alarms".into(), at: after(5) }),
        },
        Refusal::MayNotStop { approvers: approvers() },
        Refusal::NotUncertain { run: run() },
        Refusal::DidRun { run: run(), nodes: 2, all: 6 },
        Refusal::NoCommandId,
        mismatch(Mismatch::Unknown),
        mismatch(Mismatch::Taken { by: in_doubt().1 }),
        mismatch(Mismatch::Document { document: "AWS-RunShellScript".into() }),
        mismatch(Mismatch::Operation { operation: "Scan".into() }),
        mismatch(Mismatch::Nodes { lacking: 1, others: 2 }),
        Refusal::NotBegun { run: run() },
        Refusal::Button(TokenError::OtherVersion),
        Refusal::Button(TokenError::Nonsense),
        Refusal::Unavailable(Unavailable::Fault),
        Refusal::Unavailable(Unavailable::DialogTooLate),
        Refusal::Unavailable(Unavailable::Chat("internal_error".into())),
        Refusal::Unavailable(Unavailable::NotConfigured { environment: environment() }),
        Refusal::Failed(Box::new(Failure {
            remedy: Some(Remedy::Wait),
            ..said("ThrottlingException")
        })),
        Refusal::Failed(Box::new(Failure {
            request: Some("0b4f6c1e".into()),
            ..said("InvalidInstanceId")
        })),
    ];
    both("refusals", |locale| {
        all.iter()
            .map(|refusal| {
                aloud(&refusal_card(refusal, reader(locale)))
                    .lines()
                    .nth(1)
                    .unwrap_or_default()
                    .to_owned()
                    + "\n"
            })
            .collect()
    });
}
