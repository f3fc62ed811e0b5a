//! Which function answers which operation.

use serde_json::Value;

use super::refusal::Refusal;
use super::{
    associations, baselines, commands, inventory, managed_nodes, patch_states, unknown, windows,
};
use crate::aws::state::{Place, State};

pub(super) fn answer(
    state: &mut State,
    place: &Place,
    key: &str,
    operation: &str,
    input: Value,
) -> Result<Value, Refusal> {
    match operation {
        "DescribeInstanceInformation" => managed_nodes::describe(state, place, input),
        "ListTagsForResource" => managed_nodes::list_tags(state, place, input),
        "ListInventoryEntries" => inventory::list(state, place, input),
        "GetInventory" => inventory::get(state, place, input),
        "DescribeInstancePatchStates" => patch_states::of_instances(state, place, input),
        "DescribeInstancePatchStatesForPatchGroup" => patch_states::of_group(state, place, input),
        "DescribeInstancePatches" => patch_states::patches(state, place, input),
        "DescribePatchGroupState" => patch_states::group_counts(state, place, input),
        "DescribeAvailablePatches" => baselines::available_patches(state, input),
        "DescribePatchBaselines" => baselines::describe(state, place, input),
        "GetPatchBaseline" => baselines::get(state, place, input),
        "GetDefaultPatchBaseline" => baselines::get_default(state, place, input),
        "GetPatchBaselineForPatchGroup" => baselines::get_for_group(state, place, input),
        "DescribePatchGroups" => baselines::groups(state, place, input),
        "DescribeMaintenanceWindows" => windows::describe(state, place, input),
        "DescribeMaintenanceWindowsForTarget" => windows::for_target(state, place, input),
        "GetMaintenanceWindow" => windows::get(state, place, input),
        "UpdateMaintenanceWindow" => windows::update(state, place, input),
        "DescribeMaintenanceWindowSchedule" => windows::schedule(state, place, input),
        "DescribeMaintenanceWindowTargets" => windows::targets(state, place, input),
        "DescribeMaintenanceWindowTasks" => windows::tasks(state, place, input),
        "DescribeMaintenanceWindowExecutions" => windows::executions(state, place, input),
        "ListAssociations" => associations::list(state, place, input),
        "DescribeAssociationExecutions" => associations::executions(state, place, input),
        "SendCommand" => commands::send::send(state, place, key, input),
        "ListCommands" => commands::history::list(state, place, input),
        "ListCommandInvocations" => commands::history::invocations(state, place, input),
        "GetCommandInvocation" => commands::history::get(state, place, input),
        "CancelCommand" => commands::send::cancel(state, place, input),
        _ => Err(unknown(operation)),
    }
}
