//! The roles of an environment: one to read with, and one to execute commands with.

use super::environment::EnvironmentTable;
use crate::aws::Access;

impl EnvironmentTable {
    /// The read role and the execute role. `role_arn` and `external_id` are shorthands for both;
    /// without any role the bot uses its own credentials; with only a read role it executes nothing
    /// there.
    pub(super) fn roles(&self) -> (Access, Option<Access>) {
        let Self { role_arn, external_id, read_role_arn, read_external_id, .. } = self;
        let Self { execute_role_arn, execute_external_id, .. } = self;
        let access = |role: &Option<String>, id: &Option<String>| Access {
            role_arn: role.as_ref().or(role_arn.as_ref()).cloned(),
            external_id: id.as_ref().or(external_id.as_ref()).cloned(),
        };
        let read = access(read_role_arn, read_external_id);
        let looks_only = read_role_arn.is_some() && execute_role_arn.is_none();
        let execute = (!looks_only).then(|| access(execute_role_arn, execute_external_id));
        (read, execute)
    }
}
