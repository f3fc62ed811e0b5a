//! From settings to clients: credentials, endpoints, timeouts and who may try again.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ssm::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_ssm::config::retry::RetryPartition;
use aws_sdk_ssm::config::{ConfigBag, Intercept, RuntimeComponents, SharedAsyncSleep};
use aws_sdk_ssm::error::BoxError;
use commands::failure::Finding;
use commands::id::EnvironmentName;
use governor::clock::DefaultClock;
use thiserror::Error;
use tokio::sync::{Mutex, Semaphore};

use crate::aws::client::call_counter::CallCounter;
use crate::aws::client::caller_identity::Identity;
use crate::aws::client::http;
use crate::aws::client::rate_limit::{RateLimit, Rates};
use crate::aws::client::{Client, Executes};
use crate::aws::command::gate::Gated;
use crate::aws::{Aws, AwsError, Fault};
use crate::clock::Wait;

/// How many calls may be under way at once in one environment.
const CALLS_AT_ONCE: usize = 4;

/// How often a read is tried in all when AWS answers that it is too much.
const READ_ATTEMPTS: u32 = 4;

/// How often a list is written in all before S3 is given up.
const LIST_ATTEMPTS: u32 = 4;

/// How long a connection may take to come about.
pub(in crate::aws) const CONNECT: Duration = Duration::from_secs(3);

/// Where Systems Manager is and as whom it is asked.
#[derive(Clone, Debug)]
pub struct AwsSettings {
    /// Each environment that is patched.
    pub environments: Vec<AwsEnvironment>,
    /// The address of a simulator, which then serves Systems Manager, STS and S3. None: AWS.
    pub endpoint: Option<String>,
    /// Keys to use in place of the default credential chain, for a simulator.
    pub access: Option<StaticKeys>,
    /// The most calls that are made.
    pub rates: Rates,
    /// How the SDK waits before it tries again, and until it gives up. None: by the host's own
    /// time, also where an hour passes in a second: a connection has no reason to hurry.
    pub sleep: Option<SharedAsyncSleep>,
}

/// How one environment is reached.
#[derive(Clone, Debug)]
pub struct AwsEnvironment {
    /// Its name.
    pub name: EnvironmentName,
    /// The AWS account, twelve digits: calls are paced by account and Region.
    pub account: String,
    /// The AWS Region, such as `ap-northeast-1`.
    pub region: String,
    /// As whom everything is read.
    pub read: Access,
    /// As whom commands are sent and cancelled and lists are put into S3. None: patchbot only
    /// looks here.
    pub execute: Option<Access>,
}

/// As whom AWS is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// The role to assume; none where the bot's own credentials suffice.
    pub role_arn: Option<String>,
    /// The external id which that role's trust policy asks for.
    pub external_id: Option<String>,
}

/// An access key. Its secret is never shown.
#[derive(Clone)]
pub struct StaticKeys {
    /// `AWS_ACCESS_KEY_ID`.
    pub id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret: String,
}

impl fmt::Debug for StaticKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticKeys").finish_non_exhaustive()
    }
}

impl Aws {
    /// Builds the clients. Nothing is asked of AWS yet. `wait` is how pauses between two looks
    /// at the same thing are made.
    pub async fn connect(settings: AwsSettings, wait: Wait) -> Result<Self, AwsError> {
        let Some(first) = settings.environments.first() else {
            return Ok(Self { clients: BTreeMap::new(), wait });
        };
        let base = Box::pin(base(&settings, &first.region)).await;
        if settings.endpoint.is_none()
            && base.endpoint_url().is_some_and(|url| !url.starts_with("https://"))
        {
            let found = Finding::NotEncrypted;
            return Err(AwsError::ours("connect", &first.name, Fault::Settings, found));
        }
        let mut rate_limits: BTreeMap<(&str, &str), Arc<RateLimit>> = BTreeMap::new();
        let mut clients = BTreeMap::new();
        for environment in &settings.environments {
            let rate_limit =
                rate_limits.entry((&environment.account, &environment.region)).or_insert_with(
                    || Arc::new(RateLimit::new(settings.rates, DefaultClock::default())),
                );
            let client = client(&settings, &base, environment, Arc::clone(rate_limit)).await?;
            clients.insert(environment.name.clone(), Arc::new(client));
        }
        Ok(Self { clients, wait })
    }
}

async fn client(
    settings: &AwsSettings,
    base: &SdkConfig,
    environment: &AwsEnvironment,
    rate_limit: Arc<RateLimit>,
) -> Result<Client, AwsError> {
    let AwsEnvironment { name, account, region, read, execute } = environment;
    let base = base.clone().into_builder().region(Region::new(region.clone())).build();
    let calls = CallCounter::default();
    let common = |config: &SdkConfig| {
        let mut common = aws_sdk_ssm::config::Builder::from(config)
            .interceptor(calls.clone())
            .interceptor(Gated);
        if settings.endpoint.is_none() {
            common = common.interceptor(OnlyEncrypted);
        }
        common
    };
    let reading = assumed(&base, read, region, format!("patchbot-read-{name}")).await;
    // An account that is throttled must not slow the others down.
    let partition = RetryPartition::new(format!("ssm-{account}-{region}"));
    let reads = common(&reading)
        .retry_partition(partition)
        .retry_config(RetryConfig::adaptive().with_max_attempts(READ_ATTEMPTS));
    let executes = match execute {
        None => None,
        Some(access) => {
            let config = assumed(&base, access, region, format!("patchbot-execute-{name}")).await;
            let client = common(&config).retry_config(RetryConfig::disabled());
            let client = aws_sdk_ssm::Client::from_conf(client.build());
            Some(Executes {
                client,
                lists: lists(settings, &config),
                identity: identity(settings, access, &config),
            })
        }
    };
    Ok(Client {
        environment: name.clone(),
        reads: aws_sdk_ssm::Client::from_conf(reads.build()),
        reads_as: identity(settings, read, &reading),
        executes,
        permits: Semaphore::new(CALLS_AT_ONCE),
        rate_limit,
        calls,
        available_patches: Mutex::default(),
        index: Mutex::default(),
    })
}

/// A client of S3 for the lists of what may be installed. An object is named by its content, so it may try again.
/// What it asks is no call to Systems Manager and is not counted as one.
fn lists(settings: &AwsSettings, config: &SdkConfig) -> aws_sdk_s3::Client {
    let mut asks = aws_sdk_s3::config::Builder::from(config)
        .retry_config(RetryConfig::standard().with_max_attempts(LIST_ATTEMPTS))
        // A simulator has one address, and no name for each bucket.
        .force_path_style(settings.endpoint.is_some());
    if settings.endpoint.is_none() {
        asks = asks.interceptor(OnlyEncrypted);
    }
    aws_sdk_s3::Client::from_conf(asks.build())
}

/// Asks as whom `config` calls. What it asks is no call to Systems Manager and is not counted as one.
fn identity(settings: &AwsSettings, access: &Access, config: &SdkConfig) -> Identity {
    let mut asks = aws_sdk_sts::config::Builder::from(config);
    if settings.endpoint.is_none() {
        asks = asks.interceptor(OnlyEncrypted);
    }
    Identity { access: access.clone(), client: aws_sdk_sts::Client::from_conf(asks.build()) }
}

/// `base` with the credentials of a role; CloudTrail shows them under the name of the session.
pub(in crate::aws) async fn assumed(
    base: &SdkConfig,
    access: &Access,
    region: &str,
    session: String,
) -> SdkConfig {
    let Some(role) = &access.role_arn else { return base.clone() };
    let mut assumed = AssumeRoleProvider::builder(role)
        .session_name(session)
        .region(Region::new(region.to_owned()))
        .configure(base);
    if let Some(id) = &access.external_id {
        assumed = assumed.external_id(id);
    }
    let assumed = SharedCredentialsProvider::new(Box::pin(assumed.build()).await);
    base.clone().into_builder().credentials_provider(assumed).build()
}

pub(in crate::aws) async fn base(settings: &AwsSettings, region: &str) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(Duration::from_secs(20))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .http_client(http::client())
        .timeout_config(timeouts);
    if let Some(sleep) = &settings.sleep {
        loader = loader.sleep_impl(sleep.clone());
    }
    if let Some(endpoint) = &settings.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(keys) = &settings.access {
        loader = loader.credentials_provider(Credentials::new(
            &keys.id,
            &keys.secret,
            None,
            None,
            "settings",
        ));
    }
    loader.load().await
}

/// A service-specific endpoint can come in through a profile or the process environment: commands
/// that carry credentials never go there in the clear.
#[derive(Debug)]
pub(in crate::aws) struct OnlyEncrypted;

/// A request was about to leave without TLS.
#[derive(Debug, Error)]
#[error("the endpoint configured for AWS does not use TLS")]
pub(in crate::aws) struct NotEncrypted;

impl Intercept for OnlyEncrypted {
    fn name(&self) -> &'static str {
        "OnlyEncrypted"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.request().uri().starts_with("https://") {
            Ok(())
        } else {
            Err(NotEncrypted.into())
        }
    }
}
