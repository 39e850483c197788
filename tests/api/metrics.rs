//! The metrics, as Prometheus scrapes them.
use futures::future::{Either, select};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;

use crate::support::{Client, PASSWORD, Served, TestApp, logs};

#[tokio::test]
async fn requests_and_what_waits_are_measured() {
    let app = TestApp::new().await;
    let mut served = Served::new(&app, "127.0.0.1:0");
    let store = Client::new(&served.says("Mist is ready at").await, None);
    let metrics = served.says("Metrics").await;
    assert_eq!(store.get("healthz").await.status, 200);
    let nobody = app.nobody();
    // What waits is measured beside the requests, from the start on.
    let text = loop {
        let reply = nobody.get(&metrics).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "text/plain; version=0.0.4; charset=utf-8")
        );
        if reply.text().contains("mist_events_unnumbered") {
            break reply.text();
        }
        tokio::task::yield_now().await;
    };
    for line in [
        "mist_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1",
        "mist_http_request_seconds_bucket{method=\"GET\",route=\"/healthz\",le=\"30\"} 1",
        "mist_jobs{state=\"ready\"} 0",
        "mist_events_unnumbered 0",
        "# TYPE process_start_time_seconds gauge",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn cloudwatch_takes_metrics_from_standard_output() {
    let app = TestApp::new().await;
    let settings = [("MIST_METRICS__EMF_SECONDS", "1"), ("MIST_METRICS__EMF_NAMESPACE", "Shop")];
    let mut served = Served::with(&app, "127.0.0.1:0", &settings);
    let store = Client::new(&served.says("Mist is ready at").await, None);
    assert_eq!(store.get("healthz").await.status, 200);
    let told = loop {
        let line = format!("{{{}", served.says("{").await);
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        if told.get("mist_http_requests_total").is_some() {
            break told;
        }
    };
    assert_eq!((&told["mist_http_requests_total"], &told["status"]), (&json!(1.0), &json!("200")));
    let directive = &told["_aws"]["CloudWatchMetrics"][0];
    assert_eq!((&directive["Namespace"], &directive["Dimensions"]), (&json!("Shop"), &json!([["status"]])));
    assert!(told["_aws"]["Timestamp"].as_i64().unwrap() > 1_700_000_000_000);
}

#[tokio::test]
async fn a_second_copy_starts_without_the_port_of_the_first() {
    let app = TestApp::new().await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut served = Served::new(&app, &taken.local_addr().unwrap().to_string());
    let store = Client::new(&served.says("Mist is ready at").await, None);
    assert_eq!(store.get("readyz").await.status, 200);
}

#[tokio::test]
async fn a_store_in_a_process_of_its_own_is_listened_to_as_well() {
    let app = TestApp::new().await;
    let mut served = Served::new(&app, "off");
    let store = Client::new(&served.says("Mist is ready at").await, None);
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "display_name": "Ada"});
    assert_eq!(store.post("api/v1/auth/register", body).await.status, 201);
    assert_eq!(store.get("api/v1/me").await.status, 401);
    drop(served);
    assert!(logs::logged().contains("route=\"/api/v1/auth/register\""), "its log was not taken down");
}

#[tokio::test]
async fn how_soon_one_is_sent_away_is_measured() {
    let app = TestApp::new().await;
    let settings = [("MIST_LOAD__WRITES", "1"), ("MIST_LOAD__QUEUE_MS", "5")];
    let mut served = Served::with(&app, "127.0.0.1:0", &settings);
    let store = served.says("Mist is ready at").await;
    let store = store.trim_end_matches('/');
    let metrics = served.says("Metrics").await;
    let somebody = json!({"email": "ada@example.com", "password": PASSWORD, "display_name": "Ada"});
    let session = Client::new(store, None).post("/api/v1/auth/register", somebody).await.json();
    let ada = Client::new(store, Some(session));
    let try_a_coupon = || {
        let ada = ada.clone();
        tokio::spawn(async move { ada.put("/api/v1/cart/coupon", json!({"code": "NONE"})).await })
    };
    // While somebody else holds her account, what she does waits in the store, and there is room for one.
    let held = app.app.db.write(async |tx| {
        let id = Set(ada.account_id());
        entity::account::ActiveModel { id, locale: Set(None), ..Default::default() }.update(tx).await?;
        let (Either::Left((refused, other)) | Either::Right((refused, other))) =
            select(try_a_coupon(), try_a_coupon()).await;
        Ok((refused.unwrap(), other))
    });
    let (refused, other) = held.await.unwrap();
    assert_eq!((refused.status, refused.code()), (503, "overloaded".to_owned()));
    assert_ne!(other.await.unwrap().status, 503);
    let text = app.nobody().get(&metrics).await.text();
    assert!(text.contains("mist_request_shed_seconds_bucket{class=\"writes\",le=\"2.5\"} 1"), "{text}");
    assert!(text.contains("mist_request_shed_seconds_count{class=\"writes\"} 1"), "{text}");
}
