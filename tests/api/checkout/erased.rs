//! What is left of an account that was erased: its orders, whose money still moves.
use entity::{ledger_entry, staff_grant};
use reqwest::Method;
use sea_orm::{EntityTrait, sea_query::Expr};
use serde_json::{Value, json};

use super::{
    checks::take_guards_off,
    credit::{booked, dispute, grant, order, paid_by_stripe, told},
    shop::{Shop, end, id},
};
use crate::support::{Client, PASSWORD, Reply};
use mist::background;

async fn erase(who: &Client) {
    let reply =
        Reply::of(who.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD}))).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
}

/// An order as the staff sees it.
async fn seen(support: &Client, order: &Value) -> Value {
    support.get(&format!("/api/v1/admin/orders/{}", id(order))).await.json()
}

async fn give_back(support: &Client, order: &Value, body: Value) -> Reply {
    support.post(&format!("/api/v1/admin/orders/{}/refund", id(order)), body).await
}

#[tokio::test]
async fn an_order_of_who_was_erased_is_given_back_the_way_it_came_and_never_as_credit() {
    let shop = Shop::new().await;
    let support = shop.app.support().await;
    assert_eq!(grant(&support, &shop.ada, 700).await.status, 201);
    let open = order(&shop.ada, &[shop.sell("Celeste", 1999).await]).await;
    let paid = end(&shop.ada, &open, "succeed").await.json();
    erase(&shop.ada).await;
    let reply = give_back(&support, &paid, json!({"reason": "as asked", "to_credit": true})).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_refundable"), "{}", reply.text());
    assert_eq!(reply.json()["reason"], "erased", "nobody could spend it");
    assert_eq!(seen(&support, &paid).await["status"], "paid", "a refusal changes nothing");

    let reply = give_back(&support, &paid, json!({"reason": "as asked", "keep_access": true})).await;
    assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("refunded")), "{}", reply.text());
    assert_eq!(booked(&shop, ledger_entry::Account::Provider).await, 0, "the money goes back");
    assert_eq!(booked(&shop, ledger_entry::Account::Credit).await, 0, "the credit is owed to nobody");
    assert_eq!(booked(&shop, ledger_entry::Account::Goodwill).await, 0);
    let kept = staff_grant::Entity::find().all(&shop.app.app.db.read).await.unwrap();
    assert_eq!(kept, [], "nobody is left to keep it");
    while shop.app.run_jobs().await > 0 {}
    shop.is_sound().await;
}

#[tokio::test]
async fn a_dispute_about_an_order_of_who_was_erased_ends_as_any_other() {
    for (verdict, status) in [("won", "paid"), ("lost", "refunded")] {
        let (_stripe, shop, paid, intent) = paid_by_stripe().await;
        let support = shop.app.admin().await;
        erase(&shop.ada).await;
        told(&shop, &dispute("charge.dispute.created", &intent, "needs_response")).await;
        assert_eq!(seen(&support, &paid).await["status"], "disputed");
        told(&shop, &dispute("charge.dispute.closed", &intent, verdict)).await;
        assert_eq!(seen(&support, &paid).await["status"], status);
        assert_eq!(booked(&shop, ledger_entry::Account::Credit).await, 0);
        shop.is_sound().await;
    }
}

#[tokio::test]
async fn an_order_of_who_was_erased_is_judged_as_any_other() {
    let (_stripe, shop, paid, _) = paid_by_stripe().await;
    erase(&shop.ada).await;
    take_guards_off(&shop).await;
    let wrong =
        ledger_entry::Entity::update_many().col_expr(ledger_entry::Column::Amount, Expr::value(7_i64));
    wrong.exec(shop.app.app.db.writer()).await.unwrap();
    let violations = background::violations(&shop.app.app).await.unwrap();
    let subject = format!("order {}", id(&paid));
    assert!(violations.iter().any(|one| one.subject == subject), "{violations:?}");
}
