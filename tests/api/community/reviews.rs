//! Owners say what they think, and change their mind.
use chrono::Duration;
use mist::config::Rate;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::reviewers::{all, mine, paged, read, reviewer, say, titles, vote};
use crate::{
    checkout::shop::{Shop, buy, id},
    support::{PASSWORD, Reply},
};

#[tokio::test]
async fn an_owner_writes_replaces_and_takes_back_a_review() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    buy(&shop.ada, &[game]).await;
    let words = json!({"rating": 4, "title": " Good ", "body": "One line.\r\nAnother."});
    let reply = shop.ada.put(&mine(game), words).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let written = reply.json();
    assert_eq!(
        written,
        json!({
            "id": written["id"], "product_id": game, "author": {"display_name": "ada"}, "rating": 4, "title": "Good",
            "body": "One line.\nAnother.", "locale": "en", "helpful_count": 0, "verified": true, "answer": null,
            "created_at": "2026-11-22T12:00:00Z", "updated_at": "2026-11-22T12:00:00Z",
        })
    );
    shop.app.advance(Duration::minutes(1));
    let reply = shop.ada.put(&mine(game), json!({"rating": 2})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let replaced = reply.json();
    assert_eq!((&replaced["id"], &replaced["title"]), (&written["id"], &Value::Null));
    assert_eq!(replaced["updated_at"], "2026-11-22T12:01:00Z");
    assert_eq!(shop.ada.get(&mine(game)).await.json(), replaced);
    let page = read(&shop, game, "").await;
    assert_eq!(page["items"], json!([replaced]));
    let histogram = json!({"1": 0, "2": 1, "3": 0, "4": 0, "5": 0});
    assert_eq!(page["summary"], json!({"average": 2.0, "count": 1, "histogram": histogram}));
    for _ in 0..2 {
        assert_eq!(shop.ada.delete(&mine(game)).await.status, 204, "it can be repeated");
    }
    let page = read(&shop, game, "").await;
    assert_eq!((&page["items"], &page["summary"]["count"]), (&json!([]), &json!(0)));
    assert_eq!(shop.ada.get(&mine(game)).await.status, 404);
    shop.is_sound().await;
}

#[tokio::test]
async fn only_who_owns_a_product_reviews_it() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let draft = shop.draft("Soon", json!([])).await;
    for (product, status, code) in
        [(game, 403, "not_owned"), (draft, 404, "not_found"), (Uuid::nil(), 404, "not_found")]
    {
        let reply = shop.ada.put(&mine(product), json!({"rating": "many"})).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code));
    }
    assert_eq!(shop.app.nobody().put(&mine(game), json!({"rating": 5})).await.status, 401);
    assert_eq!(read(&shop, game, "").await["summary"]["count"], 0);
}

#[tokio::test]
async fn a_review_outlives_the_right_to_what_it_is_of() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    let order = buy(&shop.ada, &[game]).await;
    say(&shop.ada, game, json!({"rating": 1})).await;
    let path = format!("/api/v1/orders/{}/refund", id(&order));
    assert_eq!(shop.ada.post(&path, json!({"reason": "It is bad."})).await.status, 200);
    shop.app.run_jobs().await;
    let review = &read(&shop, game, "").await["items"][0];
    assert_eq!((&review["rating"], &review["verified"]), (&json!(1), &json!(false)));
    assert_eq!(shop.ada.put(&mine(game), json!({"rating": 5})).await.code(), "not_owned");
    assert_eq!(shop.ada.delete(&mine(game)).await.status, 204, "one's words can be taken back");
}

#[tokio::test]
async fn what_is_wrong_with_a_review_is_told_and_changes_nothing() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 1999).await;
    buy(&shop.ada, &[game]).await;
    for (body, field, code) in [
        (json!({}), "rating", "required"),
        (json!({"rating": 0}), "rating", "out_of_range"),
        (json!({"rating": 6}), "rating", "out_of_range"),
        (json!({"rating": 4.5}), "rating", "wrong_type"),
        (json!({"rating": 4, "title": "a".repeat(201)}), "title", "too_long"),
        (json!({"rating": 4, "title": "two\nlines"}), "title", "invalid_text"),
        (json!({"rating": 4, "body": "a".repeat(10_001)}), "body", "too_long"),
        (json!({"rating": 4, "body": "a\u{0}b"}), "body", "nul_character"),
        (json!({"rating": 4, "body": "a\u{1b}[0m"}), "body", "invalid_text"),
        (json!({"rating": 4, "body": " \n "}), "body", "required"),
        (json!({"rating": 4, "verified": true}), "verified", "unknown_field"),
    ] {
        let reply = shop.ada.put(&mine(game), body).await;
        assert_eq!(reply.status, 422, "{}", reply.text());
        assert_eq!(reply.faults(), [(field.to_owned(), code.to_owned())]);
    }
    assert_eq!(read(&shop, game, "").await["summary"]["count"], 0);
}

#[tokio::test]
async fn reviews_come_in_every_order_filtered_and_in_pages() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    let mut reviews = Vec::new();
    for (name, stars) in [("ann", 5), ("bob", 1), ("cid", 3), ("dot", 5), ("eve", 1)] {
        reviews.push(reviewer(&shop, name, game, stars).await);
        shop.app.advance(Duration::seconds(1));
    }
    let [ann, bob, cid] = [0, 1, 2].map(|place: usize| &reviews[place].0);
    // Two find Bob's helpful, one Cid's; of Ann's nobody is sure.
    for (who, review, helpful) in
        [(ann, 1, true), (cid, 1, true), (ann, 2, true), (bob, 0, true), (cid, 0, false)]
    {
        assert_eq!(vote(who, reviews[review].1, helpful).await.status, 204);
    }
    for (query, order) in [
        ("", ["bob", "cid", "ann", "eve", "dot"]),
        ("sort=-helpful", ["bob", "cid", "ann", "eve", "dot"]),
        ("sort=-created_at", ["eve", "dot", "cid", "bob", "ann"]),
        ("sort=rating", ["eve", "bob", "cid", "dot", "ann"]),
        ("sort=-rating", ["dot", "ann", "cid", "eve", "bob"]),
    ] {
        assert_eq!(paged(&shop, game, query).await, order, "{query}");
    }
    assert_eq!(paged(&shop, game, "rating=1&rating=3").await, ["bob", "cid", "eve"]);
    let one = read(&shop, game, "?rating=3").await;
    assert_eq!((titles(&one), &one["summary"]["count"]), (vec!["cid"], &json!(5)), "the summary is of all");
    let cursor = read(&shop, game, "?limit=2").await["next_cursor"].as_str().unwrap().to_owned();
    let reply = shop.app.nobody().get(&format!("{}?sort=rating&limit=2&cursor={cursor}", all(game))).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_cursor"));
    for (query, field, code) in [
        ("sort=helpful", "sort", "invalid_choice"),
        ("rating=6", "rating[0]", "out_of_range"),
        ("locale=english!", "locale", "invalid_locale"),
        ("limit=101", "limit", "out_of_range"),
        ("stars=5", "stars", "unknown_parameter"),
    ] {
        let reply = shop.app.nobody().get(&format!("{}?{query}", all(game))).await;
        assert_eq!(reply.faults(), [(field.to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn a_review_is_in_the_language_its_author_uses_the_store_in() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    for (name, language) in [("ann", "de-AT"), ("bob", "de"), ("cid", "fr")] {
        let client = shop.app.account(name).await;
        buy(&client, &[game]).await;
        let put = client.request(Method::PUT, &mine(game)).header("accept-language", language);
        assert_eq!(
            Reply::of(put.json(&json!({"rating": 3, "title": name}))).await.json()["locale"],
            language
        );
    }
    for (locale, found) in [("de", vec!["bob", "ann"]), ("de-AT", vec!["ann"]), ("en", vec![])] {
        assert_eq!(titles(&read(&shop, game, &format!("?locale={locale}")).await), found, "{locale}");
    }
}

#[tokio::test]
async fn reviews_of_what_is_no_longer_sold_are_for_its_owners() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    buy(&shop.ada, &[game]).await;
    say(&shop.ada, game, json!({"rating": 4})).await;
    shop.edit(game, "archive").await;
    let stranger = shop.app.nobody().get(&all(game)).await;
    assert_eq!((stranger.status, stranger.code().as_str()), (404, "not_found"));
    assert_eq!(shop.editor.get(&all(game)).await.status, 404);
    assert_eq!(shop.ada.get(&all(game)).await.json()["summary"]["count"], 1);
    say(&shop.ada, game, json!({"rating": 5})).await;
}

#[tokio::test]
async fn strangers_may_keep_what_they_read_for_a_moment() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    buy(&shop.ada, &[game]).await;
    let reply = shop.app.nobody().get(&all(game)).await;
    assert_eq!(reply.header("cache-control"), "public, max-age=5, stale-while-revalidate=10");
    let tag = reply.header("etag").to_owned();
    let again = async || {
        Reply::of(shop.app.nobody().request(Method::GET, &all(game)).header("if-none-match", &tag))
            .await
            .status
    };
    assert_eq!(again().await, 304);
    assert_eq!(shop.ada.get(&all(game)).await.header("cache-control"), "private, no-store");
    say(&shop.ada, game, json!({"rating": 4})).await;
    assert_eq!(again().await, 200);
}

#[tokio::test]
async fn nobody_floods_the_store_with_reviews() {
    let shop = Shop::with(|config| config.community.reviews_per_account = Rate::new(2, 60)).await;
    let game = shop.sell("A Game", 100).await;
    buy(&shop.ada, &[game]).await;
    for stars in [1, 2] {
        say(&shop.ada, game, json!({"rating": stars})).await;
    }
    let reply = shop.ada.put(&mine(game), json!({"rating": 3})).await;
    assert_eq!((reply.status, reply.code().as_str()), (429, "too_many_attempts"));
    assert_eq!(reply.header("retry-after"), "60");
    shop.app.advance(Duration::seconds(61));
    say(&shop.ada, game, json!({"rating": 3})).await;
}

#[tokio::test]
async fn what_an_erased_account_said_stays_without_its_name() {
    let shop = Shop::new().await;
    let game = shop.sell("A Game", 100).await;
    buy(&shop.ada, &[game]).await;
    say(&shop.ada, game, json!({"rating": 4, "body": "Fine."})).await;
    let erase = shop.ada.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD}));
    assert_eq!(Reply::of(erase).await.status, 204);
    let page = read(&shop, game, "").await;
    assert_eq!(page["items"][0]["author"], json!({"display_name": "Erased account"}));
    assert_eq!((&page["items"][0]["body"], &page["summary"]["count"]), (&json!("Fine."), &json!(1)));
    shop.is_sound().await;
}

#[tokio::test]
async fn a_suspended_author_is_still_read() {
    let shop = Shop::new().await;
    let (admin, game) = (shop.app.admin().await, shop.sell("A Game", 100).await);
    buy(&shop.ada, &[game]).await;
    say(&shop.ada, game, json!({"rating": 4})).await;
    let path = format!("/api/v1/admin/accounts/{}", shop.ada.account_id());
    assert_eq!(admin.patch(&path, "*", json!({"status": "suspended"})).await.status, 200);
    assert_eq!(read(&shop, game, "").await["summary"]["count"], 1, "support hides what must not be read");
}
