//! What is mailed, and how that is ended.
use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

use super::{PREFERENCES, choose, follow, kinds, lower, shop, wish};
use crate::{
    checkout::shop::{Shop, buy},
    support::{Letter, Reply, logs},
};

const UNSUBSCRIBE: &str = "/api/v1/mail/unsubscribe";
const ADA: &str = "ada@example.com";

/// Ada, whose wish became cheaper, and the mail of it.
async fn mailed() -> (Shop, Letter) {
    let shop = shop().await;
    let game = shop.sell("Signs & <Wonders>", 1000).await;
    wish(&shop.ada, game).await;
    lower(&shop, game, 800).await;
    follow(&shop.app).await;
    let letter = shop.app.letters(ADA).await.pop().unwrap();
    (shop, letter)
}

/// The headers of a mail, each on one line.
fn header(letter: &Letter, name: &str) -> String {
    let unfolded = letter.headers.replace("\r\n ", " ").replace("\r\n\t", " ");
    let line = unfolded.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in {unfolded}")).to_owned()
}

fn token(text: &str) -> String {
    let token = text.split("token=").nth(1).unwrap();
    let token: String = token.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
    logs::note_secret(&token);
    token
}

async fn wants_mail(shop: &Shop) -> Value {
    shop.ada.get(PREFERENCES).await.json()["wishlist_price_drop"]["email"].clone()
}

async fn post_form(shop: &Shop, path: &str, body: &'static str) -> Reply {
    let request = shop.app.nobody().request(Method::POST, path).body(body);
    Reply::of(request.header("content-type", "application/x-www-form-urlencoded")).await
}

#[tokio::test]
async fn a_mail_tells_what_the_list_tells_and_how_it_is_ended() {
    let (shop, letter) = mailed().await;
    assert_eq!(letter.subject, "Mist: Signs & <Wonders> costs less");
    let body = "Signs & <Wonders> from your wishlist now costs 8.00 USD instead of 10.00 USD.";
    assert!(letter.text.contains(body), "{}", letter.text);
    assert!(letter.html.contains("Signs &amp; &lt;Wonders&gt;") && !letter.html.contains("<Wonders>"));
    assert!(letter.text.contains("/api/v1/products/signs-wonders"), "{}", letter.text);
    let program = header(&letter, "List-Unsubscribe");
    assert!(program.starts_with(&format!("<{}", shop.app.app.public_url(UNSUBSCRIBE))), "{program}");
    assert!(program.ends_with('>'), "{program}");
    assert_eq!(header(&letter, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let page = format!("{}?token={}", shop.app.app.public_url("/unsubscribe"), token(&program));
    assert!(letter.text.contains(&page) && letter.html.contains("token="), "{}", letter.text);
    assert!(header(&letter, "Message-ID").ends_with("@localhost>"));
    let kept = crate::support::everything::places_of(&shop.app.app.db.read, &[&token(&program)]).await;
    assert_eq!(kept, ["mail_unsubscribe.token_hash"], "it lies nowhere");
}

#[tokio::test]
async fn one_click_of_a_mail_program_ends_mail_of_that_kind_alone() {
    let (shop, letter) = mailed().await;
    let token = token(&header(&letter, "List-Unsubscribe"));
    let path = format!("{UNSUBSCRIBE}?token={token}");
    for _ in 0..2 {
        let reply = post_form(&shop, &path, "List-Unsubscribe=One-Click").await;
        assert_eq!(reply.status, 204, "{}", reply.text());
    }
    let chosen = shop.ada.get(PREFERENCES).await.json();
    assert_eq!(chosen["wishlist_price_drop"], json!({"email": false, "in_app": true}));
    assert_eq!(chosen["wishlist_release"], json!({"email": true, "in_app": true}));
    let mails = shop.app.letters(ADA).await.len();
    let game = shop.sell("Celeste", 1000).await;
    wish(&shop.ada, game).await;
    lower(&shop, game, 800).await;
    follow(&shop.app).await;
    assert_eq!(shop.app.letters(ADA).await.len(), mails);
    assert_eq!(kinds(&shop.ada).await, ["wishlist_price_drop", "wishlist_price_drop"]);
}

#[tokio::test]
async fn a_token_comes_in_json_or_a_form_or_the_address_and_an_unknown_one_ends_nothing() {
    let (shop, letter) = mailed().await;
    let token = token(&header(&letter, "List-Unsubscribe"));
    let nobody = shop.app.nobody();
    for unknown in ["x".to_owned(), "A".repeat(43)] {
        let reply = nobody.post(UNSUBSCRIBE, json!({"token": unknown})).await;
        assert_eq!((reply.status, reply.code().as_str()), (404, "invalid_token"));
        assert_eq!(post_form(&shop, &format!("{UNSUBSCRIBE}?token={unknown}"), "").await.status, 404);
    }
    let reply = post_form(&shop, UNSUBSCRIBE, "List-Unsubscribe=One-Click").await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "required"));
    assert_eq!(wants_mail(&shop).await, true);
    assert_eq!(nobody.post(UNSUBSCRIBE, json!({"token": token})).await.status, 204);
    assert_eq!(wants_mail(&shop).await, false);
    choose(&shop.ada, json!({"wishlist_price_drop": {"email": true}})).await;
    let body: &'static str = Box::leak(format!("token={token}").into_boxed_str());
    assert_eq!(post_form(&shop, UNSUBSCRIBE, body).await.status, 204);
    assert_eq!(wants_mail(&shop).await, false);
}

#[tokio::test]
async fn the_page_asks_before_it_ends_anything() {
    let (shop, letter) = mailed().await;
    let token = token(&letter.text);
    let nobody = shop.app.nobody();
    // Where a mail program opens the header's address instead of posting to it.
    let lead = nobody.get(&format!("{UNSUBSCRIBE}?token={token}")).await;
    assert_eq!((lead.status, lead.header("location")), (303, format!("/unsubscribe?token={token}").as_str()));
    let page = nobody.get(&format!("/unsubscribe?token={token}")).await;
    assert_eq!((page.status, page.header("referrer-policy")), (200, "no-referrer"));
    assert!(page.text().contains(&format!("value=\"{token}\"")), "{}", page.text());
    assert_eq!(wants_mail(&shop).await, true, "programs that look at mails open it too");
    let body: &'static str = Box::leak(format!("token={token}").into_boxed_str());
    let done = post_form(&shop, "/unsubscribe", body).await;
    assert!(done.status == 200 && done.text().contains("<h1>Done</h1>"), "{}", done.text());
    assert_eq!(wants_mail(&shop).await, false);
    let dead = post_form(&shop, "/unsubscribe", "token=x").await;
    assert!(dead.status == 404 && dead.text().contains("does not work any more"), "{}", dead.text());
}

#[tokio::test]
async fn who_wants_no_mail_by_the_time_it_would_be_sent_gets_none() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1000).await;
    wish(&shop.ada, game).await;
    lower(&shop, game, 800).await;
    mist::background::tick(&shop.app.app, "events").await.unwrap();
    choose(&shop.ada, json!({"wishlist_price_drop": {"email": false}})).await;
    shop.app.run_jobs().await;
    let subjects = shop.app.subjects(ADA).await;
    assert!(!subjects.iter().any(|subject| subject.contains("Celeste")), "{subjects:?}");
}

#[tokio::test]
async fn a_mail_is_in_the_accounts_language() {
    let shop = shop().await;
    let chosen = shop.ada.request(Method::PATCH, "/api/v1/me").json(&json!({"locale": "de"}));
    assert_eq!(Reply::of(chosen).await.status, 200);
    let order = buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
    let path = format!("/api/v1/orders/{}/refund", crate::checkout::shop::id(&order));
    assert_eq!(shop.ada.post(&path, json!({"reason": "nichts für mich"})).await.status, 200);
    follow(&shop.app).await;
    let letter = shop.app.letters(ADA).await.pop().unwrap();
    assert!(letter.text.contains("sind auf dem Weg zu Ihnen zurück.") && letter.text.contains("9,00 USD"));
    assert!(letter.html.contains("<html lang=\"de\">"), "{}", letter.html);
}

#[tokio::test]
async fn a_product_is_mailed_of_once_a_week_by_whatever_kind() {
    let (shop, _) = mailed().await;
    let told = async || -> usize {
        let subjects = shop.app.subjects(ADA).await;
        subjects.iter().filter(|subject| subject.contains("costs less")).count()
    };
    let rows = entity_products(&shop).await;
    let lower_to = async |cents: i64| {
        let editor = super::again(&shop.app, "editor").await;
        let path = format!("/api/v1/admin/products/{rows}/prices");
        let reply = editor.put(&path, json!([{"currency": "USD", "amount": cents}])).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        follow(&shop.app).await;
    };
    for (days, cents, mails) in [(3, 700, 1), (3, 600, 1), (1, 500, 2), (6, 400, 2), (1, 300, 3)] {
        shop.app.advance(Duration::days(days) + Duration::seconds(1));
        lower_to(cents).await;
        assert_eq!(told().await, mails, "after {days} more days");
    }
    let ada = super::again(&shop.app, "ada").await;
    assert_eq!(super::of_kind(&ada, "wishlist_price_drop").await.len(), 6, "in the store each is told");
}

/// The one product there is.
async fn entity_products(shop: &Shop) -> String {
    let list = shop.app.nobody().get("/api/v1/products").await.json();
    list["items"][0]["id"].as_str().unwrap().to_owned()
}
