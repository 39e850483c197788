//! Keeping the catalog: products, their prices and texts, categories and tags.
mod drafts;
mod edits;
mod labels;
mod life;
mod relations;
mod slugs;

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const PRODUCTS: &str = "/api/v1/admin/products";

/// A product of a title and nothing else.
async fn made(editor: &Client, title: &str) -> Value {
    let reply = editor.post(PRODUCTS, json!({"kind": "game", "title": title})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

fn path(product: &Value) -> String {
    format!("{PRODUCTS}/{}", product["id"].as_str().unwrap())
}

async fn labels(editor: &Client) {
    for (kind, slug) in [("tags", "sea"), ("tags", "whales"), ("categories", "novels")] {
        let reply = editor.post(&format!("/api/v1/admin/{kind}"), json!({"slug": slug, "name": slug})).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
}

async fn event_kinds(app: &TestApp) -> Vec<String> {
    use sea_orm::{EntityTrait, QueryOrder};
    let rows = entity::event::Entity::find().order_by_asc(entity::event::Column::Id);
    let rows = rows.all(&app.app.db.read).await.unwrap();
    rows.into_iter().map(|row| row.kind).filter(|kind| kind.starts_with("product.")).collect()
}

async fn row(app: &TestApp, product: &Value) -> entity::product::Model {
    use sea_orm::EntityTrait;
    let id: uuid::Uuid = product["id"].as_str().unwrap().parse().unwrap();
    entity::product::Entity::find_by_id(id).one(&app.app.db.read).await.unwrap().unwrap()
}
