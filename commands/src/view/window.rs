//! The wording of how a maintenance window has changed, and of why no window qualifies.

use crate::text::wording::Args;
use crate::text::{Text, TimeStyle};
use crate::view::words::Words;
use crate::window::{NotTaken, Reach, Unsure, WindowChange, WindowPart};

impl Words {
    /// The text of `changes`, one line each.
    pub(crate) fn window_changes(self, changes: &[WindowChange]) -> Args {
        let lines = changes.iter().map(|change| self.window_change(change));
        Args::new().rich("changes", self.bulleted(lines))
    }

    fn window_change(self, change: &WindowChange) -> Text {
        let args = Args::new();
        match change {
            WindowChange::Deleted => self.say("window-deleted", &args),
            WindowChange::Disabled => self.say("window-disabled", &args),
            WindowChange::NotReaching(reach) => {
                self.say("window-not-reaching", &args.rich("why", self.reach(reach)))
            }
            WindowChange::Several(others) => {
                self.say("window-several", &args.text("others", others.join(", ")))
            }
            WindowChange::Moved { was, is } => {
                let args = args.time("was", *was, TimeStyle::DateTime);
                match is {
                    Some(is) => {
                        self.say("window-moved", &args.time("is", *is, TimeStyle::DateTime))
                    }
                    None => self.say("window-moved-away", &args),
                }
            }
            WindowChange::ChangedSince { at } => {
                self.say("window-changed-since", &args.time("at", *at, TimeStyle::DateTime))
            }
            WindowChange::Redefined { part, was, is } => {
                let or_none = |text: &str| match text {
                    "" => self.phrase("window-part-none", &Args::new()),
                    text => text.to_owned(),
                };
                let part = self.phrase(part_id(*part), &Args::new());
                let args = args.text("part", part).code("was", or_none(was));
                self.say("window-redefined", &args.code("is", or_none(is)))
            }
        }
    }

    /// Why no window qualifies.
    pub(crate) fn not_taken(self, why: &NotTaken) -> Text {
        let args = Args::new();
        match why {
            NotTaken::NoSuch => self.say("window-no-such", &args),
            NotTaken::Several(ids) => self.say("window-which", &args.text("ids", ids.join(", "))),
            NotTaken::Disabled(id) => self.say("window-is-disabled", &args.code("id", id)),
            NotTaken::NeverOpens(id) => self.say("window-never-opens", &args.code("id", id)),
            NotTaken::NotReaching(id, reach) => {
                let args = args.code("id", id).rich("why", self.reach(reach));
                self.say("window-is-not-reaching", &args)
            }
        }
    }

    fn reach(self, reach: &Reach) -> Text {
        let args = Args::new();
        let listed = |tags: &std::collections::BTreeSet<String>| {
            tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        match reach {
            Reach::Whole => Text::default(),
            Reach::NoTargets => self.say("window-reach-none", &args),
            Reach::Elsewhere => self.say("window-reach-elsewhere", &args),
            Reach::Unsure(Unsure::Joined(tags)) => {
                self.say("window-reach-joined", &args.text("tags", listed(tags)))
            }
            Reach::Unsure(Unsure::OtherTags(tags)) => {
                self.say("window-reach-other-tags", &args.text("tags", listed(tags)))
            }
            Reach::Unsure(Unsure::ResourceGroup) => self.say("window-reach-resource-group", &args),
            Reach::Unsure(Unsure::NotAmongNamed(nodes)) => {
                self.say("window-reach-not-named", &args.number("nodes", i64::from(*nodes)))
            }
        }
    }
}

fn part_id(part: WindowPart) -> &'static str {
    match part {
        WindowPart::Name => "window-part-name",
        WindowPart::Schedule => "window-part-schedule",
        WindowPart::TimeZone => "window-part-time-zone",
        WindowPart::Offset => "window-part-offset",
        WindowPart::Duration => "window-part-duration",
        WindowPart::Cutoff => "window-part-cutoff",
        WindowPart::StartDate => "window-part-start-date",
        WindowPart::EndDate => "window-part-end-date",
    }
}
