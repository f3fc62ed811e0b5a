//! Consistency checks of a whole database. sled silently drops a torn end of its log; these checks
//! find the damage that this would leave.

use super::{apply::Engine, keys, read};

/// Checks the database, or says what is wrong. `acknowledged` is the number of writes that
/// certainly existed once.
pub(super) fn verify(engine: &Engine, acknowledged: u64) -> Result<(), String> {
    check(engine).map_err(|error| error.to_string())?;
    let found = engine.written().map_err(|error| error.to_string())?;
    if found < acknowledged {
        return Err(format!("{acknowledged} writes were acknowledged, only {found} are there"));
    }
    engine.writes.set(found);
    Ok(())
}

impl Engine {
    /// The number of changes ever made, according to the database.
    pub(super) fn written(&self) -> Result<u64, crate::StoreError> {
        let raw = self.db.get(keys::WRITES).map_err(|error| read::failed(&error))?;
        raw.map_or(Ok(0), |raw| keys::read_number("the count of writes", &raw))
    }
}

fn check(engine: &Engine) -> Result<(), crate::StoreError> {
    let db = &engine.db;
    if db.contains_key(keys::IMPORTING).map_err(|error| read::failed(&error))? {
        return Err(keys::corrupt("the database", "an import was interrupted"));
    }
    let mut promised = 0;
    for pair in db.scan_prefix([keys::HEAD]) {
        let (key, raw) = pair.map_err(|error| read::failed(&error))?;
        let stream = keys::read_name("a stream", &key[1..])?;
        let head = keys::read_number(&stream, &raw)?;
        promised += head;
        let mut entries = db.scan_prefix(keys::entries(&stream)).keys();
        for expected in 1..=head {
            let key = entries.next().transpose().map_err(|error| read::failed(&error))?;
            if key.is_none_or(|key| key != keys::entry(&stream, expected)) {
                return Err(keys::corrupt(&format!("stream {stream}"), &read::hole(expected)));
            }
        }
    }
    if db.scan_prefix([keys::ENTRY]).count() as u64 != promised {
        return Err(keys::corrupt("the streams", "there are entries beyond their heads"));
    }
    let timers = db.scan_prefix([keys::TIMER]).count();
    if timers != db.scan_prefix([keys::DUE]).count() {
        return Err(keys::corrupt("the timers", "the two indexes do not agree"));
    }
    Ok(())
}
