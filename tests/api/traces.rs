//! Traces, as a collector gets them, and what becomes of a store whose collector is away.
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    checkout::shop::{Shop, buy, end, order},
    support::{
        Client, PASSWORD, Reply, Served, TestApp,
        collector::{Collector, Manner, Seen},
        stripe::{StandIn, configure},
    },
    webhooks::{self, receiver},
};

/// A trace of who asks, which is kept there.
const FOREIGN: &str = "0af7651916cd43dd8448eb211c80319c";
const FOREIGN_SPAN: &str = "b7ad6b7169203331";

/// All spans, once every one has left.
async fn all(collector: &Collector, traces: traces::Traces) -> Vec<Seen> {
    traces.end().await;
    collector.seen()
}

fn named(spans: &[Seen], name: &str) -> Seen {
    let mut found = spans.iter().filter(|span| span.name == name);
    let first = found.next().unwrap_or_else(|| panic!("no {name} in {spans:#?}"));
    assert!(found.next().is_none(), "several {name}");
    first.clone()
}

#[tokio::test]
async fn a_purchase_and_the_jobs_that_it_brings_about_are_one_trace() {
    let collector = Collector::new(Manner::Take).await;
    let traces = collector.trace();
    let shop = Shop::new().await;
    shop.app.run_jobs().await;
    let product = shop.sell("Celeste", 1999).await;
    let pending = order(&shop.ada, &[product]).await;
    assert_eq!(end(&shop.ada, &pending, "succeed").await.status, 200);
    shop.app.run_jobs().await;
    let spans = all(&collector, traces).await;

    let paid = named(&spans, "POST /api/v1/payments/mock/{payment_id}");
    assert_eq!((paid.kind, paid.parent.as_str(), paid.failed), ("SPAN_KIND_SERVER", "", false));
    assert_eq!(paid.attributes["http.response.status_code"], "200");
    assert_eq!(paid.attributes["http.route"], "/api/v1/payments/mock/{payment_id}");
    let receipt = named(&spans, "job receipt_mail");
    assert_eq!((receipt.kind, receipt.failed), ("SPAN_KIND_CONSUMER", false));
    assert_eq!((&receipt.trace, &receipt.parent), (&paid.trace, &paid.id));
    let checkout = named(&spans, "POST /api/v1/checkout");
    assert_ne!(checkout.trace, paid.trace, "each request that strangers make is a trace of its own");
}

#[tokio::test]
async fn calls_of_other_programs_are_parts_of_the_trace_and_tell_it() {
    let collector = Collector::new(Manner::Take).await;
    let traces = collector.trace();
    let stripe = StandIn::start().await;
    let shop = Shop::with(|config| {
        configure(&stripe, config);
        config.webhooks.allow_private = true;
    })
    .await;
    let product = shop.sell("Celeste", 1999).await;
    order(&shop.ada, &[product]).await;

    let receiver = receiver::Receiver::new(receiver::Manner::Status(204)).await;
    let admin = shop.app.admin().await;
    let endpoint = json!({"url": receiver.url, "events": ["order.paid"]});
    let endpoint = admin.post("/api/v1/admin/webhooks", endpoint).await.json();
    let test = format!("/api/v1/admin/webhooks/{}/test", endpoint["id"].as_str().unwrap());
    assert_eq!(admin.act(&test).await.status, 202);
    webhooks::send(&shop).await;
    let told = receiver.messages().pop().unwrap().headers["traceparent"].clone();

    let spans = all(&collector, traces).await;
    let checkout = named(&spans, "POST /api/v1/checkout");
    let calls: Vec<&Seen> = spans.iter().filter(|span| span.kind == "SPAN_KIND_CLIENT").collect();
    let call = calls.iter().find(|span| span.trace == checkout.trace).expect("Stripe was called in it");
    assert_eq!((&call.name, &call.parent), (&"POST 127.0.0.1".to_owned(), &checkout.id));
    assert_eq!(call.attributes["server.address"], "127.0.0.1");
    let delivery = calls.iter().find(|span| span.attributes["http.response.status_code"] == "204").unwrap();
    assert_eq!(told, format!("00-{}-{}-01", delivery.trace, delivery.id));
}

#[tokio::test]
async fn a_bucket_is_asked_as_a_part_of_the_trace() {
    let collector = Collector::new(Manner::Take).await;
    let traces = collector.trace();
    let app = TestApp::on_s3(|_| {}).await;
    let editor = app.editor().await;
    let product = json!({"kind": "game", "title": "Celeste", "prices": []});
    let product = editor.post("/api/v1/admin/products", product).await.json();
    let builds = format!("/api/v1/admin/products/{}/builds", product["id"].as_str().unwrap());
    let build = editor.post(&builds, json!({"version": "1.0", "platform": "any"})).await.json();
    let file = format!("/api/v1/admin/builds/{}/files/celeste.bin", build["id"].as_str().unwrap());
    let sent = editor.request(Method::PUT, &file).body("the bytes of a game");
    assert_eq!(Reply::of(sent).await.status, 201);
    let spans = all(&collector, traces).await;
    let upload = spans.iter().find(|span| span.name.starts_with("PUT /api/v1/admin/builds/")).unwrap();
    let inside = spans.iter().find(|span| span.kind == "SPAN_KIND_CLIENT" && span.parent == upload.id);
    assert_eq!(inside.expect("the bucket was asked in it").name, "PUT 127.0.0.1");
}

#[tokio::test]
async fn strangers_are_named_by_a_trace_and_say_nothing_about_it_and_frontends_continue_theirs() {
    let collector = Collector::new(Manner::Take).await;
    let traces = collector.trace();
    let app = TestApp::with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.traces.continue_from = vec!["203.0.113.0/24".parse().unwrap()];
    })
    .await;
    let ask = async |path: &str, from: &str, flags: &str| {
        let parent = format!("00-{FOREIGN}-{FOREIGN_SPAN}-{flags}");
        let asked = app.nobody().request(Method::GET, path).header("x-forwarded-for", from);
        assert!(Reply::of(asked.header("traceparent", parent)).await.status < 500);
    };
    ask("/api/v1/tags", "198.51.100.9", "00").await;
    ask("/api/v1/me", "203.0.113.7", "01").await;
    ask("/api/v1/categories", "203.0.113.7", "00").await;
    app.nobody().get("/healthz").await;
    let spans = all(&collector, traces).await;

    let stranger = named(&spans, "GET /api/v1/tags");
    assert_ne!(stranger.trace, FOREIGN);
    assert_eq!((stranger.parent.as_str(), &stranger.links[..]), ("", &[FOREIGN.to_owned()][..]));
    let frontend = named(&spans, "GET /api/v1/me");
    assert_eq!((frontend.trace.as_str(), frontend.parent.as_str()), (FOREIGN, FOREIGN_SPAN));
    assert!(frontend.attributes["http.response.status_code"] == "401" && !frontend.failed);
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert!(!names.contains(&"GET /api/v1/categories"), "a frontend says what is not kept");
    assert!(!names.contains(&"GET /healthz"));
}

#[tokio::test]
async fn no_span_tells_whom_it_is_about_or_what_opens_anything() {
    let collector = Collector::new(Manner::Take).await;
    let traces = collector.trace();
    let shop = Shop::new().await;
    let product = shop.sell("Celeste", 1999).await;
    buy(&shop.ada, &[product]).await;
    shop.ada.get("/api/v1/products?q=a-word-that-somebody-looked-for").await;
    shop.ada.get("/api/v1/a-path-that-nobody-has/secret-in-a-path").await;
    let reset = json!({"email": "ada@example.com"});
    assert_eq!(shop.app.nobody().post("/api/v1/auth/password/forgot", reset).await.status / 100, 2);
    let odd = Method::from_bytes(b"SECRETMETHOD").unwrap();
    Reply::of(shop.ada.request(odd, "/api/v1/me")).await;
    shop.app.run_jobs().await;
    let spans = all(&collector, traces).await;
    assert!(spans.len() > 8, "{spans:#?}");
    let sent = String::from_utf8_lossy(&collector.bytes()).into_owned();
    let session = shop.ada.session();
    let secret = |name: &str| session[name].as_str().unwrap().to_owned();
    for told in [
        PASSWORD.to_owned(),
        secret("access_token"),
        secret("refresh_token"),
        shop.ada.account_id().to_string(),
        product.to_string(),
    ] {
        assert!(!sent.contains(&told), "{told}");
    }
    for told in ["example.com", "earer", "uthorization", "eyJ", "somebody-looked-for", "in-a-path", "SECRET"]
    {
        assert!(!sent.contains(told), "{told}");
    }
    assert!(sent.contains("GET unmatched") && sent.contains("_OTHER"), "{spans:#?}");
}

#[tokio::test]
async fn the_program_traces_where_its_settings_say_and_its_log_names_the_trace() {
    let app = TestApp::new().await;
    let mut collector = Collector::new(Manner::Take).await;
    let logs = [("MIST_LOGS__FORMAT", "json"), ("RUST_LOG", "info,mist=debug,queue=debug")];
    let settings = [&collector.settings()[..], &logs[..]].concat();
    let mut served = Served::with(&app, "off", &settings);
    let store = Client::new(&served.says("Mist is ready at").await, None);
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "display_name": "Ada"});
    let reply = store.post("api/v1/auth/register", body).await;
    assert_eq!(reply.status, 201);
    let request = collector_span(&mut collector, "POST /api/v1/auth/register").await;
    let mailed = collector_span(&mut collector, "job account_link_mail").await;
    assert_eq!((&mailed.trace, &mailed.parent), (&request.trace, &request.id));
    assert_eq!(request.attributes["mist.request_id"], reply.header("x-request-id"));
    assert_eq!(served.stop().await, Some(0));
    let lines: Vec<Value> =
        served.log().lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of = |name: &'static str| {
        lines.iter().filter_map(move |line| {
            line["spans"].as_array()?.iter().find(|span| span["name"] == name).cloned()
        })
    };
    let asked =
        of("request").find(|span| span["trace"] == json!(request.trace)).expect("a line of the request");
    assert_eq!(asked["id"], json!(reply.header("x-request-id")));
    assert!(of("job").any(|span| span["trace"] == json!(request.trace)), "a line of the job");
}

async fn collector_span(collector: &mut Collector, name: &str) -> Seen {
    tokio::time::timeout(Duration::from_secs(60), collector.span(name)).await.expect(name)
}

#[tokio::test]
async fn the_last_spans_leave_when_the_program_ends() {
    let app = TestApp::new().await;
    let collector = Collector::new(Manner::Take).await;
    let mut served = Served::with(&app, "off", &collector.settings());
    let store = Client::new(&served.says("Mist is ready at").await, None);
    store.get("api/v1/me").await;
    assert_eq!(served.stop().await, Some(0));
    named(&collector.seen(), "GET /api/v1/me");
}

#[tokio::test]
async fn a_collector_that_is_away_or_hangs_costs_spans_alone() {
    let app = TestApp::new().await;
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let mut hanging = Collector::new(Manner::Hang).await;
    for (url, hangs) in [(nobody, false), (hanging.url.clone(), true)] {
        let settings = [("MIST_TRACES__OTLP_ENDPOINT", url.as_str()), ("MIST_TRACES__SAMPLE", "1")];
        let mut served = Served::with(&app, "off", &settings);
        let store = Client::new(&served.says("Mist is ready at").await, None);
        let began = Instant::now();
        // More than wait to be sent at most.
        for _ in 0..50 {
            let asked = (0..100).map(|_| store.get("api/v1/me"));
            for reply in futures::future::join_all(asked).await {
                assert_eq!(reply.status, 401);
            }
        }
        if hangs {
            hanging.arrival().await;
        }
        let asking = began.elapsed();
        assert!(asking < Duration::from_secs(60), "{asking:?} for 5000 answers");
        let began = Instant::now();
        assert_eq!(served.stop().await, Some(0));
        let ending = began.elapsed();
        assert!(ending < Duration::from_secs(15), "it waited {ending:?} for its collector");
    }
}
