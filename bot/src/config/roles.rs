//! As whom an environment is read, and as whom something is done there.

use anyhow::{Result, ensure};

use super::environment::EnvironmentTable;
use crate::aws::Access;

impl EnvironmentTable {
    /// The read role and the execute role. `role_arn` and `external_id` are short for both; none of
    /// them means the bot's own credentials; only a read role means that nothing is done there.
    pub(super) fn roles(&self) -> Result<(Access, Option<Access>)> {
        let Self { role_arn, external_id, read_role_arn, read_external_id, .. } = self;
        let Self { execute_role_arn, execute_external_id, .. } = self;
        let apart = read_role_arn.is_some() || execute_role_arn.is_some();
        ensure!(
            role_arn.is_none() || !apart,
            "`role_arn` is short for `read_role_arn` and `execute_role_arn`: give it, or give those"
        );
        ensure!(
            external_id.is_none() || (read_external_id.is_none() && execute_external_id.is_none()),
            "`external_id` is short for `read_external_id` and `execute_external_id`: give it, or \
             give those"
        );
        let has_role = |own: &Option<String>| own.is_some() || role_arn.is_some();
        ensure!(
            external_id.is_none() || role_arn.is_some() || apart,
            "`external_id` is given, and no role that asks for it: `role_arn` is missing"
        );
        ensure!(
            read_external_id.is_none() || has_role(read_role_arn),
            "`read_external_id` is given, and no role that asks for it: `read_role_arn` is missing"
        );
        ensure!(
            execute_external_id.is_none() || has_role(execute_role_arn),
            "`execute_external_id` is given, and no role that asks for it: `execute_role_arn` is \
             missing"
        );
        ensure!(
            execute_role_arn.is_none() || read_role_arn.is_some(),
            "`execute_role_arn` is given and `read_role_arn` is missing: nothing could be seen there"
        );
        let access = |role: &Option<String>, id: &Option<String>| Access {
            role_arn: role.as_ref().or(role_arn.as_ref()).cloned(),
            external_id: id.as_ref().or(external_id.as_ref()).cloned(),
        };
        let read = access(read_role_arn, read_external_id);
        let looks_only = read_role_arn.is_some() && execute_role_arn.is_none();
        let execute = (!looks_only).then(|| access(execute_role_arn, execute_external_id));
        Ok((read, execute))
    }
}
