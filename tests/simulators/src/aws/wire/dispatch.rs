//! The dispatch table: which function answers which operation.

use serde_json::Value;

use super::refusal::Refusal;
use super::{
    associations, baselines, commands, inventory, managed_nodes, patch_states, unknown, windows,
};
use crate::aws::state::{Scope, State};

pub(super) fn answer(
    state: &mut State,
    scope: &Scope,
    key: &str,
    operation: &str,
    input: Value,
) -> Result<Value, Refusal> {
    match operation {
        "DescribeInstanceInformation" => managed_nodes::describe(state, scope, input),
        "ListTagsForResource" => managed_nodes::list_tags(state, scope, input),
        "ListInventoryEntries" => inventory::list(state, scope, input),
        "GetInventory" => inventory::get(state, scope, input),
        "DescribeInstancePatchStates" => patch_states::of_instances(state, scope, input),
        "DescribeInstancePatchStatesForPatchGroup" => patch_states::of_group(state, scope, input),
        "DescribeInstancePatches" => patch_states::patches(state, scope, input),
        "DescribePatchGroupState" => patch_states::group_counts(state, scope, input),
        "DescribeAvailablePatches" => baselines::available_patches(state, input),
        "DescribePatchBaselines" => baselines::describe(state, scope, input),
        "GetPatchBaseline" => baselines::get(state, scope, input),
        "GetDefaultPatchBaseline" => baselines::get_default(state, scope, input),
        "GetPatchBaselineForPatchGroup" => baselines::get_for_group(state, scope, input),
        "DescribePatchGroups" => baselines::groups(state, scope, input),
        "DescribeMaintenanceWindows" => windows::describe(state, scope, input),
        "DescribeMaintenanceWindowsForTarget" => windows::for_target(state, scope, input),
        "GetMaintenanceWindow" => windows::get(state, scope, input),
        "UpdateMaintenanceWindow" => windows::update(state, scope, input),
        "DescribeMaintenanceWindowSchedule" => windows::schedule(state, scope, input),
        "DescribeMaintenanceWindowTargets" => windows::targets(state, scope, input),
        "DescribeMaintenanceWindowTasks" => windows::tasks(state, scope, input),
        "DescribeMaintenanceWindowExecutions" => windows::executions(state, scope, input),
        "ListAssociations" => associations::list(state, scope, input),
        "DescribeAssociationExecutions" => associations::executions(state, scope, input),
        "SendCommand" => commands::send::send(state, scope, key, input),
        "ListCommands" => commands::history::list(state, scope, input),
        "ListCommandInvocations" => commands::history::invocations(state, scope, input),
        "GetCommandInvocation" => commands::history::get(state, scope, input),
        "CancelCommand" => commands::send::cancel(state, scope, input),
        _ => Err(unknown(operation)),
    }
}
