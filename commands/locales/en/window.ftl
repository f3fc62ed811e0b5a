# How a maintenance window has changed since a plan was bound to it, and why a window cannot be used.

window-deleted = It was deleted.
window-disabled = It is disabled.
window-not-reaching = It no longer certainly reaches every node of this environment: { $why }
window-several = Other windows now have the same name: { $others }. It is not clear which one is meant.
window-moved = It should have opened { $was }, and now opens next { $is }.
window-moved-away = It should have opened { $was }, and no longer opens at all.
window-changed-since = It was changed on { $at }, after it should have opened. It may have been disabled at that time, so it is not certain that it opened as planned.
window-redefined = { $part }: was { $was }, is now { $is }
window-part-name = Name
window-part-schedule = Schedule
window-part-time-zone = Time zone of the schedule
window-part-offset = Days after the schedule (offset)
window-part-duration = Duration in hours
window-part-cutoff = Cutoff in hours
window-part-start-date = Start date
window-part-end-date = End date
window-part-none = none

window-no-such = Systems Manager has no window with this name there.
window-which = Several windows have this name: { $ids }. Rename or disable all but one.
window-is-disabled = The window { $id } is disabled. Enable it, or name another one in the configuration.
window-never-opens = The window { $id } does not open again: its dates or its schedule have passed.
window-is-not-reaching = The window { $id } does not certainly reach every node of this environment: { $why }
window-reach-none = it has no registered targets. Register a target with the tag PatchGroup alone, with this patch group as its value.
window-reach-elsewhere = its targets are other nodes. Register a target with the tag PatchGroup alone, with this patch group as its value.
window-reach-joined = the target that names the patch group also requires { $tags }, and a node must match both. Register a target with the tag PatchGroup alone.
window-reach-other-tags = its targets are selected by { $tags }, so it may miss some nodes. Register a target with the tag PatchGroup alone.
window-reach-resource-group = its target is a resource group, whose nodes patchbot does not look up. Register a target with the tag PatchGroup alone.
window-reach-not-named = it names single nodes, and { $nodes ->
    [one] 1 node of the environment is
   *[other] { $nodes } nodes of the environment are
 } not among them. Register a target with the tag PatchGroup alone.

run-lead-window-changed = The votes no longer count, because the maintenance window has changed since they were given:{ $changes }
    Nothing was sent. If the window can still be used, a new plan follows. If not, correct the window and plan again.
run-lead-halted-window-changed = **The maintenance window was changed during this run**, so nothing more was sent from wave { $wave } on:{ $changes }
    patchbot tracked what it had sent before to its end. Correct the window, then plan again for the nodes that are left.
story-window-changed = Stopped before wave { $wave } could continue, because the maintenance window was changed:{ $changes }
