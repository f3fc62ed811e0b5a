//! Words and phrases that several cards share, in one language.

use std::collections::BTreeSet;

use crate::environment::RebootOption;
use crate::environment::policy::Approver;
use crate::fleet::account::{Purpose, WrongAccount};
use crate::id::{DispatchId, Operation, Principal};
use crate::patch::PatchId;
use crate::patch::assessment::{Assessment, Scored};
use crate::patch::level::Level;
use crate::plan::PatchPlan;
use crate::text::Text;
use crate::text::wording::{Args, Locale, phrase, say};
use crate::view::Fact;

/// Words things in one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words(pub(crate) Locale);

impl Words {
    pub(crate) fn say(self, id: &str, args: &Args) -> Text {
        say(self.0, id, args)
    }

    pub(crate) fn phrase(self, id: &str, args: &Args) -> String {
        phrase(self.0, id, args)
    }

    /// A labelled value, from the messages `fact-<name>-label` and `fact-<name>`.
    pub(crate) fn fact(self, name: &str, args: &Args) -> Fact {
        Fact {
            label: self.phrase(&format!("fact-{name}-label"), args),
            value: self.say(&format!("fact-{name}"), args),
        }
    }

    /// A bulleted list, each item on a line of its own, below the text before it.
    pub(crate) fn bulleted(self, lines: impl IntoIterator<Item = Text>) -> Text {
        let lines = lines.into_iter().map(|line| {
            let mut bullet = Text::line_break();
            bullet.append(Text::from("• ".to_owned()));
            bullet.append(line);
            bullet
        });
        join(lines, Text::default())
    }

    /// The separator between the parts of a list.
    pub(crate) fn separator(self) -> Text {
        Text::from(self.phrase("separator", &Args::new()))
    }

    /// Everybody whom a policy names.
    pub(crate) fn approvers(self, approvers: &[Approver]) -> Text {
        let named = approvers.iter().map(|approver| match approver {
            Approver::Person(person) => Text::person(person),
            Approver::Group(group) => Text::group(group),
        });
        join(named, self.separator())
    }

    /// On whose authority something happened; patchbot if nobody's.
    pub(crate) fn author(self, by: Option<&Principal>) -> Text {
        match by {
            Some(Principal::Person(person)) => Text::person(person),
            Some(Principal::Policy(environment)) => {
                self.say("author-policy", &Args::new().text("environment", environment.as_str()))
            }
            None => self.say("author-patchbot", &Args::new()),
        }
    }

    /// Which account the credentials belong to, which one they should, and what to do.
    pub(crate) fn wrong_account(self, wrong: &WrongAccount) -> Text {
        let strays = wrong.strays().iter().map(|(purpose, caller)| {
            let id = match purpose {
                Purpose::Read => "account-stray-read",
                Purpose::Execute => "account-stray-execute",
            };
            let args = Args::new().text("account", &caller.account).code("arn", &caller.arn);
            self.say(id, &args)
        });
        let strays = join(strays, self.separator());
        let args = Args::new().text("configured", wrong.configured()).rich("strays", strays);
        self.say("account-wrong", &args)
    }

    /// A command, in the words that people use.
    pub(crate) fn dispatch(self, id: &DispatchId) -> Text {
        let args = Args::new()
            .number("scan", i64::from(id.operation == Operation::Scan))
            .number("wave", i64::from(id.wave) + 1)
            .number("chunk", i64::from(id.chunk) + 1)
            .number("attempt", i64::from(id.attempt));
        self.say("dispatch-name", &args)
    }

    /// One patch in one line: severity, name, number of nodes.
    pub(crate) fn patch_line(
        self,
        id: &PatchId,
        title: &str,
        assessment: &Assessment,
        nodes: u32,
    ) -> Text {
        let args = Args::new()
            .rich("rating", self.rating(assessment))
            .code("id", id.as_str())
            .rich("title", Text::naming_cves(&short_title(id, title)))
            .number("nodes", i64::from(nodes));
        self.say("patch-line", &args)
    }

    /// The level, the score, and whether it is being exploited.
    pub(crate) fn rating(self, assessment: &Assessment) -> Text {
        let exploited = i64::from(assessment.kev.is_some());
        let args = Args::new()
            .text("level", assessment.level.label(self.0))
            .number("exploited", exploited);
        match (&assessment.score, assessment.estimated) {
            (Some(scored), _) => {
                self.say("rating-scored", &args.text("score", scored.score.to_string()))
            }
            (None, true) => self.say("rating-estimated", &args),
            (None, false) => self.say("rating-unrated", &args),
        }
    }

    /// The explanation of the levels.
    pub(crate) fn levels(self) -> Text {
        self.say("levels", &Args::new())
    }

    /// Whether nodes reboot: the same sentence everywhere, so that no two disagree.
    pub(crate) fn reboot(self, plan: &PatchPlan) -> Text {
        let id = match plan.reboot {
            // A Scan never reboots, whatever the option says.
            _ if plan.only_scans() => "fact-reboot-only-scans",
            RebootOption::RebootIfNeeded => "fact-reboot-if-needed",
            RebootOption::NoReboot => "fact-no-reboot",
        };
        self.say(id, &Args::new())
    }

    /// The vulnerability, version and source of a score.
    pub(crate) fn scored_by(self, scored: &Scored) -> Text {
        let args = Args::new()
            .rich("cve", Text::cve(&scored.cve))
            .text("version", scored.version.to_string())
            .text("source", &scored.source);
        self.say("scored-by", &args)
    }
}

/// A title without the id at its beginning, which would say it twice: for a package its version.
fn short_title(id: &PatchId, title: &str) -> String {
    const SHOWN: usize = 60;
    let title = version(id, title);
    let mut short: String = title.chars().take(SHOWN).collect();
    if title.chars().count() > SHOWN {
        short.push('…');
    }
    short
}

/// A title without the id that precedes it: for a package its version.
pub(crate) fn version<'a>(id: &PatchId, title: &'a str) -> &'a str {
    title.strip_prefix(id.as_str()).map_or(title, |rest| rest.trim_start_matches([':', ' ']))
}

/// Several titles of one patch.
pub(crate) fn versions(id: &PatchId, titles: &BTreeSet<String>, words: Words) -> String {
    join(titles.iter().map(|title| Text::from(version(id, title))), words.separator()).plain()
}

/// Joins parts with a separator.
pub(crate) fn join(parts: impl IntoIterator<Item = Text>, between: Text) -> Text {
    let mut whole = Text::default();
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            whole.append(between.clone());
        }
        whole.append(part);
    }
    whole
}

impl Level {
    /// The name of the level in this language.
    pub fn label(self, locale: Locale) -> String {
        let id = match self {
            Self::III => "level-three",
            Self::II => "level-two",
            Self::I => "level-one",
            Self::Unrated => "level-unrated",
        };
        phrase(locale, id, &Args::new())
    }
}
