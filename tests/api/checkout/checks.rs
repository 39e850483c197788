//! What must always hold, and how it is told when it doesn't.
use chrono::Duration;
use entity::{
    build_file, credit_balance, entitlement, ledger_entry, order, order_line, order_transition, payment,
    product, refresh_token,
};
use mist::{background, check::Extent, checkout::checks};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};
use serde_json::{Value, json};

use super::{
    credit, gifts,
    shop::{Shop, buy, id, order as place},
};
use crate::support::Reply;

/// A shop in which everything holds: something bought, something open, a build with a file.
async fn shop() -> (Shop, Value) {
    let shop = Shop::new().await;
    let (game, book) = (shop.sell("A Game", 1999).await, shop.sell("A Book", 501).await);
    let order = buy(&shop.ada, &[game]).await;
    place(&shop.ada, &[book]).await;
    let path = format!("/api/v1/admin/products/{game}/builds");
    let build = id(&shop.editor.post(&path, json!({"version": "1", "platform": "linux"})).await.json());
    let file = format!("/api/v1/admin/builds/{build}/files/game.zip");
    let reply = Reply::of(shop.editor.request(reqwest::Method::PUT, &file).body("bytes")).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    shop.is_sound().await;
    (shop, order)
}

async fn broken(shop: &Shop) -> Vec<&'static str> {
    let mut broken: Vec<_> = checks::run(&shop.app.app, &shop.app.app.db.read, Extent::Whole)
        .await
        .unwrap()
        .iter()
        .map(|violation| violation.invariant)
        .collect();
    broken.sort_unstable();
    broken.dedup();
    broken
}

const PAID: &str = "an order is paid exactly when captured and credit are its total, in its currency";
const ONCE: &str = "an order has at most one succeeded payment";
const GIVEN_BACK: &str = "what was given back is that of its refunds, line by line";
const REFUNDS: &str = "refunds lie between nothing and what was captured";
const TOTAL: &str = "an order's total is that of its lines, and not negative";
const OWNED: &str = "a paid line that was not given back is owned, and no other";
const LEDGER: &str = "an order's ledger sums to zero and holds what was captured and not refunded";
const BOOKS: &str = "the ledger of a currency sums to zero and owes the credit that accounts hold";
const COUNTED: &str = "what was sold and not given back is what the ledger holds of sales and tax";
const HISTORY: &str = "an order's history holds only allowed steps, from pending to where it stands";
const STRAY: &str = "a right by purchase has its order line";
const FILES: &str = "a file has its object, of equal size and digest, whole in the store";
const LABELS: &str = "what is kept beside a product equals its tags, categories, platforms and languages";
const SESSIONS: &str = "a session has at most one live refresh token";

macro_rules! spoil {
    ($shop:expr, $table:ident, $column:ident = $value:expr) => {
        $table::Entity::update_many()
            .col_expr($table::Column::$column, Expr::value($value))
            .exec($shop.app.app.db.writer())
            .await
            .unwrap()
    };
}

/// Takes off what keeps the ledger and the history of orders as they were written: what is to be found is a database whose
/// guards were lost.
pub(super) async fn take_guards_off(shop: &Shop) {
    let db = shop.app.app.db.writer();
    for table in ["ledger_entry", "order_transition"] {
        let triggers = match db.get_database_backend() {
            DbBackend::Postgres => vec![format!("{table}_append_only ON {table}")],
            _ => vec![format!("{table}_not_changed"), format!("{table}_not_deleted")],
        };
        for trigger in triggers {
            db.execute_unprepared(&format!("DROP TRIGGER {trigger}")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_ledger_and_the_history_of_orders_are_added_to_and_never_changed() {
    let (shop, order) = shop().await;
    let db = shop.app.app.db.writer();
    let books = async || {
        let entries = ledger_entry::Entity::find().order_by_asc(ledger_entry::Column::Id);
        let steps = order_transition::Entity::find().order_by_asc(order_transition::Column::Id);
        (entries.all(db).await.unwrap(), steps.all(db).await.unwrap())
    };
    let before = books().await;
    for table in ["ledger_entry", "order_transition"] {
        for statement in
            [format!("UPDATE {table} SET at = '2020-01-01 00:00:00+00:00'"), format!("DELETE FROM {table}")]
        {
            let refused = db.execute_unprepared(&statement).await.unwrap_err().to_string();
            assert!(refused.contains(&format!("{table} is append-only")), "{statement}: {refused}");
        }
    }
    assert_eq!(books().await, before);
    let support = shop.app.support().await;
    let refund = format!("/api/v1/admin/orders/{}/refund", id(&order));
    assert_eq!(support.post(&refund, json!({"reason": "no"})).await.status, 200, "what is new is written");
    shop.is_sound().await;
}

#[tokio::test]
async fn money_that_does_not_add_up_is_found() {
    let (shop, order) = shop().await;
    spoil!(shop, payment, Refunded = 5000_i64);
    assert_eq!(broken(&shop).await, [LEDGER, REFUNDS, GIVEN_BACK]);
    spoil!(shop, payment, Refunded = 0_i64);
    spoil!(shop, payment, Currency = "EUR");
    assert_eq!(broken(&shop).await, [PAID]);
    spoil!(shop, payment, Currency = "USD");
    spoil!(shop, order, Total = -1_i64);
    assert_eq!(broken(&shop).await, [PAID, TOTAL]);
    let violations = checks::run(&shop.app.app, &shop.app.app.db.read, Extent::Whole).await.unwrap();
    assert!(violations.iter().any(|one| one.subject == format!("order {}", id(&order))), "{violations:?}");
}

#[tokio::test]
async fn a_second_payment_and_a_wrong_book_are_found() {
    let (shop, _) = shop().await;
    // The index forbids it: what is to be found is a database whose index was lost.
    shop.app.app.db.writer().execute_unprepared("DROP INDEX payment_succeeded_key").await.unwrap();
    let db = shop.app.app.db.writer();
    use sea_orm::{ColumnTrait, IntoActiveModel, QueryFilter};
    let paid = payment::Entity::find().filter(payment::Column::Status.eq(payment::Status::Succeeded));
    let mut second = paid.one(db).await.unwrap().unwrap();
    (second.id, second.attempt, second.provider_ref) = (shop.app.clock.new_id(), 2, None);
    payment::Entity::insert(second.into_active_model()).exec_without_returning(db).await.unwrap();
    assert_eq!(broken(&shop).await, [ONCE, PAID, LEDGER]);
}

#[tokio::test]
async fn books_and_histories_that_do_not_fit_are_found() {
    let (shop, _) = shop().await;
    take_guards_off(&shop).await;
    spoil!(shop, ledger_entry, Amount = 7_i64);
    assert_eq!(broken(&shop).await, [LEDGER, BOOKS, COUNTED]);
    let (shop, _) = self::shop().await;
    take_guards_off(&shop).await;
    spoil!(shop, order_transition, ToStatus = "expired");
    assert_eq!(broken(&shop).await, [HISTORY]);
    let (shop, _) = self::shop().await;
    spoil!(shop, order, Status = "expired");
    assert_eq!(broken(&shop).await, [OWNED, PAID, HISTORY]);
}

#[tokio::test]
async fn rights_that_nobody_paid_for_and_payments_without_rights_are_found() {
    let (shop, _) = shop().await;
    spoil!(shop, entitlement, Status = "revoked");
    assert_eq!(broken(&shop).await, [OWNED]);
    spoil!(shop, entitlement, Status = "active");
    spoil!(shop, order_line, Refunded = true);
    assert_eq!(broken(&shop).await, [OWNED, GIVEN_BACK]);
    spoil!(shop, order_line, Refunded = false);
    spoil!(shop, entitlement, SourceId = shop.ada.account_id());
    assert_eq!(broken(&shop).await, [OWNED, STRAY]);
}

#[tokio::test]
async fn lost_and_swapped_bytes_are_found() {
    let (shop, _) = shop().await;
    spoil!(shop, build_file, Size = 6_i64);
    assert_eq!(broken(&shop).await, [FILES]);
    spoil!(shop, build_file, Size = 5_i64);
    assert_eq!(broken(&shop).await, Vec::<&str>::new());
    let row = build_file::Entity::find().one(&shop.app.app.db.read).await.unwrap().unwrap();
    shop.app.app.objects.delete(&objects::Key::parse(row.object_key).unwrap()).await.unwrap();
    assert_eq!(broken(&shop).await, [FILES]);
}

#[tokio::test]
async fn labels_that_disagree_and_second_tokens_are_found() {
    let (shop, _) = shop().await;
    spoil!(shop, product, Tags = json!(["nonsense"]));
    shop.app.app.db.writer().execute_unprepared("DROP INDEX refresh_token_live_key").await.unwrap();
    use sea_orm::IntoActiveModel;
    let db = shop.app.app.db.writer();
    let mut token = refresh_token::Entity::find().one(db).await.unwrap().unwrap();
    token.token_hash = vec![7; 32];
    refresh_token::Entity::insert(token.into_active_model()).exec_without_returning(db).await.unwrap();
    assert_eq!(broken(&shop).await, [SESSIONS, LABELS]);
}

/// How many times it was recorded that an invariant does not hold.
async fn told(shop: &Shop) -> usize {
    let kind = entity::event::Column::Kind;
    let failed = entity::event::Entity::find().filter(kind.eq("check.failed"));
    failed.all(&shop.app.app.db.read).await.unwrap().len()
}

#[tokio::test]
async fn what_changed_is_judged_every_quarter_of_an_hour_and_everything_at_night() {
    let (shop, _) = shop().await;
    take_guards_off(&shop).await;
    spoil!(shop, ledger_entry, Amount = 1);
    assert!(background::tick(&shop.app.app, "invariants").await.unwrap());
    assert_eq!(told(&shop).await, 1, "the order is new");
    shop.app.advance(Duration::hours(2));
    assert!(background::tick(&shop.app.app, "invariants").await.unwrap());
    assert!(background::tick(&shop.app.app, "all invariants").await.unwrap());
    assert_eq!(told(&shop).await, 1, "it did not change since, and it is day");
    shop.app.advance(Duration::hours(13));
    assert!(background::tick(&shop.app.app, "all invariants").await.unwrap());
    assert_eq!(told(&shop).await, 2, "at three at night everything is looked at");
}

#[tokio::test]
async fn a_refund_long_after_its_order_is_looked_at() {
    let (shop, order) = shop().await;
    shop.app.advance(Duration::hours(3));
    let support = shop.app.support().await;
    let refund = format!("/api/v1/admin/orders/{}/refund", id(&order));
    assert_eq!(support.post(&refund, json!({"reason": "kindness"})).await.status, 200);
    let since = Extent::Since(shop.app.clock.now() - Duration::minutes(45));
    assert_eq!(checks::run(&shop.app.app, &shop.app.app.db.read, since).await.unwrap(), []);
    spoil!(shop, payment, Refunded = 0);
    assert!(!checks::run(&shop.app.app, &shop.app.app.db.read, since).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_gift_claimed_and_credit_granted_long_after_all_orders_are_looked_at() {
    let shop = gifts::shop().await;
    let (game, bob) = (shop.sell("A Game", 1999).await, shop.app.account("bob").await);
    let (_, token) = gifts::give(&shop, &shop.ada, &[game]).await;
    shop.app.advance(Duration::hours(3));
    let body = json!({"email": "bob@example.com", "password": crate::support::PASSWORD});
    let session = shop.app.nobody().post("/api/v1/auth/login", body).await.json();
    let bob_again = crate::support::Client::signed_in(&shop.app.url, &session);
    assert_eq!(gifts::claim(&bob_again, &token).await.status, 200);
    let since = Extent::Since(shop.app.clock.now() - Duration::minutes(45));
    let found = async || {
        let found = checks::run(&shop.app.app, &shop.app.app.db.read, since).await.unwrap();
        found.iter().map(|violation| violation.invariant).collect::<Vec<_>>()
    };
    assert_eq!(found().await, Vec::<&str>::new());
    spoil!(shop, entitlement, Status = "revoked");
    assert_eq!(found().await, [OWNED]);
    spoil!(shop, entitlement, Status = "active");

    assert_eq!(credit::grant(&shop.app.support().await, &bob, 500).await.status, 201);
    assert_eq!(found().await, Vec::<&str>::new());
    spoil!(shop, credit_balance, Balance = 501_i64);
    assert_eq!(found().await, ["a credit balance is the sum of its entries, and not negative"]);
}
