//! Dump and load of the whole store. Both run on the writer thread, as one moment between batches.
//! A dump only takes references, which are read after the store has gone on.

use async_trait::async_trait;
use sled::IVec;

use super::{apply, apply::Engine, keys, read};
use crate::{CommitId, Portable, SledStore, StoreError, export::Item};

#[async_trait]
impl Portable for SledStore {
    async fn dump(&self) -> Result<Vec<Item>, StoreError> {
        self.read(Engine::snapshot).await?.items()
    }

    async fn load(&self, items: Vec<Item>) -> Result<(), StoreError> {
        self.write(move |engine| engine.load(&items)).await
    }
}

/// Everything that is stored, as of one moment. The values are the database's own, shared and not
/// copied.
struct Snapshot(Vec<(IVec, IVec)>);

impl Snapshot {
    fn items(&self) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        self.each(keys::DOCUMENT, |key, raw| {
            let key = keys::read_name("a document", key)?;
            let (version, value) = keys::read_document(&key, raw)?;
            items.push(Item::Document { version, value: value.to_vec(), key });
            Ok(())
        })?;
        self.each(keys::ENTRY, |key, payload| {
            let (stream, version) = key
                .split_last_chunk::<8>()
                .and_then(|(stream, version)| Some((stream.strip_suffix(&[0])?, version)))
                .ok_or_else(|| keys::corrupt("an entry", "its key is too short"))?;
            let stream = keys::read_name("a stream", stream)?;
            let version = u64::from_be_bytes(*version);
            items.push(Item::Entry { stream, version, payload: payload.to_vec() });
            Ok(())
        })?;
        self.each(keys::TIMER, |id, at| {
            let id = keys::read_name("a timer", id)?;
            let due = keys::read_instant(at)
                .ok_or_else(|| keys::corrupt(&format!("timer {id}"), "it is due at no date"))?;
            items.push(Item::Timer { id, due });
            Ok(())
        })?;
        self.each(keys::LEASE, |name, raw| {
            let name = keys::read_name("a lease", name)?;
            items.push(Item::Lease(apply::read_lease(&name, raw)?));
            Ok(())
        })?;
        let mut commits = Vec::new();
        self.each(keys::RING_SLOT, |_, id| {
            let id = id.try_into().map_err(|_| keys::corrupt("a commit", "its id is too short"))?;
            commits.push(Item::Commit { id: CommitId(uuid::Uuid::from_bytes(id)) });
            Ok(())
        })?;
        // The ring begins with the oldest id, in the slot after the one that was written last.
        let count = self.0.iter().find(|(key, _)| **key == *keys::COMMITS).map(|(_, raw)| raw);
        let count = count.map_or(Ok(0), |raw| keys::read_number("the count of commits", raw))?;
        if let Some(start) = (count as usize).checked_rem(commits.len()) {
            commits.rotate_left(start);
        }
        items.extend(commits);
        Ok(items)
    }

    fn each(
        &self,
        kind: u8,
        mut take: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut of_kind = self.0.iter().filter(|(key, _)| key.first() == Some(&kind));
        of_kind.try_for_each(|(key, value)| take(&key[1..], value))
    }
}

impl Engine {
    fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.db
            .iter()
            .collect::<sled::Result<_>>()
            .map(Snapshot)
            .map_err(|error| read::failed(&error))
    }

    /// An import is too large for one transaction. A mark exists while it runs; a store with that
    /// mark does not open, so nobody can take half an import for a whole one.
    fn load(&self, items: &[Item]) -> Result<(), StoreError> {
        // A store that was ever written to is not empty, even if it shows nothing.
        if self.writes.get() > 0 {
            let detail = "an import needs an empty store".into();
            return Err(StoreError::Invalid { detail });
        }
        self.dirty.set(true);
        self.fill(items).map_err(|error| self.mark_broken(&error))
    }

    fn fill(&self, items: &[Item]) -> sled::Result<()> {
        let mut commits: u64 = 0;
        self.db.insert(keys::IMPORTING, &[])?;
        self.db.flush()?;
        for item in items {
            match item {
                Item::Document { key, version, value } => {
                    let value = keys::document(*version, value);
                    self.db.insert(keys::key(keys::DOCUMENT, key), value)?;
                }
                Item::Entry { stream, version, payload } => {
                    self.db.insert(keys::entry(stream, *version), payload.as_slice())?;
                    self.db.insert(keys::key(keys::HEAD, stream), &version.to_be_bytes())?;
                }
                Item::Timer { id, due } => {
                    let at = keys::instant(*due);
                    self.db.insert(keys::due(&at, id), &[])?;
                    self.db.insert(keys::key(keys::TIMER, id), &at)?;
                }
                Item::Lease(lease) => {
                    let raw = serde_json::to_vec(lease)
                        .map_err(|error| sled::Error::Io(std::io::Error::other(error)))?;
                    self.db.insert(keys::key(keys::LEASE, &lease.name), raw)?;
                }
                Item::Commit { id } => {
                    self.db.insert(
                        keys::ring_slot(commits % crate::RECENT_COMMITS),
                        id.0.as_bytes(),
                    )?;
                    self.db.insert(keys::commit(*id), &[])?;
                    commits += 1;
                }
            }
        }
        self.db.insert(keys::COMMITS, &commits.to_be_bytes())?;
        self.db.insert(keys::WRITES, &1_u64.to_be_bytes())?;
        self.writes.set(1);
        self.db.flush()?;
        self.db.remove(keys::IMPORTING)?;
        Ok(())
    }
}
