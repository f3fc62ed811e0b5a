# How a maintenance window has changed since a plan was bound to it, and why one is not taken.

window-deleted = It was deleted.
window-disabled = It is disabled.
window-not-reaching = It is no longer certainly for every node of this environment: { $why }
window-several = Other windows have the same name now: { $others }. Nobody can tell which one is meant.
window-moved = It was to open { $was } and now opens next { $is }.
window-moved-away = It was to open { $was } and no longer opens at all.
window-changed-since = It was changed on { $at }, after it was to open. It may have been off at its opening, so nobody can tell whether it opened as planned.
window-redefined = { $part }: was { $was }, is { $is }
window-part-name = Name
window-part-schedule = Schedule
window-part-time-zone = Time zone of the schedule
window-part-offset = Days after the schedule (offset)
window-part-duration = Duration in hours
window-part-cutoff = Cutoff in hours
window-part-start-date = Start date
window-part-end-date = End date
window-part-none = none

window-no-such = Systems Manager has no window of this name there.
window-which = Several windows have this name and may be meant: { $ids }. Rename or disable all but one.
window-is-disabled = The window { $id } is disabled. Enable it, or name another in the configuration.
window-never-opens = The window { $id } has no coming occurrence: its dates or its schedule are over.
window-is-not-reaching = The window { $id } is not certainly for every node of this environment: { $why }
window-reach-none = no targets are registered with it. Register a target with the tag PatchGroup alone, with this patch group as its value.
window-reach-elsewhere = its targets are for others. Register a target with the tag PatchGroup alone, with this patch group as its value.
window-reach-joined = the target that names the patch group also asks for { $tags }, and a node must meet both. Register a target with the tag PatchGroup alone.
window-reach-other-tags = its targets go by { $tags }, so it may miss some nodes. Register a target with the tag PatchGroup alone.
window-reach-resource-group = it is for a resource group, whose nodes patchbot does not look up. Register a target with the tag PatchGroup alone.
window-reach-not-named = it names single nodes, and { $nodes ->
    [one] 1 node of the environment is
   *[other] { $nodes } nodes of the environment are
 } not among them. Register a target with the tag PatchGroup alone.

run-lead-window-changed = The votes are void, because the maintenance window is no longer the one that they were given for:{ $changes }
    Nothing was sent. If the window can still be used, a new plan follows; if not, put the window right and plan again.
run-lead-halted-window-changed = **The maintenance window was changed while this ran**, so nothing more was sent from wave { $wave } on:{ $changes }
    What had been sent before was followed to its end. Put the window right, then plan again for the nodes that are left.
story-window-changed = Called off before wave { $wave } could go on, because the maintenance window was changed:{ $changes }
