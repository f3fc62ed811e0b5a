//! The feeds over the wire: what is known when they answer, and which errors follow when they do
//! not.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use commands::patch::advisory::CveId;
use commands::patch::{Cves, Patch, PatchId};
use patchbot::advisories::{Advisories, AdvisorySettings, FeedError};
use patchbot::secret::Secret;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

type Log<T> = Arc<Mutex<Vec<T>>>;

/// Serves both feeds. `answer` receives the head of a request and returns status and body.
fn feeds(
    key: Option<&str>,
    answer: impl Fn(&str) -> (u16, String) + Send + 'static,
) -> (Advisories, Log<String>, Log<TimeDelta>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let (heads, waits) = (Log::default(), Log::default());
    let log = Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = String::new();
            let mut byte = [0];
            while !head.ends_with("\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
                head.push(char::from(byte[0]));
            }
            let (status, body) = answer(&head);
            log.lock().expect("the log").push(head);
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            stream.write_all((head + &body).as_bytes()).expect("it is written");
        }
    });
    let log = Arc::clone(&waits);
    let wait = Arc::new(move |span| {
        log.lock().expect("the log").push(span);
        Box::pin(std::future::ready(())) as _
    });
    let settings = AdvisorySettings {
        nvd_base: format!("{base}/nvd"),
        kev_url: format!("{base}/kev"),
        msrc_base: Some(format!("{base}/msrc")),
        nvd_api_key: key.map(Secret::new),
    };
    (Advisories::new(settings, wait).expect("a client"), heads, waits)
}

fn cves(numbers: std::ops::Range<u32>) -> BTreeSet<CveId> {
    numbers.map(|number| format!("CVE-2024-{number}").parse().expect("a CVE id")).collect()
}

/// A record in the NVD's format for the CVE that was requested.
fn record(head: &str) -> String {
    let id = head
        .split_once("cveId=")
        .and_then(|(_, rest)| rest.split_once(' '))
        .map_or("", |(id, _)| id);
    serde_json::json!({ "vulnerabilities": [{ "cve": {
        "id": id, "vulnStatus": "Analyzed",
        "descriptions": [{ "lang": "en", "value": "It is broken. In detail." }],
        "metrics": { "cvssMetricV31": [{ "source": "nvd@nist.gov", "type": "Primary",
            "cvssData": { "baseScore": 8.1, "vectorString": "CVSS:3.1/…" } }] },
    }}]})
    .to_string()
}

fn catalogue() -> String {
    serde_json::json!({ "vulnerabilities": [{
        "cveID": "CVE-2024-1000", "vulnerabilityName": "A Listed Vulnerability",
        "dateAdded": "2024-05-30", "dueDate": "2024-06-20", "knownRansomwareCampaignUse": "Known",
    }]})
    .to_string()
}

fn both(head: &str) -> (u16, String) {
    (200, if head.starts_with("GET /kev") { catalogue() } else { record(head) })
}

#[tokio::test]
async fn five_questions_and_then_a_pause() {
    let (advisories, heads, waits) = feeds(None, both);
    advisories.refresh_kev(NOW).await.expect("it is read");
    let found = advisories.look_up(&cves(1000..1011), NOW).await;
    assert_eq!(found.advisories.len(), 11);
    assert!(found.errors.is_empty(), "{found:?}");
    assert_eq!(*waits.lock().expect("the log"), [TimeDelta::seconds(30), TimeDelta::seconds(30)]);
    let listed: Vec<_> =
        found.advisories.values().filter(|advisory| advisory.kev.is_some()).collect();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].title, "A Listed Vulnerability");
    let asked = heads.lock().expect("the log").len();
    assert!(heads.lock().expect("the log")[0].to_lowercase().contains("user-agent: patchbot/"));
    advisories.look_up(&cves(1000..1011), NOW + TimeDelta::hours(1)).await;
    assert_eq!(heads.lock().expect("the log").len(), asked, "what is fresh is not asked for again");
}

#[tokio::test]
async fn a_key_is_sent_and_never_shown() {
    let (advisories, heads, waits) = feeds(Some("a-key"), both);
    advisories.look_up(&cves(1000..1011), NOW).await;
    assert!(heads.lock().expect("the log")[0].to_lowercase().contains("apikey: a-key"));
    assert!(waits.lock().expect("the log").is_empty());
    assert!(!format!("{advisories:?}").contains("a-key"));
}

#[tokio::test]
async fn a_silent_feed_is_an_error_beside_what_is_known() {
    let (advisories, heads, waits) = feeds(None, |head| match head {
        head if head.starts_with("GET /kev") => (200, catalogue()),
        _ => (503, String::new()),
    });
    advisories.refresh_kev(NOW).await.expect("it is read");
    let found = advisories.look_up(&cves(1000..1003), NOW).await;
    assert_eq!(found.advisories.len(), 1, "CISA's word stands");
    assert!(matches!(found.errors[..], [FeedError::TooMany { status: 503, .. }]), "{found:?}");
    assert_eq!(waits.lock().expect("the log").len(), 2, "it was given time twice");
    assert_eq!(heads.lock().expect("the log").len(), 4, "and then left alone");
}

#[tokio::test]
async fn stale_facts_are_better_than_none() {
    let asked = Mutex::new(0);
    let (advisories, ..) = feeds(None, move |head| {
        let mut asked = asked.lock().expect("the count");
        *asked += 1;
        if *asked == 1 { both(head) } else { (500, String::new()) }
    });
    advisories.look_up(&cves(1000..1001), NOW).await;
    let found = advisories.look_up(&cves(1000..1001), NOW + TimeDelta::days(3)).await;
    assert_eq!(found.advisories.values().map(|advisory| advisory.as_of).collect::<Vec<_>>(), [NOW]);
    assert_eq!(found.errors.len(), 2, "neither the catalogue nor the NVD: {found:?}");
}

#[tokio::test]
async fn an_unknown_cve_is_no_error() {
    let empty = r#"{"vulnerabilities":[]}"#;
    let (advisories, ..) = feeds(None, move |head| match head {
        head if head.starts_with("GET /kev") => (200, catalogue()),
        _ => (200, empty.into()),
    });
    advisories.refresh_kev(NOW).await.expect("it is read");
    let found = advisories.look_up(&cves(2000..2001), NOW).await;
    assert_eq!((found.advisories.len(), found.errors.len()), (0, 0));
}

#[tokio::test]
async fn a_broken_catalogue_leaves_the_one_before_in_force() {
    let calls = Mutex::new(0);
    let (advisories, ..) = feeds(None, move |_| {
        let mut calls = calls.lock().expect("the count");
        *calls += 1;
        if *calls == 1 { (200, catalogue()) } else { (200, "<html>".into()) }
    });
    advisories.refresh_kev(NOW).await.expect("it is read");
    let error = advisories.refresh_kev(NOW + TimeDelta::days(1)).await;
    assert!(matches!(error, Err(FeedError::Unreadable { .. })), "{error:?}");
    let found = advisories.look_up(&cves(1000..1001), NOW + TimeDelta::days(1)).await;
    assert_eq!(found.advisories.values().map(|advisory| advisory.as_of).collect::<Vec<_>>(), [NOW]);
}

#[tokio::test]
async fn microsoft_says_what_a_windows_update_mends() {
    let month = r#"{"Vulnerability":[{"CVE":"CVE-2024-38063","Remediations":[
        {"Description":{"Value":"5041160"},"Type":2}]}]}"#;
    let (advisories, heads, _) = feeds(None, move |head| match head {
        head if head.starts_with("GET /msrc/cvrf/2024-Aug") => (200, month.into()),
        _ => (404, String::new()),
    });
    let october = "2024-10-02T00:00:00Z".parse().expect("a time");
    advisories.refresh_msrc(&[], october).await.expect("two months are not there, one is");
    assert_eq!(heads.lock().expect("the log").len(), 3);
    let patch = |id: &str| Patch {
        id: PatchId(id.into()),
        title: "2024-08 Cumulative Update".into(),
        classification: "SecurityUpdates".into(),
        severity: None,
        cves: Cves::Unknown,
        released: None,
        advisories: vec![],
        url: None,
    };
    let (mut known, mut unknown) = (patch("KB5041160"), patch("KB5041161"));
    advisories.complete(&mut known);
    advisories.complete(&mut unknown);
    assert_eq!(known.cves.known().len(), 1);
    assert_eq!(unknown.cves, Cves::Unknown);
    let error = advisories.refresh_msrc(&[], october + TimeDelta::days(300)).await;
    assert!(matches!(error, Err(FeedError::Status { .. })), "{error:?}");
}
