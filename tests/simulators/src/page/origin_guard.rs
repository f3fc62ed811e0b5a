//! Keeps other origins away: requires a loopback `Host`, so that no name can be rebound to us, and
//! for POSTs our own `Origin`.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      connect-src 'self'; img-src 'self' data:; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

pub(super) async fn guard(request: Request, next: Next) -> Response {
    let text = |headers: &HeaderMap, name| {
        headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned)
    };
    let host = text(request.headers(), header::HOST).unwrap_or_default();
    if !is_loopback(&host) {
        return (StatusCode::FORBIDDEN, "the page answers under a loopback name only")
            .into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let origin = text(request.headers(), header::ORIGIN);
    if !reads && origin.as_deref() != Some(&format!("http://{host}")) {
        return (StatusCode::FORBIDDEN, "the page takes posts from itself only").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Strict enough for the outside, and the browser still sends us in `Origin`.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "[::1]" | "127.0.0.1")
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_loopback_names_are_answered() {
        for host in ["localhost", "localhost:80", "127.0.0.1:4410", "[::1]:80", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example:80", "127.0.0.1.nip.io", "", "10.0.0.1"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
