//! The simulated time, and the buttons to advance it.

use maud::{Markup, html};

use super::Page;
use super::block_kit::hidden_location;
use super::location::Location;
use super::mrkdwn::Reader;

const PUSHES: [(&str, &str, &str); 3] =
    [("10", "+10 min", "ten minutes"), ("60", "+1 h", "one hour"), ("1440", "+1 day", "one day")];
const SPEEDS: [(&str, &str, &str); 4] = [
    ("0", "Pause", "Stop the clock"),
    ("1", "1×", "Real speed"),
    ("60", "60×", "A minute a second"),
    ("600", "600×", "Ten minutes a second"),
];

pub(super) fn render(page: &Page, reader: &Reader, location: &Location) -> Markup {
    let speed = page.clock.speed();
    html! {
        div.clock data-fragment="clock" {
            (face(page, reader))
            form.pushes method="post" action="/do/time" {
                (hidden_location(location))
                @for (minutes, label, words) in PUSHES {
                    button.button name="minutes" value=(minutes) title={ "Push time ahead by " (words) } { (label) }
                }
            }
            form.speeds method="post" action="/do/speed" role="group" aria-label="Speed of time" {
                (hidden_location(location))
                @for (value, label, words) in SPEEDS {
                    @let is_on = value.parse::<f64>().is_ok_and(|value| (value - speed).abs() < 1e-9);
                    button name="speed" value=(value) title=(words) aria-pressed=(is_on) { (label) }
                }
            }
        }
    }
}

fn face(page: &Page, reader: &Reader) -> Markup {
    let local = page.clock.now().with_timezone(&reader.zone);
    html! {
        p.face title="Simulated time" {
            // The page counts the seconds; the server only gives the start.
            time.hours data-now=(page.clock.now().timestamp_millis())
                data-zone=(reader.zone.local_minus_utc()) data-speed=(page.clock.speed()) {
                (local.format("%H:%M"))
            }
            span.date { (local.format("%a, %b %-d, %Y")) }
        }
    }
}
