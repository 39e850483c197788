//! Orders that nobody pays in time.
use chrono::Duration;
use mist::checkout::expire_due;
use serde_json::json;

use super::shop::{Shop, checkout, end, id, order};

/// Long enough to order in, short enough that Ada stays signed in.
async fn shop() -> Shop {
    Shop::with(|config| config.checkout.order_expiry = 300).await
}

#[tokio::test]
async fn an_unpaid_order_expires() {
    let shop = shop().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    let late = order(&shop.ada, &[game]).await;
    shop.app.advance(Duration::seconds(299));
    assert_eq!(expire_due(&shop.app.app).await.unwrap(), 0);
    let fresh = order(&shop.ada, &[book]).await;
    shop.app.advance(Duration::seconds(1));
    assert_eq!(expire_due(&shop.app.app).await.unwrap(), 1);
    assert_eq!(expire_due(&shop.app.app).await.unwrap(), 0);
    let orders = shop.ada.get("/api/v1/orders").await.json();
    let standing = |at: usize| (&orders["items"][at]["id"], &orders["items"][at]["status"]);
    assert_eq!(standing(0), (&fresh["id"], &json!("pending")));
    assert_eq!(standing(1), (&late["id"], &json!("expired")));
    assert_eq!(orders["items"][1]["payment"]["status"], "cancelled");
    assert_eq!(checkout(&shop.ada, &[game]).await.status, 201);
    shop.is_sound().await;
}

#[tokio::test]
async fn nobody_pays_or_sees_an_overdue_order_as_open_before_the_sweep() {
    let shop = shop().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    let (first, second) = (order(&shop.ada, &[game]).await, order(&shop.ada, &[book]).await);
    shop.app.advance(Duration::seconds(300));
    let reply = end(&shop.ada, &first, "succeed").await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "payment_closed"));
    let seen = shop.ada.get(&format!("/api/v1/orders/{}", id(&second))).await.json();
    assert_eq!(seen["status"], "expired");
    let reply = shop.ada.act(&format!("/api/v1/orders/{}/cancel", id(&second))).await;
    assert_eq!((reply.status, reply.code().as_str()), (409, "not_cancellable"));
    shop.is_sound().await;
}

#[tokio::test]
async fn many_orders_expire_in_one_sweep_by_many_copies() {
    let shop = shop().await;
    let game = shop.sell("A Game", 1999).await;
    let account = shop.ada.account_id();
    let template = order(&shop.ada, &[game]).await;
    for _ in 0..120 {
        clone(&shop, id(&template), account).await;
    }
    shop.app.advance(Duration::seconds(300));
    let app = &shop.app.app;
    let (one, other) = tokio::join!(expire_due(app), expire_due(app));
    assert_eq!(one.unwrap() + other.unwrap(), 121);
    shop.is_sound().await;
}

/// Another open order like one there is: over HTTP it would replace it.
async fn clone(shop: &Shop, template: uuid::Uuid, account: uuid::Uuid) {
    use entity::{order, order_line, order_transition, payment};
    use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
    let (db, clock) = (shop.app.app.db.writer(), &shop.app.clock);
    let mut row = order::Entity::find_by_id(template).one(db).await.unwrap().unwrap();
    row.id = clock.new_id();
    row.number = row.id.to_string();
    row.account_id = account;
    let new = row.id;
    order::Entity::insert(row.into_active_model()).exec_without_returning(db).await.unwrap();
    let line = order_line::Entity::find().filter(order_line::Column::OrderId.eq(template));
    let mut line = line.one(db).await.unwrap().unwrap();
    (line.id, line.order_id) = (clock.new_id(), new);
    order_line::Entity::insert(line.into_active_model()).exec_without_returning(db).await.unwrap();
    let step = order_transition::Entity::find().filter(order_transition::Column::OrderId.eq(template));
    let mut step = step.one(db).await.unwrap().unwrap();
    (step.id, step.order_id) = (clock.new_id(), new);
    order_transition::Entity::insert(step.into_active_model()).exec_without_returning(db).await.unwrap();
    let paid = payment::Entity::find().filter(payment::Column::OrderId.eq(template));
    let mut paid = paid.one(db).await.unwrap().unwrap();
    (paid.id, paid.order_id) = (clock.new_id(), new);
    paid.provider_ref = Some(paid.id.to_string());
    payment::Entity::insert(paid.into_active_model()).exec_without_returning(db).await.unwrap();
}
