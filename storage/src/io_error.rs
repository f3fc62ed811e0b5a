//! File system errors, in words for the person who has to act.

use std::io;

/// Describes the error; if the disk is full, says so.
pub(crate) fn describe(error: &io::Error) -> String {
    match disk_full(error) {
        Some(full) => format!("{full}; free some space there and start again"),
        None => error.to_string(),
    }
}

/// The text if the disk is full, or `None` for any other error. sled returns copies of errors that
/// keep the kind and the text but lose the number.
pub(crate) fn disk_full(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::StorageFull => Some("the disk is full"),
        io::ErrorKind::QuotaExceeded => Some("the disk quota is used up"),
        io::ErrorKind::FileTooLarge => {
            Some("a file may not grow further: its size limit is reached")
        }
        _ => None,
    }
}

/// The same for an error of sled.
pub(crate) fn describe_sled(error: &sled::Error) -> String {
    match error {
        sled::Error::Io(error) => describe(error),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_as_one() {
        for (number, words) in [
            (28, "the disk is full; free some space"),
            (122, "the disk quota is used up; free"),
            (27, "its size limit is reached; free"),
        ] {
            let error = io::Error::from_raw_os_error(number);
            let copied = sled::Error::Io(io::Error::new(error.kind(), format!("{error:?}")));
            assert!(describe(&error).contains(words), "{}", describe(&error));
            assert!(disk_full(&error).is_some_and(|full| describe_sled(&copied).starts_with(full)));
        }
        let other = io::Error::from_raw_os_error(5);
        assert_eq!(describe(&other), other.to_string());
    }
}
