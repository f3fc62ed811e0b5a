//! One HTTP client for all environments.
//!
//! By default every client of the SDK creates one of its own, with its own connections and its own
//! copy of the root certificates: half a megabyte for each account.

use aws_sdk_ssm::config::SharedHttpClient;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};

/// The same client as the SDK's default, but without the proxies of the process environment.
pub(in crate::aws) fn client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let tls = Provider::Rustls(CryptoMode::AwsLc);
        let mut connector =
            Connector::builder().tls_provider(tls).proxy_config(ProxyConfig::disabled());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    })
}
