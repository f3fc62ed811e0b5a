//! The roles with which the bot calls AWS.

use std::sync::{Arc, Mutex};

use commands::fleet::node::NodeId;
use commands::patch::PatchId;
use commands::patch::installed::Installed;
use patchbot::aws::{Fault, SendOutcome};

use crate::send::send_with;
use crate::{answer, connect_as, environment, serve, told};

pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/patchbot-verification";

pub(crate) const ASSUMED: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
    <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/patchbot-verification/p</Arn><AssumedRoleId>b</AssumedRoleId></AssumedRoleUser><Credentials>\
    <AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t-t</SessionToken>\
    <Expiration>2126-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";

#[tokio::test]
async fn the_role_is_assumed_with_its_external_id_and_used_everywhere() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let endpoint = serve(move |request| {
        log.lock().expect("the log").push(request.to_owned());
        if request.contains("Action=AssumeRole") {
            return answer("200 OK", ASSUMED);
        }
        if request.starts_with("PUT") {
            let head = "HTTP/1.1 200 OK\r\netag: \"x\"\r\ncontent-length: 0\r\nconnection: close";
            return Some(format!("{head}\r\n\r\n"));
        }
        answer("200 OK", r#"{"InstancePatchStates":[]}"#)
    });
    let aws = connect_as(Some(ROLE), endpoint).await;
    aws.states(&environment(), &[NodeId("i-0a".into())]).await.expect("it is read");
    let patches = [Installed { id: PatchId("KB5041160".into()), title: String::new() }];
    aws.put_list(&environment(), "s3://lists/ab12.yaml", &patches).await.expect("it is put");
    let seen = seen.lock().expect("the log");
    assert!(seen[0].contains("ExternalId=an-external-id"), "{}", seen[0]);
    let sessions = |name: &str| {
        let name = format!("RoleSessionName={name}");
        seen.iter().filter(|request| request.contains(&name)).count()
    };
    assert_eq!(sessions("patchbot-read-verification"), 1);
    assert_eq!(sessions("patchbot-execute-verification"), 1);
    for request in seen.iter().filter(|request| !request.contains("Action=AssumeRole")) {
        assert!(request.contains("Credential=ASIAASSUMED/"), "{request}");
        assert!(request.to_lowercase().contains("x-amz-security-token: t-t"), "{request}");
    }
    assert!(seen.iter().any(|request| request.starts_with("PUT /lists/ab12.yaml")));
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_refuses_before_anything_is_sent() {
    let endpoint = serve(|request| {
        assert!(request.contains("Action=AssumeRole"), "{request}");
        let error = "<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error>";
        answer("403 Forbidden", &format!("<ErrorResponse>{error}</ErrorResponse>"))
    });
    let aws = connect_as(Some(ROLE), endpoint).await;
    let outcome = send_with(&aws).await;
    let SendOutcome::Refused { why, .. } = outcome else { panic!("{outcome:?}") };
    assert!(told(&why).contains("sts:AssumeRole"), "{why}");
    let error =
        aws.states(&environment(), &[NodeId("i-0a".into())]).await.expect_err("no credentials");
    assert_eq!(error.fault, Fault::Credentials);
    assert!(!error.is_temporary());
}
