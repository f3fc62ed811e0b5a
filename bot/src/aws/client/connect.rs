//! Builds the clients from the settings: credentials, endpoints, timeouts, and which clients may
//! retry.

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

/// How many calls to one environment may be under way at once.
const CALLS_AT_ONCE: usize = 4;

/// How many times a read is tried in all when AWS throttles it.
const READ_ATTEMPTS: u32 = 4;

/// How many times a list is written in all before the bot gives up on S3.
const LIST_ATTEMPTS: u32 = 4;

/// How long establishing a connection may take.
pub(in crate::aws) const CONNECT: Duration = Duration::from_secs(3);

/// How to reach Systems Manager, and with which roles.
#[derive(Clone, Debug)]
pub struct AwsSettings {
    /// Every configured environment.
    pub environments: Vec<AwsEnvironment>,
    /// The address of a simulator, which then serves Systems Manager, STS and S3. `None` means AWS.
    pub endpoint: Option<String>,
    /// Keys for a simulator, in place of the default credential chain.
    pub access: Option<StaticKeys>,
    /// The limits on the rates of calls.
    pub rates: Rates,
    /// How the SDK waits before it retries, and for its timeouts. `None` uses the host's own time
    /// even if a simulated hour passes in a second, because a connection does not become faster by
    /// that.
    pub sleep: Option<SharedAsyncSleep>,
}

/// How to reach one environment.
#[derive(Clone, Debug)]
pub struct AwsEnvironment {
    /// The name of the environment.
    pub name: EnvironmentName,
    /// The AWS account, twelve digits. The rate limits apply per account and Region.
    pub account: String,
    /// The AWS Region, such as `ap-northeast-1`.
    pub region: String,
    /// The role for all reads.
    pub read: Access,
    /// The role that sends and cancels commands and writes lists to S3. `None` means that patchbot
    /// only reads here.
    pub execute: Option<Access>,
}

/// A role and how to assume it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// The ARN of the role to assume; `None` if the bot's own credentials suffice.
    pub role_arn: Option<String>,
    /// The external id that the role's trust policy requires.
    pub external_id: Option<String>,
}

/// An access key. Its secret is never logged or displayed.
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
    /// Builds the clients and sends no request to AWS yet. `wait` performs the pauses between two
    /// polls of the same thing.
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
    // The throttling of one account must not slow down the others.
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

/// An S3 client for the lists of patches to install. It may retry, because an object is named by
/// its content. Its calls are not calls to Systems Manager and are not counted as such.
fn lists(settings: &AwsSettings, config: &SdkConfig) -> aws_sdk_s3::Client {
    let mut asks = aws_sdk_s3::config::Builder::from(config)
        .retry_config(RetryConfig::standard().with_max_attempts(LIST_ATTEMPTS))
        // A simulator has one address, without a host name for each bucket.
        .force_path_style(settings.endpoint.is_some());
    if settings.endpoint.is_none() {
        asks = asks.interceptor(OnlyEncrypted);
    }
    aws_sdk_s3::Client::from_conf(asks.build())
}

/// An STS client that uses the credentials of `config`. Its calls are not calls to Systems Manager
/// and are not counted as such.
fn identity(settings: &AwsSettings, access: &Access, config: &SdkConfig) -> Identity {
    let mut asks = aws_sdk_sts::config::Builder::from(config);
    if settings.endpoint.is_none() {
        asks = asks.interceptor(OnlyEncrypted);
    }
    Identity { access: access.clone(), client: aws_sdk_sts::Client::from_conf(asks.build()) }
}

/// `base` with the credentials of a role. CloudTrail shows the session name.
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

/// Refuses requests without TLS. A profile or the process environment can set a service-specific
/// endpoint, but a command that carries credentials must never travel in the clear.
#[derive(Debug)]
pub(in crate::aws) struct OnlyEncrypted;

/// A request without TLS was about to leave.
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
