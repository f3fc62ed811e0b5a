//! Why an Install failed on a node, according to the node's own output. The output itself is not
//! kept or shown: it may contain anything.

use std::collections::BTreeMap;

use commands::environment::Environment;
use commands::fleet::node::{NodeId, Platform};
use commands::run::{Outputs, list_fault};

use crate::aws::{Aws, AwsError, Fault};

impl Aws {
    /// What the output of `command` on each of `nodes` says about the list at `location`.
    pub async fn outputs(
        &self,
        environment: &Environment,
        command: &str,
        location: &str,
        nodes: &[(NodeId, Platform)],
    ) -> Result<Outputs, AwsError> {
        const OPERATION: &str = "GetCommandInvocation";
        let client = self.client(&environment.name, OPERATION)?;
        let mut faults = BTreeMap::new();
        for (node, platform) in nodes {
            let request = client.reads.get_command_invocation().command_id(command);
            let request = request.instance_id(&node.0).plugin_name(step(*platform));
            let output = match client.call(OPERATION, request.send()).await {
                Ok(output) => output,
                Err(error) if error.fault == Fault::Denied => {
                    tracing::warn!(aws.error = %error, aws.hint = error.hint(), "failed to read why an Install failed");
                    return Ok(Outputs::Denied);
                }
                Err(error) => return Err(error),
            };
            let stdout = output.standard_output_content().unwrap_or_default();
            let stderr = output.standard_error_content().unwrap_or_default();
            faults.extend(list_fault(location, stdout, stderr).map(|fault| (node.clone(), fault)));
        }
        Ok(Outputs::Read(faults))
    }
}

/// The step of AWS-RunPatchBaseline that works on a platform. Its nodes skip all other steps.
fn step(platform: Platform) -> &'static str {
    match platform {
        Platform::Windows => "PatchWindows",
        Platform::Linux => "PatchLinux",
        Platform::Other => "PatchMacOS",
    }
}
