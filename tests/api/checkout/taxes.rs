//! Taxes: by country, kind and day, in the price or on top of it, to the unit in every sum.
use mist::config::PlaceEvidence;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::shop::{Shop, buy, end, id, usd, wish};
use crate::support::{Client, Reply};

async fn order_in(client: &Client, products: &[Uuid], country: &str) -> Value {
    let mut body = wish(products);
    body["country"] = json!(country);
    let reply = client.post("/api/v1/checkout", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

/// A product of a kind that costs so many cents.
async fn sell(shop: &Shop, kind: &str, title: &str, cents: i64) -> Uuid {
    let prices = json!([{"currency": "USD", "amount": cents}]);
    let body = json!({"kind": kind, "title": title, "prices": prices, "release_date": "2999-01-01"});
    let made = shop.editor.post("/api/v1/admin/products", body).await.json();
    let id = made["id"].as_str().unwrap().parse().unwrap();
    shop.edit(id, "publish").await;
    id
}

#[tokio::test]
async fn a_price_includes_the_tax_of_the_buyers_country() {
    let shop = Shop::new().await;
    let (game, book) = (sell(&shop, "game", "Game", 2999).await, sell(&shop, "ebook", "Book", 999).await);
    let quote = shop.ada.get("/api/v1/cart?country=DE").await.json();
    assert_eq!((&quote["tax"], &quote["tax_included"]), (&usd(0), &json!(true)));
    let order = order_in(&shop.ada, &[game, book], "DE").await;
    assert_eq!((&order["total"], &order["tax"]), (&usd(3998), &usd(479 + 65)));
    let rates: Vec<&Value> =
        order["items"].as_array().unwrap().iter().map(|item| &item["tax_rate"]).collect();
    assert_eq!(rates, ["19", "7"], "e-books have a rate of their own");
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
    let abroad = shop.app.account("bob").await;
    assert_eq!(order_in(&abroad, &[game], "US").await["tax"], usd(0));
    shop.is_sound().await;
}

#[tokio::test]
async fn a_store_may_add_the_tax_to_its_prices() {
    let shop = Shop::with(|config| config.taxes.included = false).await;
    let game = sell(&shop, "game", "Game", 1000).await;
    let order = order_in(&shop.ada, &[game], "FI").await;
    assert_eq!((&order["subtotal"], &order["tax"], &order["total"]), (&usd(1000), &usd(255), &usd(1255)));
    assert_eq!(order["tax_included"], false);
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
    let refund = format!("/api/v1/orders/{}/refund", order["id"].as_str().unwrap());
    assert_eq!(shop.ada.post(&refund, json!({"reason": "no fun"})).await.status, 200);
    shop.app.run_jobs().await;
    shop.is_sound().await;
}

#[tokio::test]
async fn a_store_has_rates_of_its_own_or_no_tax_at_all() {
    let shop = Shop::with(|config| {
        config.taxes.rates = vec!["NO:25".parse().unwrap(), "NO:ebook:0".parse().unwrap()];
    })
    .await;
    let (game, book) = (sell(&shop, "game", "Game", 1250).await, sell(&shop, "ebook", "Book", 500).await);
    assert_eq!(order_in(&shop.ada, &[game, book], "NO").await["tax"], usd(250));
    let untaxed = Shop::with(|config| config.taxes.collect = false).await;
    let game = sell(&untaxed, "game", "Game", 1250).await;
    assert_eq!(order_in(&untaxed.ada, &[game], "DE").await["tax"], usd(0));
}

#[tokio::test]
async fn what_tells_where_the_buyer_was_is_kept_with_the_order() {
    let shop = Shop::with(|config| {
        config.http.country_header = Some("cloudfront-viewer-country".to_owned());
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let game = sell(&shop, "game", "Game", 1250).await;
    let path = "/api/v1/checkout";
    let asked = shop.ada.request(reqwest::Method::POST, path).header("cloudfront-viewer-country", "AT");
    let mut body = wish(&[game]);
    body["country"] = json!("DE");
    let order = Reply::of(asked.json(&body)).await.json();
    let support = shop.app.support().await;
    let seen = support.get(&format!("/api/v1/admin/orders/{}", order["id"].as_str().unwrap())).await.json();
    let places = json!([{"source": "network", "country": "AT"}, {"source": "order", "country": "DE"}]);
    assert_eq!(seen["places"], places);
    let own = shop.ada.get("/api/v1/orders").await.json();
    assert!(own["items"][0].get("places").is_none(), "the buyer's order is as it was");
}

#[tokio::test]
async fn a_stranger_can_not_say_in_which_network_he_is() {
    let shop = Shop::with(|config| {
        config.http.country_header = Some("cloudfront-viewer-country".to_owned());
        config.http.trusted_proxies = Vec::new();
    })
    .await;
    let game = sell(&shop, "game", "Game", 1250).await;
    let asked = shop.ada.request(reqwest::Method::POST, "/api/v1/checkout");
    let order = Reply::of(asked.header("cloudfront-viewer-country", "AT").json(&wish(&[game]))).await.json();
    let support = shop.app.support().await;
    let seen = support.get(&format!("/api/v1/admin/orders/{}", order["id"].as_str().unwrap())).await.json();
    assert_eq!(seen["places"], json!([]));
}

#[tokio::test]
async fn an_order_whose_place_is_unclear_is_counted_refused_or_let_be() {
    for (evidence, refused) in
        [(PlaceEvidence::Off, false), (PlaceEvidence::Warn, false), (PlaceEvidence::Enforce, true)]
    {
        let shop = Shop::with(|config| {
            config.taxes.evidence = evidence;
            config.http.country_header = Some("cloudfront-viewer-country".to_owned());
            config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        })
        .await;
        let (game, gift) = (sell(&shop, "game", "Celeste", 1000).await, sell(&shop, "game", "Free", 0).await);
        let place = async |product: Uuid, network: &str| {
            let mut body = wish(&[product]);
            body["country"] = json!("DE");
            let request = shop.ada.request(Method::POST, "/api/v1/checkout");
            Reply::of(request.header("cloudfront-viewer-country", network).json(&body)).await
        };
        let support = shop.app.support().await;
        let is_clear = async |order: &Value| {
            support.get(&format!("/api/v1/admin/orders/{}", id(order))).await.json()["place_is_clear"].clone()
        };
        let abroad = place(game, "AT").await;
        if refused {
            assert_eq!((abroad.status, abroad.code().as_str()), (409, "place_unclear"), "{}", abroad.text());
            let told = json!([{"source": "order", "country": "DE"}, {"source": "network", "country": "AT"}]);
            assert_eq!(abroad.json()["places"], told);
        } else {
            assert_eq!(abroad.status, 201, "{}", abroad.text());
            assert_eq!(is_clear(&abroad.json()).await, false);
        }
        let at_home = place(game, "DE").await;
        assert_eq!(at_home.status, 201, "{}", at_home.text());
        assert_eq!(is_clear(&at_home.json()).await, true);
        assert_eq!(place(gift, "AT").await.status, 201, "what costs nothing bears no tax");
    }
}

#[tokio::test]
async fn sums_match_to_the_unit_for_any_cart_country_and_coupon() {
    let carts = (
        proptest::collection::vec((0_i64..5_000, prop::sample::select(vec!["game", "ebook"])), 1..5),
        prop::sample::select(vec!["DE", "FI", "FR", "GB", "JP"]),
        1_i64..100,
    );
    let mut runner = TestRunner::deterministic();
    for included in [true, false] {
        let shop = Shop::with(|config| config.taxes.included = included).await;
        for round in 0..12 {
            let (cart, country, percent) = carts.new_tree(&mut runner).unwrap().current();
            let code = format!("ROUND-{round}");
            let coupon = json!({"code": code, "percent": percent});
            assert_eq!(shop.editor.post("/api/v1/admin/coupons", coupon).await.status, 201);
            let mut products = Vec::new();
            for (index, (cents, kind)) in cart.into_iter().enumerate() {
                products.push(sell(&shop, kind, &format!("{round} {index}"), cents).await);
            }
            let mut body = wish(&products);
            body["country"] = json!(country);
            body["coupon"] = json!(code);
            let reply = shop.ada.post("/api/v1/checkout", body).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
            let order = reply.json();
            let amount = |of: &Value, name: &str| of[name]["amount"].as_i64().unwrap();
            let sum = |name: &str| -> i64 {
                order["items"].as_array().unwrap().iter().map(|item| amount(item, name)).sum()
            };
            for name in ["discount", "tax", "total"] {
                assert_eq!(sum(name), amount(&order, name), "{name} of {order}");
            }
            let on_top = if included { 0 } else { amount(&order, "tax") };
            let due = amount(&order, "subtotal") - amount(&order, "discount") + on_top;
            assert_eq!((sum("unit_price"), due), (amount(&order, "subtotal"), amount(&order, "total")));
            if order["status"] != "paid" {
                assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
            }
        }
        buy(&shop.app.account("bob").await, &[sell(&shop, "game", "Last", 1).await]).await;
        shop.is_sound().await;
    }
}
