//! Vulnerability feeds: NVD, CISA's catalogue of exploited vulnerabilities, and Microsoft's update
//! guide, each in its own format, for the patches in the worlds of `seed`.
//!
//! The facts under `facts/` are few and name their source. This product uses the NVD API but is not
//! endorsed or certified by the NVD.

mod facts;
mod kev;
mod msrc;
mod nvd;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::get;

pub use self::facts::{Cve, Data, FactsError, Month, MonthEntry};

/// The feeds with their data. Clones share it, so that a story can add to it.
#[derive(Clone, Debug)]
pub struct Feeds(Arc<Mutex<Data>>);

impl Feeds {
    /// Feeds with `data`.
    pub fn new(data: Data) -> Self {
        Self(Arc::new(Mutex::new(data)))
    }

    /// Changes the data of the feeds from the next request on.
    pub fn update(&self, change: impl FnOnce(&mut Data)) {
        change(&mut self.data());
    }

    /// All feeds on one address, under the same paths as the real ones.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/rest/json/cves/2.0", get(nvd::cves))
            .route(
                "/sites/default/files/feeds/known_exploited_vulnerabilities.json",
                get(kev::catalogue),
            )
            .route("/cvrf/v3.0/updates", get(msrc::updates))
            .route("/cvrf/v3.0/cvrf/{id}", get(msrc::month))
            .with_state(self.clone())
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Feeds that never change.
pub fn router(data: Data) -> Router {
    Feeds::new(data).router()
}
