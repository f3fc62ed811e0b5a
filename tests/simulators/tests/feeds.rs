//! Tests of the vulnerability feeds over the wire, under the paths of the real ones.

use serde_json::Value;
use simulators::feeds::{self, Data, Feeds};

async fn serve(feeds: &Feeds) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("its address"));
    let router = feeds.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn get(address: &str, path: &str) -> (u16, Option<Value>) {
    let response = reqwest::get(format!("{address}{path}")).await.expect("an answer");
    (response.status().as_u16(), response.json().await.ok())
}

const KEV: &str = "/sites/default/files/feeds/known_exploited_vulnerabilities.json";

#[tokio::test]
async fn each_feed_answers_in_its_own_shape() {
    let feeds = Feeds::new(Data::seeded().unwrap());
    let address = serve(&feeds).await;
    let (_, nvd) = get(&address, "/rest/json/cves/2.0?cveId=CVE-2024-38063").await;
    let nvd = nvd.unwrap();
    let metric = &nvd["vulnerabilities"][0]["cve"]["metrics"]["cvssMetricV31"][0];
    assert_eq!(metric["cvssData"]["baseScore"], 9.8);
    assert_eq!(get(&address, "/rest/json/cves/2.0?cve=CVE-2024-38063").await.0, 404);

    let kev = get(&address, KEV).await.1.unwrap();
    assert_eq!(kev["count"], kev["vulnerabilities"].as_array().unwrap().len());

    let months = get(&address, "/cvrf/v3.0/updates").await.1.unwrap();
    assert_eq!(months["value"][0]["ID"], "2024-Aug");
    let month = get(&address, "/cvrf/v3.0/cvrf/2024-Aug").await.1.unwrap();
    let fix = &month["Vulnerability"][0]["Remediations"][0];
    assert_eq!(fix["Description"]["Value"], "5041160");
    assert_eq!(get(&address, "/cvrf/v3.0/cvrf/1999-Jan").await.0, 404);
}

#[tokio::test]
async fn a_story_may_add_to_what_is_exploited() {
    let feeds = Feeds::new(Data::default());
    let address = serve(&feeds).await;
    assert_eq!(get(&address, KEV).await.1.unwrap()["count"], 0);
    feeds.update(|data| data.exploited.push(serde_json::json!({ "cveID": "CVE-2024-6387" })));
    assert_eq!(get(&address, KEV).await.1.unwrap()["count"], 1);
    let _unchanging: axum::Router = feeds::router(Data::default());
}
