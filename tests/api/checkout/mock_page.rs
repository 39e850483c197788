//! The page at which a browser says how a payment of the mock provider ends.
use reqwest::Method;
use serde_json::{Value, json};

use super::shop::{Shop, end, order, read, wish};
use crate::support::{Client, Reply};

/// The page of an order's payment: its path, and the token in its address.
fn page_of(order: &Value) -> (String, String) {
    let url = order["payment"]["checkout_url"].as_str().unwrap();
    let (_, page) = url.split_once("/checkout/mock/").unwrap();
    let (payment, token) = page.split_once("?token=").unwrap();
    (format!("/checkout/mock/{payment}"), token.to_owned())
}

async fn open(browser: &Client, order: &Value) -> Reply {
    let (path, token) = page_of(order);
    browser.get(&format!("{path}?token={token}")).await
}

async fn press(browser: &Client, order: &Value, button: &str) -> Reply {
    let (path, token) = page_of(order);
    let form = format!("token={token}&outcome={button}");
    let request = browser.request(Method::POST, &path).body(form);
    Reply::of(request.header("content-type", "application/x-www-form-urlencoded")).await
}

#[tokio::test]
async fn a_browser_without_a_credential_pays_by_the_address_that_the_checkout_gave_it() {
    let shop = Shop::new().await;
    let (game, browser) = (shop.sell("Celeste", 1999).await, shop.app.nobody());
    let order = order(&shop.ada, &[game]).await;
    let page = open(&browser, &order).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let text = page.text();
    for part in [order["number"].as_str().unwrap(), "19.99 USD", "value=\"succeed\"", "value=\"cancel\""] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(read(&shop.ada, &order).await["status"], "pending", "to open it changes nothing");

    let declined = press(&browser, &order, "decline").await;
    assert_eq!(declined.status, 200);
    assert!(declined.text().contains("role=\"alert\""), "{}", declined.text());
    assert_eq!(read(&shop.ada, &order).await["payment"]["status"], "declined");
    let paid = press(&browser, &order, "succeed").await;
    let thanks = shop.app.app.public_url("/checkout/thank-you");
    assert_eq!((paid.status, paid.header("location")), (303, thanks.as_str()));
    assert_eq!(read(&shop.ada, &order).await["status"], "paid");

    let ended = open(&browser, &order).await;
    assert_eq!(ended.status, 200);
    assert!(!ended.text().contains("<button"), "{}", ended.text());
    assert_eq!(press(&browser, &order, "cancel").await.status, 409);
    shop.is_sound().await;
}

#[tokio::test]
async fn who_ends_a_payment_is_led_to_where_the_checkout_said() {
    let shop = Shop::new().await;
    let browser = shop.app.nobody();
    let games = [shop.sell("One", 100).await, shop.sell("Two", 100).await];
    let buttons = [
        ("succeed", "https://shop.example/paid?x=1", "paid"),
        ("cancel", "https://other.example/", "cancelled"),
    ];
    for (game, (button, place, status)) in games.iter().zip(buttons) {
        let mut body = wish(&[*game]);
        body["success_url"] = json!("https://shop.example/paid?x=1");
        body["cancel_url"] = json!("https://other.example/");
        let order = shop.ada.post("/api/v1/checkout", body).await.json();
        let page = open(&browser, &order).await;
        let policy = page.header("content-security-policy");
        let to = "form-action 'self' https://shop.example https://other.example;";
        assert!(policy.contains(to), "a browser lets the form lead there: {policy}");
        let led = press(&browser, &order, button).await;
        assert_eq!((led.status, led.header("location")), (303, place));
        assert_eq!(read(&shop.ada, &order).await["status"], status);
    }
}

#[tokio::test]
async fn a_page_is_of_one_payment_and_only_with_its_token() {
    let shop = Shop::new().await;
    let browser = shop.app.nobody();
    let one = order(&shop.ada, &[shop.sell("One", 100).await]).await;
    let two = order(&shop.ada, &[shop.sell("Two", 100).await]).await;
    let ((path, _), (_, token)) = (page_of(&one), page_of(&two));
    for query in [String::new(), "?token=".to_owned(), "?token=AAAA".to_owned(), format!("?token={token}")] {
        assert_eq!(browser.get(&format!("{path}{query}")).await.status, 404, "{query}");
    }
    let form = format!("token={token}&outcome=succeed");
    let pressed = browser.request(Method::POST, &path).body(form);
    let pressed = Reply::of(pressed.header("content-type", "application/x-www-form-urlencoded")).await;
    assert_eq!(pressed.status, 404);
    assert_eq!(read(&shop.ada, &one).await["status"], "pending");
    assert_eq!(press(&browser, &one, "dispute").await.status, 200, "no button of the page");
    assert_eq!(read(&shop.ada, &one).await["status"], "pending");
}

#[tokio::test]
async fn the_page_speaks_the_languages_of_the_store() {
    let shop = Shop::new().await;
    let order = order(&shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    let (path, token) = page_of(&order);
    for language in mist::languages::Language::all().map(|language| language.tag()) {
        let request = shop.app.nobody().request(Method::GET, &format!("{path}?token={token}"));
        let page = Reply::of(request.header("accept-language", language)).await;
        assert_eq!((page.status, page.header("content-language")), (200, language));
        assert!(!page.text().contains("mock-payment") && !page.text().contains("{ $"), "{}", page.text());
    }
}

#[tokio::test]
async fn money_that_comes_late_pays_the_order_if_that_still_waits() {
    let mut shop = Shop::new().await;
    let (game, other) = (shop.sell("One", 100).await, shop.sell("Two", 100).await);
    let waiting = order(&shop.ada, &[game]).await;
    let given_up = order(&shop.ada, &[other]).await;
    for order in [&waiting, &given_up] {
        let delayed = end(&shop.ada, order, "delay").await;
        assert_eq!((delayed.status, delayed.json()["status"].clone()), (200, json!("pending")));
    }
    assert_eq!(end(&shop.ada, &given_up, "cancel").await.status, 200);
    shop.app.run_jobs().await;
    assert_eq!(read(&shop.ada, &waiting).await["status"], "pending", "not yet");
    shop.app.advance(chrono::Duration::seconds(60));
    shop.app.run_jobs().await;
    shop.ada_again().await;
    assert_eq!(read(&shop.ada, &waiting).await["status"], "paid");
    assert_eq!(read(&shop.ada, &given_up).await["status"], "cancelled");
    assert_eq!(end(&shop.ada, &given_up, "delay").await.code(), "payment_closed");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_payment_that_is_told_twice_or_out_of_order_pays_once() {
    for outcome in ["duplicate", "out_of_order"] {
        let shop = Shop::new().await;
        let order = order(&shop.ada, &[shop.sell("One", 100).await]).await;
        let paid = end(&shop.ada, &order, outcome).await.json();
        assert_eq!((&paid["status"], &paid["payment"]["status"]), (&json!("paid"), &json!("succeeded")));
        assert_eq!(shop.events().await, ["entitlement.granted", "order.paid"]);
        shop.is_sound().await;
    }
}

#[tokio::test]
async fn a_dispute_is_won_or_lost() {
    let shop = Shop::new().await;
    for (outcome, status, owned) in [("dispute_won", "paid", 200), ("dispute_lost", "refunded", 404)] {
        let game = shop.sell(outcome, 100).await;
        let order = order(&shop.ada, &[game]).await;
        assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
        assert_eq!(end(&shop.ada, &order, outcome).await.code(), "not_disputed");
        assert_eq!(end(&shop.ada, &order, "dispute").await.json()["status"], "disputed");
        assert_eq!(end(&shop.ada, &order, outcome).await.json()["status"], status);
        assert_eq!(shop.ada.get(&format!("/api/v1/library/{game}")).await.status, owned);
    }
    shop.is_sound().await;
}
