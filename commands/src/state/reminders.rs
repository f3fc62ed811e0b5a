//! When a reminder is due. That follows from the state; that it was posted is an event, so that a
//! crash neither repeats nor loses it. After a time without a process, only the newest of the
//! missed reminders is posted.

use chrono::{DateTime, TimeDelta, Utc};

use crate::reminder::Reminder;
use crate::state::{State, Subject};

/// How often we post that everything is still stopped.
const STOP_STANDS: TimeDelta = TimeDelta::days(1);

impl Reminder {
    /// The subject whose card it is posted under.
    pub fn subject(self) -> Subject {
        match self {
            Self::StopStands { stop, .. } => Subject::EmergencyStop(stop),
        }
    }
}

impl State {
    /// The next reminder of each subject, with the time at which it is due.
    fn reminders(&self, now: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, Reminder)> {
        let reminder = self.standing_stop().ok().map(|(number, stop)| {
            let said = self.reminded.keys().filter_map(|reminder| match reminder {
                Reminder::StopStands { stop: of, days } => (*of == number).then_some(*days),
            });
            let next = said.max().unwrap_or(0) + 1;
            let stood = (now - stop.at).num_days().try_into().unwrap_or(0);
            let days = next.max(stood);
            (stop.at + STOP_STANDS * next as i32, Reminder::StopStands { stop: number, days })
        });
        reminder.into_iter()
    }

    /// The reminders that are due now.
    pub(crate) fn reminders_due(&self, now: DateTime<Utc>) -> Vec<Reminder> {
        self.reminders(now).filter(|(at, _)| *at <= now).map(|(_, reminder)| reminder).collect()
    }

    /// When the next reminder is due.
    pub(crate) fn next_reminder(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.reminders(now).map(|(at, _)| at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Input;
    use crate::emergency_stop::EmergencyStopEvent;
    use crate::emergency_stop::tests::records_stop;
    use crate::event::Event;
    use crate::run::tests::after;
    use crate::state::{Agenda, Context};
    use crate::text::Text;
    use crate::view::tests::{aloud, both, reader};

    const DAY: i64 = 24 * 60;

    fn stopped(minute: i64) -> State {
        let mut state = State::default();
        records_stop(
            &mut state,
            "ben",
            EmergencyStopEvent::Stopped { reason: "disk alarms".into() },
            minute,
        );
        state
    }

    /// The reminders that are due at this minute; they are applied to the state.
    fn said(state: &mut State, minute: i64) -> Vec<Reminder> {
        let mut all = Vec::new();
        for subject in state.ticking(&mut Agenda::of(state), after(minute)) {
            let context = Context { token: 1 };
            let decided = state.decide(Input::Tick(&subject), context, after(minute));
            for recorded in decided.expect("time is never refused").events {
                if let Event::Reminded(reminder) = recorded.event {
                    all.push(reminder);
                }
                state.apply(recorded).expect("it can follow");
            }
        }
        all
    }

    #[test]
    fn a_stop_that_stands_is_told_once_a_day() {
        let mut state = stopped(0);
        let day = |days| vec![Reminder::StopStands { stop: 1, days }];
        assert_eq!(state.next_deadline(&Agenda::default(), after(1)), Some(after(DAY)));
        assert_eq!(said(&mut state, DAY - 1), []);
        assert_eq!(said(&mut state, DAY), day(1));
        assert_eq!(said(&mut state, DAY), [], "once");
        assert_eq!(state.next_deadline(&Agenda::default(), after(DAY)), Some(after(2 * DAY)));
        assert_eq!(said(&mut state, 2 * DAY + 7), day(2));
        both("reminder-stop-stands", |locale| {
            let shown =
                state.post(&Subject::EmergencyStop(1), reader(locale)).expect("it is known");
            assert!(!shown.settled, "more may follow");
            let lines: Vec<String> = shown.thread.iter().map(Text::plain).collect();
            aloud(&shown.card) + &lines.join("\n")
        });
    }

    #[test]
    fn what_was_missed_is_made_up_for_by_the_newest_alone() {
        let mut state = stopped(0);
        let days = |days| vec![Reminder::StopStands { stop: 1, days }];
        assert_eq!(said(&mut state, 5 * DAY + 30), days(5));
        assert_eq!(said(&mut state, 5 * DAY + 31), []);
        assert_eq!(said(&mut state, 6 * DAY), days(6));
    }

    #[test]
    fn another_stop_counts_from_its_own_time_and_a_release_ends_it() {
        let mut state = stopped(0);
        records_stop(
            &mut state,
            "ben",
            EmergencyStopEvent::Stopped { reason: "smoke".into() },
            DAY - 1,
        );
        assert_eq!(said(&mut state, DAY), []);
        assert_eq!(said(&mut state, 2 * DAY), [Reminder::StopStands { stop: 2, days: 1 }]);
        records_stop(
            &mut state,
            "ben",
            EmergencyStopEvent::Resumed { reason: "it was toast".into() },
            2 * DAY,
        );
        assert_eq!(
            (said(&mut state, 9 * DAY), state.next_deadline(&Agenda::default(), after(0))),
            (vec![], None)
        );
        let first =
            state.post(&Subject::EmergencyStop(1), reader(crate::text::wording::Locale::En));
        assert!(first.expect("it is known").settled);
    }
}
