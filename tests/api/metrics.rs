//! The metrics, as Prometheus scrapes them.
use futures::future::{Either, select};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::json;

use crate::{
    checkout::shop::Shop,
    support::{Client, PASSWORD, Served, TestApp, logs},
};

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
        "mist_hashing_running 0",
        "mist_hashing_waiting 0",
        "mist_index_behind 0",
        "# TYPE process_start_time_seconds gauge",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn methods_that_strangers_make_up_are_one_series() {
    let app = TestApp::new().await;
    let mut served = Served::new(&app, "127.0.0.1:0");
    let store = served.says("Mist is ready at").await;
    let metrics = served.says("Metrics").await;
    for number in 0..20 {
        let method = reqwest::Method::from_bytes(format!("MADE{number}").as_bytes()).unwrap();
        let path = format!("{}/healthz", store.trim_end_matches('/'));
        assert_eq!(reqwest::Client::new().request(method, path).send().await.unwrap().status(), 405);
    }
    let text = app.nobody().get(&metrics).await.text();
    let line = "mist_http_requests_total{method=\"_OTHER\",route=\"/healthz\",status=\"405\"} 20";
    assert!(text.contains(line) && !text.contains("MADE"), "{text}");
}

#[tokio::test]
async fn orders_are_counted_as_they_are_placed_and_paid() {
    let shop = Shop::with(|_| {}).await;
    let product = shop.sell("Counted", 1999).await;
    let app = &shop.app;
    let mut served = Served::new(app, "127.0.0.1:0");
    let store = served.says("Mist is ready at").await;
    let metrics = served.says("Metrics").await;
    let store = store.trim_end_matches('/');
    let somebody = json!({"email": "grace@example.com", "password": PASSWORD, "display_name": "Grace"});
    let session = Client::new(store, None).post("/api/v1/auth/register", somebody).await.json();
    let grace = Client::new(store, Some(session));
    let wish = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
    let order = grace.post("/api/v1/checkout", wish).await.json();
    let counted = async || {
        let text = app.nobody().get(&metrics).await.text();
        let of =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        (of("mist_orders_placed_total "), of("mist_orders_paid_total "))
    };
    assert_eq!(counted().await, (Some(1), Some(0)));
    let payment = order["payment"]["id"].as_str().unwrap();
    let ends = json!({"outcome": "duplicate"});
    assert_eq!(grace.post(&format!("/api/v1/payments/mock/{payment}"), ends).await.status, 200);
    assert_eq!(counted().await, (Some(1), Some(1)), "what is told twice is paid once");
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

#[tokio::test]
async fn how_old_the_newest_backup_is_is_measured() {
    let app = TestApp::new().await;
    let folder = app.path("backups");
    let settings = [("MIST_BACKUP__FOLDER", folder.to_str().unwrap()), ("MIST_BACKUP__EVERY_HOURS", "6")];
    let mut served = Served::with(&app, "127.0.0.1:0", &settings);
    let metrics = served.says("Metrics").await;
    let seconds = loop {
        let text = app.nobody().get(&metrics).await.text();
        let begins = "mist_backup_last_success_timestamp_seconds ";
        let last = text.lines().find_map(|line| line.strip_prefix(begins)?.parse::<f64>().ok());
        if let Some(seconds) = last.filter(|seconds| *seconds > 0.0) {
            assert!(text.contains("mist_backup_interval_seconds 21600"), "{text}");
            break seconds;
        }
        tokio::task::yield_now().await;
    };
    assert!(seconds > 1.7e9, "{seconds}");
}
