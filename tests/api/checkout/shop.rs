//! A store with things to sell and somebody who buys them.
use entity::event;
use mist::{background, config::Config};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, PASSWORD, Reply, TestApp};

pub struct Shop {
    pub app: TestApp,
    pub editor: Client,
    pub ada: Client,
}

impl Shop {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(settings: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::with(settings).await;
        let (editor, ada) = (app.editor().await, app.account("ada").await);
        Self { app, editor, ada }
    }

    /// A published product that costs so many cents.
    pub async fn sell(&self, title: &str, cents: i64) -> Uuid {
        self.sell_at(title, json!([{"currency": "USD", "amount": cents}])).await
    }

    /// A published product, to be released some day.
    pub async fn sell_at(&self, title: &str, prices: Value) -> Uuid {
        let id = self.draft(title, prices).await;
        self.edit(id, "publish").await;
        id
    }

    pub async fn draft(&self, title: &str, prices: Value) -> Uuid {
        let body = json!({"kind": "game", "title": title, "prices": prices, "release_date": "2999-01-01"});
        let reply = self.editor.post("/api/v1/admin/products", body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        id(&reply.json())
    }

    /// Publishes or archives a product.
    pub async fn edit(&self, product: Uuid, action: &str) {
        let reply = self.editor.act(&format!("/api/v1/admin/products/{product}/{action}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    /// Gives a product other prices.
    pub async fn price(&self, product: Uuid, cents: i64) {
        let path = format!("/api/v1/admin/products/{product}/prices");
        let reply = self.editor.put(&path, json!([{"currency": "USD", "amount": cents}])).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    /// Ada signs in anew, after her token is too old.
    pub async fn ada_again(&mut self) {
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let reply = self.app.nobody().post("/api/v1/auth/login", body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        self.ada = Client::signed_in(&self.app.url, &reply.json());
    }

    /// The kinds of what happened, oldest first, without what others did.
    pub async fn events(&self) -> Vec<String> {
        let rows =
            event::Entity::find().order_by_asc(event::Column::Id).all(&self.app.app.db.read).await.unwrap();
        let kinds = rows.into_iter().map(|row| row.kind);
        kinds.filter(|kind| kind.starts_with("order.") || kind.starts_with("entitlement.")).collect()
    }

    /// Everything that must hold does.
    pub async fn is_sound(&self) {
        assert_eq!(background::violations(&self.app.app).await.unwrap(), []);
    }
}

pub fn id(json: &Value) -> Uuid {
    json["id"].as_str().unwrap_or_else(|| panic!("{json}")).parse().unwrap()
}

/// A checkout's body.
pub fn wish(products: &[Uuid]) -> Value {
    let items: Vec<Value> = products.iter().map(|product| json!({"product_id": product})).collect();
    json!({"items": items, "accept_immediate_delivery": true})
}

pub async fn checkout(client: &Client, products: &[Uuid]) -> Reply {
    client.post("/api/v1/checkout", wish(products)).await
}

/// A checkout that succeeds: its order.
pub async fn order(client: &Client, products: &[Uuid]) -> Value {
    let reply = checkout(client, products).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

/// Ends the payment of an order.
pub async fn end(client: &Client, order: &Value, outcome: &str) -> Reply {
    let path = format!("/api/v1/payments/mock/{}", order["payment"]["id"].as_str().unwrap());
    client.post(&path, json!({"outcome": outcome})).await
}

/// An order that is paid.
pub async fn buy(client: &Client, products: &[Uuid]) -> Value {
    let order = order(client, products).await;
    let reply = end(client, &order, "succeed").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// An order as it stands.
pub async fn read(client: &Client, order: &Value) -> Value {
    client.get(&format!("/api/v1/orders/{}", id(order))).await.json()
}

pub fn usd(cents: i64) -> Value {
    json!({"amount": cents, "currency": "USD"})
}
