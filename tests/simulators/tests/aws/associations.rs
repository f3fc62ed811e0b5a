//! Tests of State Manager associations, like those of patch policies.

use crate::support::{ACCOUNT, Aws, start};
use serde_json::{Value, json};
use simulators::aws::AssociationStage;
use simulators::seed::small;

#[tokio::test]
async fn associations_are_listed_by_document_with_their_executions() {
    let aws = Aws::of(small(start(), 1)).await;
    let add = |name: &str, document: &str| {
        aws.cloud.add_association(ACCOUNT, "us-east-1", name, document, &[("InstanceIds", &["*"])])
    };
    let id = add("policy-install", "AWS-RunPatchBaseline");
    add("inventory", "AWS-GatherSoftwareInventory");
    let of =
        |document: &str| json!({ "AssociationFilterList": [{ "key": "Name", "value": document }] });
    let listed = aws.ok("ListAssociations", of("AWS-RunPatchBaseline")).await;
    assert_eq!(listed["Associations"].as_array().map(Vec::len), Some(1));
    let found = &listed["Associations"][0];
    assert_eq!(found["Targets"], json!([{ "Key": "InstanceIds", "Values": ["*"] }]));
    assert_eq!((&found["AssociationId"], &found["LastExecutionDate"]), (&json!(id), &Value::Null));
    for wrong in [
        json!({ "AssociationFilterList": [] }),
        json!({ "AssociationFilterList": [{ "key": "Document", "value": "x" }] }),
        json!({ "AssociationFilterList": [{ "key": "Name", "value": "" }] }),
        json!({ "MaxResults": 51 }),
    ] {
        assert_eq!(aws.code("ListAssociations", wrong).await, "ValidationException");
    }

    let since = |at: &str| {
        let filter = json!({ "Key": "CreatedTime", "Type": "GREATER_THAN", "Value": at });
        json!({ "AssociationId": id, "Filters": [filter] })
    };
    let statuses = async |ask: Value| {
        let answer = aws.ok("DescribeAssociationExecutions", ask).await;
        let all = answer["AssociationExecutions"].as_array().cloned().unwrap_or_default();
        all.iter().map(|one| one["Status"].clone()).collect::<Vec<_>>()
    };
    let all = json!({ "AssociationId": id });
    assert_eq!(statuses(all.clone()).await, [] as [Value; 0]);
    assert!(aws.cloud.begin_association(&id, AssociationStage::InProgress));
    assert_eq!(statuses(all.clone()).await, ["InProgress"]);
    assert!(aws.cloud.end_association(&id));
    assert!(aws.cloud.begin_association(&id, AssociationStage::Pending));
    assert_eq!(statuses(all).await, ["Success", "Pending"]);
    assert_eq!(statuses(since("2020-01-01T00:00:00.000Z")).await, ["Success", "Pending"]);
    assert_eq!(statuses(since("2040-01-01T00:00:00.000Z")).await, [] as [Value; 0]);
    assert!(!aws.cloud.end_association("a-1"));
    let unknown = json!({ "AssociationId": "00000000-0000-4000-8000-000000000000" });
    let code = aws.code("DescribeAssociationExecutions", unknown).await;
    assert_eq!(code, "AssociationDoesNotExist");
    for wrong in [json!({ "AssociationId": "a-1" }), since("yesterday")] {
        let code = aws.code("DescribeAssociationExecutions", wrong).await;
        assert_eq!(code, "ValidationException");
    }
}
