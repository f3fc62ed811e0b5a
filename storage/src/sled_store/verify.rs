//! What must fit together in a whole database. sled drops a torn end of its log without a word; these
//! checks find what that would leave behind.

use super::{apply::Engine, keys, read};

/// Says what does not fit.
pub(super) fn verify(engine: &Engine) -> Result<(), String> {
    check(engine).map_err(|error| error.to_string())
}

fn check(engine: &Engine) -> Result<(), crate::StoreError> {
    let db = &engine.db;
    if db.contains_key(keys::IMPORTING).map_err(|error| read::failed(&error))? {
        return Err(keys::corrupt("the database", "an import was interrupted"));
    }
    let (mut entries, mut promised) = (0, 0);
    for pair in db.scan_prefix([keys::HEAD]) {
        let (key, raw) = pair.map_err(|error| read::failed(&error))?;
        let stream = keys::read_name("a stream", &key[1..])?;
        let head = keys::read_number(&stream, &raw)?;
        promised += head;
        for (expected, key) in (1..).zip(db.scan_prefix(keys::entries(&stream)).keys()) {
            let key = key.map_err(|error| read::failed(&error))?;
            if key != keys::entry(&stream, expected) {
                return Err(keys::corrupt(&format!("stream {stream}"), &read::hole(expected)));
            }
            entries += 1;
        }
    }
    if entries != promised {
        return Err(keys::corrupt("the streams", "heads and entries do not agree"));
    }
    let timers = db.scan_prefix([keys::TIMER]).count();
    if timers != db.scan_prefix([keys::DUE]).count() {
        return Err(keys::corrupt("the timers", "the two indexes do not agree"));
    }
    Ok(())
}
