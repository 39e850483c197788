//! What is given is mailed, in its time, and is nobody's until then.
use chrono::TimeDelta;
use mist::{background, config::Rate};
use serde_json::json;

use super::{FRIEND, GIFTS, give, newest, owns, pay, place, shop};
use crate::checkout::shop::{Shop, buy, end, id, order, read};

#[tokio::test]
async fn a_gift_is_mailed_with_the_givers_words_and_gives_the_giver_nothing() {
    let shop = shop().await;
    let (game, book) = (shop.sell("Celeste", 1999).await, shop.sell("Moby-Dick", 500).await);
    let gift = json!({"email": FRIEND, "message": "Happy birthday!\n\nYours, Ada"});
    let bought = pay(&shop.ada, &[game, book], gift).await;
    assert_eq!(bought["status"], "paid");
    assert!(!owns(&shop.ada, game).await, "it is for somebody else");

    let letters = shop.app.letters(FRIEND).await;
    let [letter] = letters.as_slice() else { panic!("{letters:#?}") };
    assert_eq!(letter.subject, "Mist: ada has a gift for you");
    for told in ["- Celeste", "- Moby-Dick", "> Happy birthday!", "> Yours, Ada"] {
        assert!(letter.text.contains(told), "{told} is not in {}", letter.text);
    }
    assert!(letter.link().0.contains("/gifts/claim?token="));
    let receipt = shop.app.letters("ada@example.com").await;
    let receipt = &receipt.iter().find(|letter| letter.subject.contains("receipt")).unwrap().text;
    assert!(!receipt.contains("/library"), "{receipt}");

    let gift = newest(&shop.ada).await;
    assert_eq!((&gift["id"], &gift["order_id"]), (&bought["gift_id"], &bought["id"]));
    assert_eq!((&gift["status"], &gift["email"]), (&json!("sent"), &json!(FRIEND)));
    assert_eq!(gift["items"][0]["title"], "Celeste");
    assert_eq!(gift["take_back_from"], "2026-12-22T12:00:00Z");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_link_of_a_mail_leads_to_a_page_that_claims_nothing() {
    let shop = shop().await;
    let (_, token) = give(&shop, &shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    let page = shop.app.nobody().get(&format!("/gifts/claim?token={token}")).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains(&token), "{}", page.text());
    assert_eq!(newest(&shop.ada).await["status"], "sent");
}

#[tokio::test]
async fn a_gift_for_a_day_to_come_is_not_mailed_before() {
    let mut shop = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let day = shop.app.clock.now() + TimeDelta::days(10);
    pay(&shop.ada, &[game], json!({"email": FRIEND, "deliver_at": day})).await;
    assert!(shop.app.letters(FRIEND).await.is_empty());
    let gift = newest(&shop.ada).await;
    let told = (&gift["status"], &gift["take_back_from"]);
    assert_eq!(told, (&json!("scheduled"), &json!("2027-01-01T12:00:00Z")), "30 days after its day");
    let reply = shop.ada.act(&format!("{GIFTS}/{}/resend", id(&gift))).await;
    super::refused(&reply, "not_resendable", "scheduled");

    shop.app.advance(TimeDelta::days(10));
    assert_eq!(shop.app.letters(FRIEND).await.len(), 1);
    shop.ada_again().await;
    assert_eq!(newest(&shop.ada).await["status"], "sent");
    shop.is_sound().await;
}

#[tokio::test]
async fn what_is_owned_may_be_given_and_two_gifts_are_two() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    buy(&shop.ada, &[game]).await;
    let (_, first) = give(&shop, &shop.ada, &[game]).await;
    let (_, second) = give(&shop, &shop.ada, &[game]).await;
    assert_ne!(first, second);
    assert!(owns(&shop.ada, game).await);
    shop.is_sound().await;
}

#[tokio::test]
async fn an_open_gift_and_an_open_purchase_of_the_same_product_leave_each_other_alone() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let own = order(&shop.ada, &[game]).await;
    let first = place(&shop.ada, &[game], json!({"email": FRIEND})).await.json();
    let second = place(&shop.ada, &[game], json!({"email": FRIEND})).await.json();
    assert_eq!(read(&shop.ada, &own).await["status"], "pending");
    assert_eq!(read(&shop.ada, &first).await["status"], "cancelled", "gifts make way for each other");
    assert_eq!(end(&shop.ada, &own, "succeed").await.status, 200);
    assert_eq!(end(&shop.ada, &second, "succeed").await.status, 200, "what is owned by now may be given");
    shop.is_sound().await;
}

#[tokio::test]
async fn a_gift_that_is_not_paid_is_none() {
    let shop = shop().await;
    let game = shop.sell("Celeste", 1999).await;
    let open = place(&shop.ada, &[game], json!({"email": FRIEND})).await.json();
    assert_eq!(shop.ada.get(GIFTS).await.json()["items"], json!([]));
    let path = format!("{GIFTS}/{}/resend", open["gift_id"].as_str().unwrap());
    assert_eq!(shop.ada.act(&path).await.status, 404);
    assert_eq!(end(&shop.ada, &open, "cancel").await.status, 200);
    assert!(shop.app.letters(FRIEND).await.is_empty());
    shop.is_sound().await;
}

#[tokio::test]
async fn who_gives_has_a_proven_address_and_gives_so_often() {
    let shop = Shop::with(|config| config.checkout.gifts_per_account = Rate::new(2, 3600)).await;
    let game = shop.sell("Celeste", 1999).await;
    let gift = || json!({"email": FRIEND});
    let reply = place(&shop.ada, &[game], gift()).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "email_not_verified"));
    shop.app.prove("ada@example.com").await;
    for status in [201, 201, 429] {
        assert_eq!(place(&shop.ada, &[game], gift()).await.status, status);
    }
    let far = shop.app.clock.now() + TimeDelta::days(367);
    for (gift, field, code) in [
        (json!({}), "gift.email", "required"),
        (json!({"email": "nobody"}), "gift.email", "invalid_email"),
        (json!({"email": FRIEND, "message": "x".repeat(501)}), "gift.message", "too_long"),
        (json!({"email": FRIEND, "deliver_at": far}), "gift.deliver_at", "out_of_range"),
        (json!({"email": FRIEND, "from": "x"}), "gift.from", "unknown_field"),
    ] {
        let reply = place(&shop.ada, &[game], gift).await;
        assert_eq!(reply.faults(), [(field.to_owned(), code.to_owned())], "{}", reply.text());
    }
    assert!(shop.app.letters(FRIEND).await.is_empty(), "nothing was paid");
}

#[tokio::test]
async fn who_is_given_something_at_their_own_address_is_told_in_the_store() {
    let shop = shop().await;
    let friend = shop.app.account("friend").await;
    shop.app.prove(FRIEND).await;
    give(&shop, &shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    background::tick(&shop.app.app, "events").await.unwrap();
    let told = friend.get("/api/v1/notifications").await.json();
    assert_eq!(told["items"][0]["kind"], "gift_received", "{told}");
    assert_eq!(told["items"][0]["subject"]["order_id"], json!(null), "whose order it is, is not theirs");
    let told = shop.ada.get("/api/v1/notifications").await.json();
    assert_eq!(
        told["items"][0]["body"],
        "Thank you. Your gift is mailed in its time, and the receipt comes by mail."
    );
}
