//! Where a person stands on the page, and as whom. All of it is in the address.

use serde::Deserialize;

use crate::slack::Workspace;

/// The query of the page, as it came.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Place {
    #[serde(default)]
    pub(super) me: String,
    #[serde(default)]
    pub(super) at: String,
    #[serde(default)]
    pub(super) thread: String,
    /// On a narrow screen one thing is shown at a time: `aside` is the cloud.
    #[serde(default)]
    pub(super) pane: String,
}

/// The App Home stands where a channel would.
pub(super) const HOME: &str = "home";

impl Place {
    /// Fills what is missing: the first person, and the first channel they are in.
    pub(super) fn settle(mut self, workspace: &Workspace) -> Self {
        let people = workspace.people();
        let mut humans = people.iter().filter(|person| !person.is_bot);
        if !humans.clone().any(|person| person.id == self.me) {
            self.me = humans.next().map(|person| person.id.clone()).unwrap_or_default();
        }
        let channels = workspace.channels();
        let mut mine = channels.iter().filter(|channel| channel.members.contains(&self.me));
        if self.at != HOME && !mine.clone().any(|channel| channel.id == self.at) {
            self.at = mine.next().map(|channel| channel.id.clone()).unwrap_or_default();
            self.thread.clear();
        }
        self
    }

    pub(super) fn link(&self) -> String {
        let mut link = format!("/?me={}&at={}", self.me, self.at);
        if !self.thread.is_empty() {
            link.push_str("&thread=");
            link.push_str(&self.thread);
        }
        if !self.pane.is_empty() {
            link.push_str("&pane=");
            link.push_str(&self.pane);
        }
        link
    }

    pub(super) fn to(&self, at: &str) -> Self {
        Self { me: self.me.clone(), at: at.to_owned(), ..Self::default() }
    }

    pub(super) fn with_thread(&self, thread: &str) -> Self {
        Self { thread: thread.to_owned(), pane: String::new(), ..self.clone() }
    }

    pub(super) fn with_pane(&self, pane: &str) -> Self {
        Self { pane: pane.to_owned(), thread: String::new(), ..self.clone() }
    }
}
