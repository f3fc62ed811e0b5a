//! State Manager associations that patch nodes of a wave at this moment.
//!
//! The patch policies of Quick Setup are such associations. The agents fetch their tasks by
//! themselves, so the commands of the account need not show them.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use aws_sdk_ssm::types::{
    Association, AssociationExecution, AssociationExecutionFilter, AssociationExecutionFilterKey,
    AssociationFilter, AssociationFilterKey, AssociationFilterOperatorType,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use commands::environment::patch_group::GroupTag;
use commands::run::SeenAssociation;

use crate::aws::client::Client;
use crate::aws::error::quote;
use crate::aws::preflight::{Wave, is_tag};
use crate::aws::{AwsError, Fault, parse};

/// The documents through which associations patch. The service filters by one name at a time.
const DOCUMENTS: [&str; 3] =
    ["AWS-RunPatchBaseline", "AWS-RunPatchBaselineAssociation", "AWS-RunPatchBaselineWithHooks"];

/// The maximum page size of the operations on associations.
const PER_PAGE: i32 = 50;

/// For how many associations the bot reads executions: each costs a call, before every wave.
const ASKED: usize = 20;

/// The maximum age of an execution that still counts. The document gives a node two hours, and an
/// association may process its nodes one after another.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// The maximum age of one that has not begun. After that it waits for nodes that do not respond,
/// which would otherwise hold up every wave for as long as they are absent.
const LONGEST_PENDING: TimeDelta = TimeDelta::hours(1);

/// The associations that patch nodes of the wave now. If the bot may not ask AWS for them, it logs
/// that and returns none, and the wave goes on.
pub(in crate::aws) async fn running_associations(
    client: &Client,
    wave: &Wave<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<SeenAssociation>, AwsError> {
    let mut near = Vec::new();
    for document in DOCUMENTS {
        let Some(all) = asked(of_document(client, document).await)? else { return Ok(Vec::new()) };
        near.extend(all.into_iter().filter(|one| may_meet(wave, one)));
    }
    // One that never ran may be about to run for the first time.
    near.sort_by_key(|one| Reverse(one.last_execution_date().map_or(i64::MAX, |date| date.secs())));
    if near.len() > ASKED {
        tracing::warn!(
            environment = %client.environment,
            associations = near.len(),
            asked = ASKED,
            "more associations may patch the nodes of a wave than are asked about; those that ran last are"
        );
    }
    let mut seen = Vec::new();
    for association in near.iter().take(ASKED) {
        let Some(id) = association.association_id() else { continue };
        let Some(found) = asked(execution(client, id, now).await)? else { return Ok(seen) };
        let Some(execution) = found else { continue };
        let nodes = nodes(client, wave, association).await?;
        if nodes == Some(0) {
            continue;
        }
        seen.push(SeenAssociation {
            id: id.to_owned(),
            name: association.association_name().unwrap_or_default().to_owned(),
            document: association.name().unwrap_or_default().to_owned(),
            started_at: execution.created_time().and_then(parse::time),
            nodes,
        });
    }
    Ok(seen)
}

/// `None` if IAM denies the call.
fn asked<T>(answer: Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if matches!(error.fault, Fault::Denied | Fault::Refused) => {
            tracing::warn!(aws.error = %error, aws.hint = error.hint(), "failed to list the associations that patch the nodes; a patch policy under way would not be seen");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn of_document(client: &Client, document: &str) -> Result<Vec<Association>, AwsError> {
    let named = AssociationFilter::builder().key(AssociationFilterKey::Name).value(document);
    let named = named.build().map_err(|error| {
        AwsError::ours(
            "ListAssociations",
            &client.environment,
            Fault::Settings,
            quote(&error.to_string()),
        )
    })?;
    let request = client.reads.list_associations().association_filter_list(named);
    client.all(request.max_results(PER_PAGE)).await
}

/// The newest recent execution of an association that has not ended. The order in which the service
/// returns them is not documented.
async fn execution(
    client: &Client,
    association: &str,
    now: DateTime<Utc>,
) -> Result<Option<AssociationExecution>, AwsError> {
    let operation = "DescribeAssociationExecutions";
    let recent = AssociationExecutionFilter::builder()
        .key(AssociationExecutionFilterKey::CreatedTime)
        .r#type(AssociationFilterOperatorType::GreaterThan)
        .value((now - LONGEST).to_rfc3339_opts(SecondsFormat::Millis, true))
        .build()
        .map_err(|error| {
            AwsError::ours(
                operation,
                &client.environment,
                Fault::Settings,
                quote(&error.to_string()),
            )
        })?;
    let request = client.reads.describe_association_executions().association_id(association);
    let all = match client.all(request.filters(recent).max_results(PER_PAGE)).await {
        // It was deleted in the meantime.
        Err(error) if error.code() == Some("AssociationDoesNotExist") => return Ok(None),
        all => all?,
    };
    let open = all.into_iter().filter(|execution| is_under_way(execution, now));
    Ok(open.max_by_key(|execution| execution.created_time().map(|date| date.secs())))
}

fn is_under_way(execution: &AssociationExecution, now: DateTime<Utc>) -> bool {
    let age = execution.created_time().and_then(parse::time).map(|created| now - created);
    match execution.status() {
        Some("InProgress") => age.is_none_or(|age| age <= LONGEST),
        Some("Pending") => age.is_none_or(|age| age <= LONGEST_PENDING),
        _ => false,
    }
}

/// Whether its targets can be nodes of the wave, as far as this is known without a call.
fn may_meet(wave: &Wave<'_>, association: &Association) -> bool {
    match Targets::of(association) {
        Targets::All | Targets::Tags | Targets::Unclear => true,
        Targets::Nodes(ids) => !wave.among(ids).is_empty(),
        Targets::Group(groups) => groups.iter().any(|group| group == wave.group()),
    }
}

/// How many nodes of the wave it targets; `None` if its targets do not say.
async fn nodes(
    client: &Client,
    wave: &Wave<'_>,
    association: &Association,
) -> Result<Option<u32>, AwsError> {
    let found = match Targets::of(association) {
        Targets::All => wave.among(wave.ids()),
        Targets::Nodes(ids) => wave.among(ids),
        Targets::Group(_) | Targets::Tags => {
            wave.among_targets(client, association.targets()).await?
        }
        Targets::Unclear => return Ok(None),
    };
    Ok(Some(found.len() as u32))
}

enum Targets<'a> {
    /// Every managed node.
    All,
    Nodes(BTreeSet<&'a str>),
    /// The nodes of these patch groups.
    Group(&'a [String]),
    /// Nodes with tags that the bot has to look up.
    Tags,
    /// A resource group, or a kind of target that this program does not know.
    Unclear,
}

impl<'a> Targets<'a> {
    fn of(association: &'a Association) -> Self {
        let is_ids = |key: &str| key.eq_ignore_ascii_case("InstanceIds");
        let key = |number: usize| {
            association.targets().get(number).and_then(|target| target.key()).unwrap_or_default()
        };
        match (association.targets(), association.instance_id()) {
            // The old form, for one node.
            ([], Some(id)) => Self::Nodes([id].into()),
            ([one], _) if is_ids(key(0)) && one.values().iter().any(|id| id == "*") => Self::All,
            ([one], _) if is_ids(key(0)) => {
                Self::Nodes(one.values().iter().map(String::as_str).collect())
            }
            ([one], _) if GroupTag::ALL.iter().any(|tag| tag.filter() == key(0)) => {
                Self::Group(one.values())
            }
            ([_, ..], _) if (0..association.targets().len()).all(|n| is_tag(key(n))) => Self::Tags,
            ([] | [_, ..], _) => Self::Unclear,
        }
    }
}
