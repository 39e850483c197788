//! What somebody is told as it comes, over a real connection.
use std::{num::NonZeroU16, time::Duration as Wait};

use chrono::Duration;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use super::{follow, page, shop, shop_with, text};
use crate::{
    checkout::shop::{Shop, buy},
    support::{Client, PASSWORD, Reply, TestApp, logs},
};

const STREAM: &str = "/api/v1/notifications/stream";
const TICKET: &str = "/api/v1/notifications/stream-ticket";
/// Longer than anything that is awaited here takes.
const PATIENCE: Wait = Wait::from_secs(20);

/// A stream as a browser reads it.
struct Stream {
    response: Response,
    text: String,
}

/// An event of it.
#[derive(Debug)]
struct Event {
    id: String,
    data: Value,
}

impl Stream {
    async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self { response, text: String::new() }
    }

    async fn open(client: &Client) -> Self {
        Self::of(client.request(Method::GET, STREAM)).await
    }

    async fn from(client: &Client, last: &str) -> Self {
        Self::of(client.request(Method::GET, STREAM).header("last-event-id", last)).await
    }

    /// The next block of lines; none at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            // A connection that breaks off is an end too.
            let chunk =
                timeout(PATIENCE, self.response.chunk()).await.expect("nothing comes").ok().flatten()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event; none at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let block = self.block().await?;
            let member =
                |name: &str| block.lines().find_map(|line| line.strip_prefix(name).map(ToOwned::to_owned));
            let Some(data) = member("data: ") else { continue };
            assert_eq!(member("event: ").as_deref(), Some("notification"));
            return Some(Event { id: member("id: ").unwrap(), data: serde_json::from_str(&data).unwrap() });
        }
    }

    /// The kinds of the next events.
    async fn kinds(&mut self, count: usize) -> Vec<String> {
        let mut kinds = Vec::new();
        for _ in 0..count {
            kinds.push(text(&self.next().await.unwrap().data, "kind").to_owned());
        }
        kinds.sort();
        kinds
    }
}

/// Ada buys something new and is told of it.
async fn purchase(shop: &Shop, title: &str) {
    buy(&shop.ada, &[shop.sell(title, 100).await]).await;
    follow(&shop.app).await;
}

#[tokio::test]
async fn what_happens_arrives_as_the_list_tells_it() {
    let shop = shop().await;
    purchase(&shop, "Before").await;
    let mut stream = Stream::open(&shop.ada).await;
    let header = |name: &str| stream.response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("cache-control"), "private, no-store");
    assert_eq!(header("x-accel-buffering"), "no");
    assert_eq!(
        (header("content-language").as_str(), header("vary").contains("Accept-Language")),
        ("en", true)
    );
    assert_eq!(stream.block().await.unwrap(), "retry: 2000");
    purchase(&shop, "Celeste").await;
    let (first, second) = (stream.next().await.unwrap(), stream.next().await.unwrap());
    assert!(first.id.parse::<i64>().unwrap() < second.id.parse().unwrap());
    let list = page(&shop.ada, "?limit=2").await["items"].clone();
    assert_eq!(list, json!([second.data, first.data]), "what was before is not told again");
    // Nothing of others.
    let bob = shop.app.account("bob").await;
    buy(&bob, &[shop.sell("Hades", 100).await]).await;
    follow(&shop.app).await;
    purchase(&shop, "Portal").await;
    let portal = stream.next().await.unwrap();
    assert!(!portal.data.to_string().contains("Hades"), "{portal:?}");
}

#[tokio::test]
async fn who_resumes_has_missed_nothing_on_another_copy_and_after_a_restart() {
    // One address for all copies, or none believes the tokens of another.
    let shop =
        shop_with(|config| config.http.public_url = Some("http://localhost:8080".parse().unwrap())).await;
    let mut stream = Stream::open(&shop.ada).await;
    purchase(&shop, "One").await;
    let first = stream.next().await.unwrap();
    drop(stream);
    purchase(&shop, "Two").await;
    let copy = shop.app.another_copy().await;
    let mut stream = Stream::from(&shop.ada.on(&copy.url), &first.id).await;
    assert_eq!(stream.kinds(3).await, ["download_ready", "order_paid", "order_paid"]);
    // What one copy tells is found by the other.
    purchase(&shop, "Three").await;
    assert_eq!(stream.kinds(2).await, ["download_ready", "order_paid"]);
    drop(stream);
    drop(copy);
    let (ada, app) = (shop.ada.clone(), shop.app.restart().await);
    // By the address, as what is no EventSource may do.
    let address = format!("{STREAM}?last_event_id={}", first.id);
    let mut stream = Stream::of(ada.on(&app.url).request(Method::GET, &address)).await;
    assert_eq!(stream.kinds(5).await.len(), 5);
}

#[tokio::test]
async fn an_id_of_a_later_past_is_no_gap() {
    let shop = shop().await;
    let mut stream = Stream::from(&shop.ada, "999999").await;
    stream.block().await.unwrap();
    purchase(&shop, "Celeste").await;
    assert_eq!(stream.kinds(2).await, ["download_ready", "order_paid"]);
    for bad in ["x", "-1", "1.5"] {
        let request = shop.ada.request(Method::GET, STREAM).header("last-event-id", bad);
        assert_eq!(Reply::of(request).await.code(), "invalid_last_event_id");
    }
}

async fn ticket(client: &Client) -> String {
    let reply = client.act(TICKET).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.json()["expires_at"], "2026-11-22T12:01:00Z");
    assert_eq!(reply.header("cache-control"), "private, no-store");
    reply.json()["ticket"].as_str().unwrap().to_owned()
}

fn by_ticket(app: &TestApp, ticket: &str) -> RequestBuilder {
    app.nobody().request(Method::GET, &format!("{STREAM}?ticket={ticket}"))
}

#[tokio::test]
async fn a_ticket_opens_one_stream_once_within_a_minute() {
    let shop = shop().await;
    let first = ticket(&shop.ada).await;
    let mut stream = Stream::of(by_ticket(&shop.app, &first)).await;
    purchase(&shop, "Celeste").await;
    assert_eq!(stream.kinds(2).await, ["download_ready", "order_paid"]);
    for used in [first.as_str(), "nonsense"] {
        let reply = Reply::of(by_ticket(&shop.app, used)).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_ticket"));
    }
    let late = ticket(&shop.ada).await;
    shop.app.advance(Duration::seconds(60));
    assert_eq!(Reply::of(by_ticket(&shop.app, &late)).await.code(), "invalid_ticket");
    assert_eq!(shop.app.nobody().get(STREAM).await.code(), "unauthorized");
    // Elsewhere it opens nothing.
    let unknown = shop.ada.get(&format!("/api/v1/notifications?ticket={late}")).await;
    assert_eq!(unknown.faults(), [("ticket".to_owned(), "unknown_parameter".to_owned())]);
    assert!(!logs::logged().contains(&first));
}

#[tokio::test]
async fn of_two_who_show_a_ticket_at_once_one_is_let_in() {
    let shop = shop().await;
    let ticket = ticket(&shop.ada).await;
    let ask = || async { by_ticket(&shop.app, &ticket).send().await.unwrap() };
    let (left, right) = futures::future::join(ask(), ask()).await;
    let mut statuses = [left.status().as_u16(), right.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn a_ticket_is_kept_as_a_digest_and_ends_with_its_session() {
    let shop = shop().await;
    let (mine, other) = (ticket(&shop.ada).await, super::again(&shop.app, "ada").await);
    let rows = crate::support::everything::places_of(&shop.app.app.db.read, &[&mine]).await;
    assert_eq!(rows, ["stream_ticket.ticket_hash"]);
    let path = format!("/api/v1/auth/sessions/{}", shop.ada.session_id());
    assert_eq!(other.delete(&path).await.status, 204);
    assert_eq!(Reply::of(by_ticket(&shop.app, &mine)).await.code(), "invalid_ticket");
}

#[tokio::test]
async fn a_stream_ends_with_its_session_or_its_token() {
    let shop = shop().await;
    let mut stream = Stream::open(&shop.ada).await;
    let mut other = Stream::of(by_ticket(&shop.app, &ticket(&shop.ada).await)).await;
    assert_eq!(shop.ada.act("/api/v1/auth/logout").await.status, 204);
    assert!(stream.next().await.is_none() && other.next().await.is_none());
    let ada = super::again(&shop.app, "ada").await;
    let mut stream = Stream::open(&ada).await;
    stream.block().await.unwrap();
    shop.app.advance(Duration::minutes(15));
    assert!(stream.next().await.is_none(), "the token has ended");
}

#[tokio::test]
async fn a_stream_ends_when_its_owner_is_suspended() {
    let shop = shop().await;
    let admin = shop.app.admin().await;
    let key = json!({"name": "lamp", "scopes": ["account:write"]});
    let key = shop.ada.post("/api/v1/me/api-keys", key).await.json();
    let mut stream = Stream::open(&shop.app.holder(key["key"].as_str().unwrap())).await;
    purchase(&shop, "Celeste").await;
    assert_eq!(stream.kinds(3).await, ["api_key_created", "download_ready", "order_paid"]);
    let path = format!("/api/v1/admin/accounts/{}", shop.ada.account_id());
    assert_eq!(admin.patch(&path, "*", json!({"status": "suspended"})).await.status, 200);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn an_account_has_so_many_streams_open_and_no_more() {
    let shop = shop_with(|config| config.notifications.streams_per_account = 2.try_into().unwrap()).await;
    let (one, _two) = (Stream::open(&shop.ada).await, Stream::open(&shop.ada).await);
    let reply = shop.ada.get(STREAM).await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_streams"));
    assert!(!reply.header("retry-after").is_empty());
    let bob = shop.app.account("bob").await;
    let _others = Stream::open(&bob).await;
    drop(one);
    let freed = async {
        loop {
            let response = shop.ada.request(Method::GET, STREAM).send().await.unwrap();
            if response.status() == 200 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, freed).await.expect("the place of a stream that was left is free again");
}

#[tokio::test]
async fn a_stream_on_which_nothing_is_told_shows_that_it_lives() {
    let shop = shop_with(|config| config.notifications.heartbeat = NonZeroU16::MIN).await;
    let mut stream = Stream::open(&shop.ada).await;
    assert_eq!(stream.block().await.unwrap(), "retry: 2000");
    assert_eq!(stream.block().await.unwrap(), ": alive");
    purchase(&shop, "Celeste").await;
    assert_eq!(stream.kinds(2).await, ["download_ready", "order_paid"], "signs of life are no events");
}

#[tokio::test]
async fn streams_end_at_once_when_the_store_is_stopped() {
    let shop = shop().await;
    let mut stream = Stream::open(&shop.ada).await;
    stream.block().await.unwrap();
    let stopped = timeout(Wait::from_secs(10), shop.app.restart()).await;
    let app = stopped.expect("the store waits for no stream");
    assert!(stream.next().await.is_none());
    drop(app);
}

/// More at once than one look takes.
#[tokio::test]
async fn a_long_absence_is_made_up_for_in_order() {
    let shop = shop().await;
    let mut products: Vec<Uuid> = Vec::new();
    for number in 0..60 {
        products.push(shop.sell(&format!("Game {number}"), 100).await);
    }
    buy(&shop.ada, &products).await;
    follow(&shop.app).await;
    let mut stream = Stream::from(&shop.ada, "0").await;
    let mut last = 0;
    for _ in 0..61 {
        let next: i64 = stream.next().await.unwrap().id.parse().unwrap();
        assert!(next > last);
        last = next;
    }
}

#[tokio::test]
async fn a_stream_speaks_the_readers_language() {
    let shop = shop().await;
    let body =
        json!({"email": "greta@example.com", "password": PASSWORD, "display_name": "Greta", "locale": "de"});
    let session = shop.app.nobody().post("/api/v1/auth/register", body).await.json();
    let greta = Client::signed_in(&shop.app.url, &session);
    let mut stream = Stream::of(by_ticket(&shop.app, &ticket(&greta).await)).await;
    buy(&greta, &[shop.sell("Celeste", 100).await]).await;
    follow(&shop.app).await;
    let titles = [stream.next().await.unwrap().data, stream.next().await.unwrap().data];
    assert!(titles.iter().any(|item| item["title"] == "Celeste gehört Ihnen"), "{titles:?}");
}

#[tokio::test]
async fn a_stranger_is_told_to_sign_in_whatever_else_is_wrong() {
    let shop = shop().await;
    for query in ["", "?foo=1", "?last_event_id=x", "?locale=!", "?tickets=abc&foo=1"] {
        let request = shop.app.nobody().request(Method::GET, &format!("{STREAM}{query}"));
        let reply = Reply::of(request.header("last-event-id", "x")).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "unauthorized"), "{query}");
        assert!(reply.header("www-authenticate").starts_with("Bearer"), "{query}");
    }
    let known = shop.ada.get(&format!("{STREAM}?foo=1")).await;
    assert_eq!(
        (known.status, known.faults()),
        (422, vec![("foo".to_owned(), "unknown_parameter".to_owned())])
    );
    let holder = Reply::of(by_ticket(&shop.app, "nonsense&foo=1")).await;
    assert_eq!(holder.status, 422, "{}", holder.text());
}

#[tokio::test]
async fn a_ticket_is_used_up_by_a_stream_that_opens_and_by_nothing_else() {
    let shop = shop_with(|config| config.notifications.streams_per_account = 1.try_into().unwrap()).await;
    let ticket = ticket(&shop.ada).await;
    let head = || shop.app.nobody().request(Method::HEAD, &format!("{STREAM}?ticket={ticket}"));
    for _ in 0..2 {
        assert_eq!(head().send().await.unwrap().status(), 200);
    }
    let open = Stream::open(&shop.ada).await;
    let refused = Reply::of(by_ticket(&shop.app, &ticket)).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many_streams"));
    drop(open);
    let opened = async {
        loop {
            let response = by_ticket(&shop.app, &ticket).send().await.unwrap();
            if response.status() != 429 {
                return response;
            }
            tokio::task::yield_now().await;
        }
    };
    let response =
        timeout(PATIENCE, opened).await.expect("the place of a stream that was left is free again");
    assert_eq!(response.status(), 200, "the ticket is as good as before");
    drop(response);
    assert_eq!(head().send().await.unwrap().status(), 401);
}
