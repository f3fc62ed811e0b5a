//! Lists that Systems Manager returns in pages.
//!
//! The SDK has paginators, but one of them says only on the next request that there is no further
//! page. Each list would wait for the rate limit, and be counted, once more than AWS is called.

use std::error::Error;

use aws_sdk_ssm::config::http::HttpResponse;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::types;

use crate::aws::AwsError;
use crate::aws::client::Client;

/// A request for a list. The bot repeats it for every page.
pub(in crate::aws) trait Paged: Clone {
    /// The API operation, such as `ListCommands`.
    const OPERATION: &'static str;
    type Item;
    type Error: ProvideErrorMetadata + Error + Send + Sync + 'static;

    /// Requests the page that `token` names, and returns its items and the token of the next page.
    /// `None` names the first page.
    fn page(self, token: Option<String>) -> impl Future<Output = Answer<Self>> + Send;
}

type Answer<R> =
    Result<(Vec<<R as Paged>::Item>, Option<String>), SdkError<<R as Paged>::Error, HttpResponse>>;

/// A list that is read page by page.
pub(in crate::aws) struct Pages<'a, R> {
    client: &'a Client,
    request: R,
    token: Option<String>,
    is_over: bool,
}

impl<R: Paged> Pages<'_, R> {
    /// Requests the next page as soon as the rate limit permits. Returns `None` after the last one.
    pub(in crate::aws) async fn next(&mut self) -> Result<Option<Vec<R::Item>>, AwsError> {
        if self.is_over {
            return Ok(None);
        }
        // On the heap: a survey holds many of these, and futures of the SDK are large.
        let page = Box::pin(self.request.clone().page(self.token.take()));
        let (items, token) = self.client.call(R::OPERATION, page).await?;
        self.token = token.filter(|token| !token.is_empty());
        self.is_over = self.token.is_none();
        Ok(Some(items))
    }
}

impl Client {
    /// The pages of a list. Sends no request yet.
    pub(in crate::aws) fn pages<R: Paged>(&self, request: R) -> Pages<'_, R> {
        Pages { client: self, request, token: None, is_over: false }
    }

    pub(in crate::aws) async fn all<R: Paged>(&self, request: R) -> Result<Vec<R::Item>, AwsError> {
        let mut pages = self.pages(request);
        let mut all = Vec::new();
        while let Some(page) = pages.next().await? {
            all.extend(page);
        }
        Ok(all)
    }
}

macro_rules! paged {
    ($($operation:ident: $module:ident, $builder:ident, $error:ident, $items:ident: $item:ident;)*) => {$(
        impl Paged for aws_sdk_ssm::operation::$module::builders::$builder {
            const OPERATION: &'static str = stringify!($operation);
            type Item = types::$item;
            type Error = aws_sdk_ssm::operation::$module::$error;

            async fn page(self, token: Option<String>) -> Answer<Self> {
                let page = self.set_next_token(token).send().await?;
                Ok((page.$items.unwrap_or_default(), page.next_token))
            }
        }
    )*};
}

paged! {
    DescribeAssociationExecutions:
        describe_association_executions, DescribeAssociationExecutionsFluentBuilder, DescribeAssociationExecutionsError, association_executions: AssociationExecution;
    DescribeAvailablePatches:
        describe_available_patches, DescribeAvailablePatchesFluentBuilder, DescribeAvailablePatchesError, patches: Patch;
    DescribeInstanceInformation:
        describe_instance_information, DescribeInstanceInformationFluentBuilder, DescribeInstanceInformationError, instance_information_list: InstanceInformation;
    DescribeInstancePatchStates:
        describe_instance_patch_states, DescribeInstancePatchStatesFluentBuilder, DescribeInstancePatchStatesError, instance_patch_states: InstancePatchState;
    DescribeInstancePatchStatesForPatchGroup:
        describe_instance_patch_states_for_patch_group, DescribeInstancePatchStatesForPatchGroupFluentBuilder, DescribeInstancePatchStatesForPatchGroupError, instance_patch_states: InstancePatchState;
    DescribeInstancePatches:
        describe_instance_patches, DescribeInstancePatchesFluentBuilder, DescribeInstancePatchesError, patches: PatchComplianceData;
    DescribeMaintenanceWindowExecutions:
        describe_maintenance_window_executions, DescribeMaintenanceWindowExecutionsFluentBuilder, DescribeMaintenanceWindowExecutionsError, window_executions: MaintenanceWindowExecution;
    DescribeMaintenanceWindowTargets:
        describe_maintenance_window_targets, DescribeMaintenanceWindowTargetsFluentBuilder, DescribeMaintenanceWindowTargetsError, targets: MaintenanceWindowTarget;
    DescribeMaintenanceWindowTasks:
        describe_maintenance_window_tasks, DescribeMaintenanceWindowTasksFluentBuilder, DescribeMaintenanceWindowTasksError, tasks: MaintenanceWindowTask;
    DescribeMaintenanceWindows:
        describe_maintenance_windows, DescribeMaintenanceWindowsFluentBuilder, DescribeMaintenanceWindowsError, window_identities: MaintenanceWindowIdentity;
    DescribeMaintenanceWindowsForTarget:
        describe_maintenance_windows_for_target, DescribeMaintenanceWindowsForTargetFluentBuilder, DescribeMaintenanceWindowsForTargetError, window_identities: MaintenanceWindowIdentityForTarget;
    ListAssociations:
        list_associations, ListAssociationsFluentBuilder, ListAssociationsError, associations: Association;
    ListCommandInvocations:
        list_command_invocations, ListCommandInvocationsFluentBuilder, ListCommandInvocationsError, command_invocations: CommandInvocation;
    ListCommands:
        list_commands, ListCommandsFluentBuilder, ListCommandsError, commands: Command;
}
