//! As whom an environment is read, and as whom something is done there.

use super::environment::EnvironmentTable;
use crate::aws::Access;

impl EnvironmentTable {
    /// The read role and the execute role. `role_arn` and `external_id` are short for both; none of
    /// them means the bot's own credentials; only a read role means that nothing is done there.
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
