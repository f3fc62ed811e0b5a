//! What other people do in the same accounts, and what happens to their nodes.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::Cloud;
use super::state::{Event, Execution, Scope, State, WindowState};
use super::wire::send_command;
use super::world::Window;

/// A task of a maintenance window. It is listed, but does nothing by itself.
#[derive(Clone, Debug)]
pub struct WindowTask {
    /// `WindowTaskId`, 36 characters.
    pub(super) id: String,
    /// `TaskArn`: the name or the ARN of a document.
    pub(super) document: String,
    /// The nodes that it names; empty if it is for the target that is registered with the window.
    pub(super) nodes: Vec<String>,
}

impl WindowTask {
    /// A task that runs `document`, for the window's registered target or for `nodes` if any are
    /// named.
    pub fn new(document: &str, nodes: &[&str]) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            document: document.to_owned(),
            nodes: nodes.iter().map(|node| (*node).to_owned()).collect(),
        }
    }

    /// The task type: Automation runbooks are the ones that patch one instance at a time.
    pub(super) fn kind(&self) -> &'static str {
        const RUNBOOKS: [&str; 3] = [
            "AWS-PatchAsgInstance",
            "AWS-PatchInstanceWithRollback",
            "AWSEC2-PatchLoadBalancerInstance",
        ];
        if RUNBOOKS.iter().any(|runbook| self.document.ends_with(runbook)) {
            "AUTOMATION"
        } else {
            "RUN_COMMAND"
        }
    }
}

/// One target of a window: its keys with their values, joined by AND.
pub(super) type Target = Vec<(String, Vec<String>)>;

impl WindowState {
    /// The targets that are registered with it.
    pub(super) fn targets(&self) -> Vec<Target> {
        let groups = &self.window.patch_groups;
        let of_groups =
            || (!groups.is_empty()).then(|| vec![("tag:PatchGroup".to_owned(), groups.clone())]);
        self.other_targets.clone().unwrap_or_else(|| of_groups().into_iter().collect())
    }

    /// The id of the target with this number, from 0.
    pub(super) fn target_id_of(&self, number: usize) -> String {
        let mut id = self.target_id.clone();
        if number > 0 {
            id.replace_range(id.len() - 4.., &format!("{number:04x}"));
        }
        id
    }

    /// Begins an execution, and returns its index.
    pub(super) fn begin(&mut self, now: DateTime<Utc>) -> usize {
        let id = Uuid::new_v4().to_string();
        self.executions.push(Execution { id, started: now, ended: None });
        self.executions.len() - 1
    }
}

impl Cloud {
    /// From now on, callers with credentials of `account` are in `other`, as after somebody has
    /// swapped a host's profile. [`Cloud::restore_credentials`] undoes it.
    pub fn swap_credentials(&self, account: &str, other: &str) {
        self.state().exchanged.insert(account.to_owned(), other.to_owned());
    }

    /// Removes the permission for an operation from every role, like policies from before it was
    /// used.
    pub fn deny_operation(&self, operation: &str) {
        self.state().forbidden.push(operation.to_owned());
    }

    /// Makes the credentials of `account` its own again.
    pub fn restore_credentials(&self, account: &str) {
        self.state().exchanged.remove(account);
    }

    /// Sends a command as somebody else in that account would, with the same checks. Returns its
    /// command id.
    ///
    /// # Errors
    /// The code and the message of the refusal.
    pub fn send_as_outsider(
        &self,
        account: &str,
        region: &str,
        input: Value,
    ) -> Result<String, String> {
        let scope = Scope { account: account.to_owned(), region: region.to_owned() };
        let sent = send_command(&mut self.state(), &scope, input);
        self.changes().announce();
        sent
    }

    /// Registers a task with a window. Returns whether the window exists.
    pub fn add_window_task(&self, window: &str, task: WindowTask) -> bool {
        self.change_window(window, |state, index| state.windows[index].tasks.push(task))
    }

    /// Begins an execution of a window now, whatever its schedule says. Returns whether it exists.
    pub fn open_window(&self, window: &str) -> bool {
        self.change_window(window, |state, index| {
            let now = state.now;
            let living = &mut state.windows[index];
            let execution = living.begin(now);
            let hours = chrono::TimeDelta::hours(i64::from(living.window.duration_hours));
            state.after(hours, Event::WindowEnds { window: index, execution });
        })
    }

    /// Ends all executions of a window. Returns whether it exists.
    pub fn close_window(&self, window: &str) -> bool {
        self.change_window(window, |state, index| {
            let now = state.now;
            for execution in &mut state.windows[index].executions {
                execution.ended.get_or_insert(now);
            }
        })
    }

    /// All existing windows, as they are defined now.
    pub fn windows(&self) -> Vec<Window> {
        let state = self.state();
        let living = state.windows.iter().filter(|living| !living.deleted);
        living.map(|living| living.window.clone()).collect()
    }

    /// Redefines a window: its name, schedule, hours, and whether it is enabled. It opens next when
    /// the new definition says so. Returns whether it exists.
    pub fn redefine_window(&self, window: &str, change: impl FnOnce(&mut Window)) -> bool {
        self.change_window(window, |state, index| {
            let now = state.now;
            let living = &mut state.windows[index];
            living.modified = now;
            change(&mut living.window);
            state.plan_next_opening(index);
        })
    }

    /// Replaces the targets of a window with these: each is one target, its keys joined by AND.
    /// Returns whether the window exists.
    pub fn target_window(&self, window: &str, targets: &[&[(&str, &[&str])]]) -> bool {
        let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let target = |keys: &&[(&str, &[&str])]| -> Target {
            keys.iter().map(|(key, values)| ((*key).to_owned(), owned(values))).collect()
        };
        let targets = targets.iter().map(target).collect();
        self.change_window(window, |state, index| {
            state.windows[index].other_targets = Some(targets);
        })
    }

    /// Gives a window dates between which it is active, and an offset in days; responses contain
    /// them, but they change nothing else. Returns whether the window exists.
    pub fn date_window(
        &self,
        window: &str,
        starts: Option<&str>,
        ends: Option<&str>,
        offset_days: Option<u32>,
    ) -> bool {
        self.change_window(window, |state, index| {
            let living = &mut state.windows[index];
            living.starts = starts.map(str::to_owned);
            living.ends = ends.map(str::to_owned);
            living.offset_days = offset_days;
        })
    }

    /// Creates a window.
    pub fn add_window(&self, window: Window) {
        self.state().adopt_window(window);
        self.changes().announce();
    }

    /// Deletes a window: nothing lists it, and it never opens. Returns whether it existed.
    pub fn delete_window(&self, window: &str) -> bool {
        self.change_window(window, |state, index| {
            let living = &mut state.windows[index];
            living.deleted = true;
            living.next = None;
        })
    }

    /// Moves a node to another patch group, or, with `None`, out of its own. Returns whether the
    /// node exists.
    pub fn retag(&self, node: &str, group: Option<&str>) -> bool {
        self.tag(node, "Patch Group", None) && self.tag(node, "PatchGroup", group)
    }

    /// Gives a node a tag, or, with `None`, removes it. `PatchGroup` and `Patch Group` are two
    /// tags: a node may carry both. Returns whether the node exists.
    pub fn tag(&self, node: &str, key: &str, value: Option<&str>) -> bool {
        self.change_node(node, |state, index| {
            let tags = &mut state.nodes[index].spec.tags;
            match value {
                Some(value) => tags.insert(key.to_owned(), value.to_owned()),
                None => tags.remove(key),
            };
            state.by_group.values_mut().for_each(|listed| listed.retain(|node| *node != index));
            state.list_by_group(index);
        })
    }

    fn change_window(&self, window: &str, change: impl FnOnce(&mut State, usize)) -> bool {
        let mut state = self.state();
        let is_it = |living: &WindowState| living.window.id == window && !living.deleted;
        let Some(index) = state.windows.iter().position(is_it) else { return false };
        change(&mut state, index);
        drop(state);
        self.changes().announce();
        true
    }
}
