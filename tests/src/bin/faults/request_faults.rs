//! Which fault each request gets. It follows from the seed, the operation, and how often that was
//! called, and never from time: a seed plays the same story again, as far as sockets allow.

use stories::dice;

/// The fault of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestFault {
    None,
    /// The service throttles it; nothing is done.
    Throttled,
    /// An internal error, and nothing is done.
    ErrorBefore,
    /// An internal error although it was done.
    ErrorAfter,
    /// The connection ends, and nothing is done.
    ResetBefore,
    /// The connection ends although it was done.
    ResetAfter,
    /// The answer takes this many seconds.
    Slow(i64),
    /// It is done, but the lists do not show it for this many seconds; possibly there is no answer
    /// either.
    Invisible {
        seconds: i64,
        answered: bool,
    },
    /// The process dies before it is done.
    CrashBefore,
    /// It is done, and the process dies before it gets the answer.
    CrashAfter,
    /// The host's clock is set this many seconds ahead of the time; behind it if negative.
    ClockSet(i64),
}

/// After this many sends, no further send fails.
const SENDS: usize = 16;
/// After this many calls of any other operation, no further call of it fails.
const OTHERS: usize = 60;

/// The fault of the `nth` request (from 0) of `operation`.
pub(crate) fn fault_of(seed: u64, operation: &str, nth: usize) -> RequestFault {
    let mut rng = dice(seed, operation, nth as u64);
    let roll = rng.u32(..1000);
    let clock = [-3_600, -600, -90, 90, 600, 3_600, 0, 0];
    let mut clock_set = || RequestFault::ClockSet(rng.choice(clock).unwrap_or_default());
    match operation {
        "SendCommand" if nth < SENDS => match roll {
            0..80 => RequestFault::Throttled,
            80..130 => RequestFault::ErrorBefore,
            130..210 => RequestFault::ErrorAfter,
            210..260 => RequestFault::ResetBefore,
            260..340 => RequestFault::ResetAfter,
            340..390 => RequestFault::Slow(rng.i64(5..90)),
            390..470 => RequestFault::Invisible { seconds: rng.i64(20..480), answered: rng.bool() },
            470..510 => RequestFault::CrashBefore,
            510..570 => RequestFault::CrashAfter,
            570..630 => clock_set(),
            _ => RequestFault::None,
        },
        "ListCommands"
        | "ListCommandInvocations"
        | "DescribeInstancePatchStates"
        | "CancelCommand"
        | "PutObject"
            if nth < OTHERS =>
        {
            match roll {
                0..5 => RequestFault::Throttled,
                5..10 => RequestFault::ErrorBefore,
                10..14 => RequestFault::ResetBefore,
                14..18 => RequestFault::ResetAfter,
                18..40 => RequestFault::Slow(rng.i64(5..60)),
                40..50 => RequestFault::CrashBefore,
                50..60 => RequestFault::CrashAfter,
                60..75 => clock_set(),
                _ => RequestFault::None,
            }
        }
        "chat.postMessage" | "chat.update" | "response_url" if nth < OTHERS => match roll {
            // Its client waits for a whole second of real time.
            0..2 => RequestFault::Throttled,
            2..20 => RequestFault::ErrorBefore,
            20..30 => RequestFault::ResetBefore,
            30..45 => RequestFault::ResetAfter,
            45..52 => RequestFault::CrashBefore,
            52..59 => RequestFault::CrashAfter,
            _ => RequestFault::None,
        },
        _ => RequestFault::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_tells_the_same_again_and_another_tells_another() {
        let tell =
            |seed| (0..SENDS).map(|nth| fault_of(seed, "SendCommand", nth)).collect::<Vec<_>>();
        assert_eq!(tell(7), tell(7));
        assert_ne!(tell(7), tell(8));
    }

    #[test]
    fn it_ends() {
        for seed in 0..200 {
            assert_eq!(fault_of(seed, "SendCommand", SENDS), RequestFault::None);
            assert_eq!(fault_of(seed, "chat.update", OTHERS), RequestFault::None);
        }
    }
}
