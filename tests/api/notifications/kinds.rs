//! Everything that happens is told to whom it concerns, once.
use entity::license_key;
use mist::background;
use reqwest::Method;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{follow, kinds, of_kind, shop, shop_with, text, told};
use crate::{
    checkout::shop::{Shop, buy, end, id},
    community,
    support::{
        Client, PASSWORD, Reply, authenticator,
        security_key::SecurityKey,
        stripe::{StandIn, configure, event, tell},
    },
};

#[tokio::test]
async fn a_purchase_is_told_once_with_what_it_is_about() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 900).await;
    let order = buy(&shop.ada, &[game]).await;
    for _ in 0..2 {
        follow(&shop.app).await;
    }
    assert_eq!(kinds(&shop.ada).await, ["download_ready", "order_paid"]);
    let paid = of_kind(&shop.ada, "order_paid").await[0].clone();
    let number = order["number"].as_str().unwrap();
    assert_eq!(text(&paid, "title"), format!("Order {number} is paid"));
    assert_eq!((&paid["subject"], &paid["read_at"]), (&json!({"order_id": order["id"]}), &Value::Null));
    assert_eq!(paid["created_at"], "2026-11-22T12:00:00Z");
    let ready = of_kind(&shop.ada, "download_ready").await[0].clone();
    assert_eq!(text(&ready, "body"), "Celeste is in your library.");
    let product = &ready["subject"]["product"];
    assert_eq!((&product["slug"], &product["owned"]), (&json!("celeste"), &json!(true)));
    assert_eq!(ready["url"], Value::Null, "there is no page of the library without a frontend");
    assert_eq!(kinds(&shop.editor).await, Vec::<String>::new(), "and to nobody else");
    let subjects = shop.app.subjects("ada@example.com").await;
    assert_eq!(subjects.len(), 2, "the receipt is mail enough: {subjects:?}");
}

#[tokio::test]
async fn money_given_back_is_told_and_mailed() {
    let shop = shop().await;
    let order = buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
    let path = format!("/api/v1/orders/{}/refund", id(&order));
    assert_eq!(shop.ada.post(&path, json!({"reason": "not for me"})).await.status, 200);
    follow(&shop.app).await;
    let refunded = of_kind(&shop.ada, "order_refunded").await;
    assert_eq!(refunded.len(), 1);
    let number = order["number"].as_str().unwrap();
    let expected = format!("9.00 USD of order {number} are on their way back to you.");
    assert_eq!(text(&refunded[0], "body"), expected);
    let letter = shop.app.letters("ada@example.com").await.pop().unwrap();
    assert!(letter.text.contains(&expected), "{}", letter.text);
    assert!(!letter.headers.contains("List-Unsubscribe"), "it belongs to the business: {}", letter.headers);
}

#[tokio::test]
async fn what_staff_give_is_told() {
    let shop = shop().await;
    let (support, game) = (shop.app.support().await, shop.sell("Celeste", 900).await);
    let path = format!("/api/v1/admin/accounts/{}/grants", shop.ada.account_id());
    assert_eq!(support.post(&path, json!({"product_id": game, "reason": "a prize"})).await.status, 201);
    follow(&shop.app).await;
    assert_eq!(kinds(&shop.ada).await, ["download_ready"]);
}

/// Releases a build of a product.
async fn release(shop: &Shop, product: Uuid, version: &str, channel: &str) -> Uuid {
    let body = json!({"version": version, "platform": "linux", "channel": channel});
    let made = shop.editor.post(&format!("/api/v1/admin/products/{product}/builds"), body).await;
    let build = format!("/api/v1/admin/builds/{}", id(&made.json()));
    let file = shop.editor.request(Method::PUT, &format!("{build}/files/game.bin")).body("bytes");
    assert_eq!(Reply::of(file).await.status, 201);
    assert_eq!(shop.editor.act(&format!("{build}/release")).await.status, 200);
    id(&made.json())
}

#[tokio::test]
async fn a_new_version_is_told_to_every_owner_of_before_batch_by_batch() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 900).await;
    let mut owners = Vec::new();
    for number in 0..5 {
        let owner = shop.app.account(&format!("owner{number}")).await;
        buy(&owner, &[game]).await;
        owners.push(owner);
    }
    let build = release(&shop, game, "1.1", "stable").await;
    release(&shop, game, "2.0", "beta").await;
    shop.app.advance(chrono::Duration::seconds(1));
    buy(&shop.ada, &[game]).await;
    follow(&shop.app).await;
    for owner in &owners {
        let released = of_kind(owner, "build_released").await;
        assert_eq!(released.len(), 1, "what is tried out elsewhere is nothing for everybody");
        assert_eq!(text(&released[0], "title"), "Celeste: version 1.1");
        assert_eq!(released[0]["subject"]["build_id"], json!(build));
    }
    assert_eq!(of_kind(&shop.ada, "build_released").await, [] as [Value; 0], "who came later got it anyway");
}

#[tokio::test]
async fn an_answer_to_a_review_is_told_to_its_author() {
    let shop = shop().await;
    let (support, game) = (shop.app.support().await, shop.sell("Celeste", 900).await);
    let (bob, review) = community::reviewers::reviewer(&shop, "bob", game, 4).await;
    let path = format!("/api/v1/admin/reviews/{review}/answer");
    assert_eq!(support.put(&path, json!({"body": "Thanks."})).await.status, 200);
    follow(&shop.app).await;
    let answered = of_kind(&bob, "review_answered").await;
    assert_eq!(answered.len(), 1);
    assert_eq!(answered[0]["subject"]["review_id"], json!(review));
    assert_eq!(text(&answered[0], "title"), "Your review of Celeste was answered");
    let letter = shop.app.letters("bob@example.com").await.pop().unwrap();
    assert!(letter.headers.contains("List-Unsubscribe: "), "{}", letter.headers);
}

#[tokio::test]
async fn what_befalls_an_accounts_safety_is_told_and_mailed_once() {
    let shop = shop().await;
    let (app, ada) = (&shop.app, &shop.ada);
    let toaster =
        app.nobody().request(Method::POST, "/api/v1/auth/login").header("user-agent", "Toaster/1.0");
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    assert_eq!(Reply::of(toaster.json(&body)).await.status, 200);
    let key = json!({"name": "build server", "scopes": ["orders:read"]});
    assert_eq!(ada.post("/api/v1/me/api-keys", key).await.status, 201);
    let asked = ada.act("/api/v1/me/passkeys/register/start").await.json();
    let credential = SecurityKey::new(&app.app.public_url("")).create(&asked["public_key"]).await;
    let body = json!({"id": asked["id"], "credential": credential});
    let made = ada.post("/api/v1/me/passkeys/register/finish", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(ada.delete(&format!("/api/v1/me/passkeys/{}", id(&made.json()))).await.status, 204);
    let secret = ada.act("/api/v1/me/totp").await.json()["secret"].as_str().unwrap().to_owned();
    let code = authenticator::code(&secret, app.clock.now());
    assert_eq!(ada.post("/api/v1/me/totp/confirm", json!({"code": code})).await.status, 200);
    let off = ada.request(Method::DELETE, "/api/v1/me/totp").json(&json!({"password": PASSWORD}));
    assert_eq!(Reply::of(off).await.status, 204);
    let body = json!({"current_password": PASSWORD, "new_password": "seven purple lanterns"});
    assert_eq!(ada.put("/api/v1/me/password", body).await.status, 204);
    follow(app).await;
    assert_eq!(
        kinds(ada).await,
        [
            "api_key_created",
            "new_device",
            "passkey_added",
            "passkey_removed",
            "password_changed",
            "second_factor_added",
            "second_factor_removed"
        ]
    );
    let mut subjects = app.subjects("ada@example.com").await;
    subjects.sort();
    assert_eq!(
        subjects,
        [
            "A passkey was added",
            "A passkey was removed",
            "A second factor was set up",
            "An API key was made",
            "confirm your address",
            "your password was changed",
            "your second factor was removed"
        ],
        "what has a letter of its own is mailed by that alone"
    );
}

#[tokio::test]
async fn staff_are_told_what_they_look_after_and_nobody_else() {
    let shop = shop_with(|config| config.licenses.low_pool = 1).await;
    let (support, admin) = (shop.app.support().await, shop.app.admin().await);
    let game = shop.sell("Celeste", 900).await;
    let keys = format!("/api/v1/admin/products/{game}/license-keys");
    assert_eq!(shop.editor.post(&keys, json!({"keys": ["KEY-1", "KEY-2"]})).await.status, 201);
    let order = crate::checkout::shop::order(&shop.ada, &[game]).await;
    assert_eq!(end(&shop.ada, &order, "succeed").await.status, 200);
    let mine = format!("/api/v1/products/{game}/reviews/mine");
    let review = shop.ada.put(&mine, json!({"rating": 1})).await.json();
    let bob = shop.app.account("bob").await;
    community::reviewers::report(&bob, id(&review)).await;
    community::reviewers::report(&support, id(&review)).await;
    assert_eq!(end(&shop.ada, &order, "dispute").await.status, 200);
    follow(&shop.app).await;
    assert_eq!(kinds(&support).await, ["order_disputed", "review_reported"], "of two reports once");
    assert_eq!(kinds(&shop.editor).await, ["license_pool_low"]);
    assert_eq!(kinds(&admin).await, ["license_pool_low", "order_disputed", "review_reported"]);
    let low = of_kind(&admin, "license_pool_low").await;
    assert_eq!(text(&low[0], "body"), "1 licence key of Celeste is left.");
    assert_eq!(kinds(&shop.ada).await, ["download_ready", "order_paid"]);
    assert_eq!(kinds(&bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn staff_are_told_of_a_payment_that_needs_a_look() {
    let stripe = StandIn::start().await;
    let shop = shop_with(|config| configure(&stripe, config)).await;
    let support = shop.app.support().await;
    let order = crate::checkout::shop::order(&shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    let session = stripe.payments()[0].session.clone();
    stripe.change(&session, "amount_total", json!(1500));
    stripe.pay(&session);
    let wrong = stripe.session_event("checkout.session.completed", &session);
    let others = event("checkout.session.completed", json!({"id": "cs_others", "payment_status": "paid"}));
    for event in [&wrong, &others] {
        assert_eq!(tell(&shop.app, event).await.status, 200);
        shop.app.run_jobs().await;
    }
    follow(&shop.app).await;
    let flagged = of_kind(&support, "payment_flagged").await;
    let [unknown, wrong] = flagged.as_slice() else { panic!("{flagged:?}") };
    let number = order["number"].as_str().unwrap();
    let body = format!(
        "What the payment provider tells of order {number} does not fit the store’s books: wrong_amount."
    );
    assert_eq!((text(wrong, "body"), &wrong["subject"]), (body.as_str(), &json!({"order_id": order["id"]})));
    let body = "The payment provider tells of a payment that the store’s books do not know: unknown_payment.";
    assert_eq!((text(unknown, "body"), &unknown["subject"]), (body, &json!({})));
    assert_eq!(kinds(&shop.editor).await, Vec::<String>::new());
    assert_eq!(kinds(&shop.ada).await, Vec::<String>::new());
}

#[tokio::test]
async fn admins_are_told_of_a_broken_invariant_until_they_have_read_it() {
    let shop = shop().await;
    let admin = shop.app.admin().await;
    let game = shop.sell("Celeste", 900).await;
    let keys = format!("/api/v1/admin/products/{game}/license-keys");
    shop.editor.post(&keys, json!({"keys": ["KEY-1"]})).await;
    buy(&shop.ada, &[game]).await;
    let watch = async |app: &Shop| {
        assert!(background::tick(&app.app.app, "invariants").await.unwrap());
        follow(&app.app).await;
        app.app.advance(chrono::Duration::minutes(15));
    };
    watch(&shop).await;
    let admin = again(&shop, admin).await;
    assert_eq!(of_kind(&admin, "check_failed").await, [] as [Value; 0], "all is well");
    let reserved =
        license_key::ActiveModel { status: Set(license_key::Status::Reserved), ..Default::default() };
    license_key::Entity::update_many().set(reserved).exec(shop.app.app.db.writer()).await.unwrap();
    watch(&shop).await;
    watch(&shop).await;
    let admin = again(&shop, admin).await;
    let failed = of_kind(&admin, "check_failed").await;
    assert_eq!(failed.len(), 1, "one is enough while it was not read");
    assert!(text(&failed[0], "body").starts_with("1 invariant does not hold."), "{failed:?}");
    admin.post("/api/v1/notifications/read", json!({"all": true})).await;
    watch(&shop).await;
    let admin = again(&shop, admin).await;
    assert_eq!(of_kind(&admin, "check_failed").await.len(), 2);
}

async fn again(shop: &Shop, _: Client) -> Client {
    super::again(&shop.app, "admin").await
}

#[tokio::test]
async fn two_copies_tell_once() {
    let shop = shop().await;
    let copy = shop.app.another_copy().await;
    buy(&shop.ada, &[shop.sell("Celeste", 900).await, shop.sell("Hades", 900).await]).await;
    tokio::join!(follow(&shop.app), follow(&copy));
    follow(&shop.app).await;
    let told = told(&shop.ada).await;
    assert_eq!(told.len(), 3, "{told:?}");
}

#[tokio::test]
async fn of_the_library_there_is_a_link_to_the_frontend_in_the_list_and_in_the_receipt() {
    let front = shop_with(|config| {
        config.http.frontend_url = Some("https://shop.example".parse().unwrap());
    })
    .await;
    let bare = shop().await;
    for (shop, link) in [(front, Some("https://shop.example/library")), (bare, None)] {
        buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
        follow(&shop.app).await;
        assert_eq!(of_kind(&shop.ada, "download_ready").await[0]["url"], json!(link));
        let letters = shop.app.letters("ada@example.com").await;
        let receipt = letters.iter().find(|letter| letter.subject.contains("receipt")).unwrap();
        assert_eq!(receipt.text.lines().find(|line| line.starts_with("http")), link, "{}", receipt.text);
        assert_eq!(receipt.html.contains("href"), link.is_some(), "{}", receipt.html);
    }
}

#[tokio::test]
async fn staff_who_are_told_by_mail_alone_are_told_once_a_day_of_the_same_thing() {
    let shop = shop().await;
    let support = shop.app.support().await;
    let by_mail = json!({"review_reported": {"email": true, "in_app": false}});
    assert_eq!(super::choose(&support, by_mail).await.status, 200);
    let game = shop.sell("Celeste", 900).await;
    let (_, review) = community::reviewers::reviewer(&shop, "bob", game, 1).await;
    let reported_by = async |name: &str| {
        let reporter = shop.app.account(name).await;
        assert_eq!(community::reviewers::report(&reporter, review).await.status, 202);
        follow(&shop.app).await;
        let subjects = shop.app.subjects("support@example.com").await;
        subjects.iter().filter(|subject| subject.contains("was reported")).count()
    };
    assert_eq!(reported_by("carol").await, 1);
    // Reading all that the store shows is no answer to what it does not show.
    let read = support.post("/api/v1/notifications/read", json!({"all": true})).await;
    assert_eq!(read.status, 204);
    assert_eq!(reported_by("dora").await, 1, "one mail a day is enough");
    shop.app.advance(chrono::Duration::days(1));
    assert_eq!(reported_by("erin").await, 2);
}
