//! Statements on coupons, the orders that use them, and the carts they lie in.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    cart_coupon,
    coupon::{ActiveModel, Column, Entity, Model},
    coupon_redemption, order,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::OnConflict,
};
use uuid::Uuid;

use super::changed_since;

/// A new coupon; its code is taken when the index says so.
pub(crate) async fn insert_coupon(tx: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// What changes of a coupon.
pub(crate) async fn update_coupon(tx: &impl ConnectionTrait, change: ActiveModel) -> Result<Model, DbErr> {
    change.update(tx).await
}

/// Deletes a coupon; a foreign key keeps one that an order uses.
pub(crate) async fn delete_coupon(tx: &impl ConnectionTrait, id: Uuid) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(id).exec(tx).await?.rows_affected == 1)
}

/// One coupon.
pub(crate) async fn coupon(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// One coupon, held until the transaction ends.
pub(crate) async fn locked_coupon(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// The coupon of a code in upper case, held until the transaction ends.
pub(crate) async fn locked_coupon_of_code(
    tx: &impl ConnectionTrait,
    code: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Code.eq(code)).lock_exclusive().one(tx).await
}

/// Coupons, the newest first, from behind one.
pub(crate) async fn coupons(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let behind = after.map(|id| Column::Id.lt(id));
    Entity::find()
        .filter(Condition::all().add_option(behind))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// Coupons that orders use which changed since a moment; newest first, from behind one.
pub(crate) async fn coupons_used(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let orders = order::Entity::find().select_only().column(order::Column::Id).filter(changed_since(since));
    let used = coupon_redemption::Entity::find()
        .select_only()
        .column(coupon_redemption::Column::CouponId)
        .filter(coupon_redemption::Column::OrderId.in_subquery(orders.into_query()));
    Entity::find()
        .filter(Column::Id.in_subquery(used.into_query()))
        .filter(Condition::all().add_option(after.map(|id| Column::Id.lt(id))))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// How many orders use each of these coupons; absent: none.
pub(crate) async fn redemptions(
    db: &impl ConnectionTrait,
    coupons: &[Uuid],
) -> Result<HashMap<Uuid, i64>, DbErr> {
    let counted: Vec<(Uuid, i64)> = coupon_redemption::Entity::find()
        .select_only()
        .column(coupon_redemption::Column::CouponId)
        .column_as(coupon_redemption::Column::OrderId.count(), "orders")
        .filter(coupon_redemption::Column::CouponId.is_in(coupons.iter().copied()))
        .group_by(coupon_redemption::Column::CouponId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counted.into_iter().collect())
}

/// How many orders use a coupon, of one account or of all, without some.
pub(crate) async fn uses(
    db: &impl ConnectionTrait,
    coupon: Uuid,
    account: Option<Uuid>,
    without: &[Uuid],
) -> Result<u64, DbErr> {
    let theirs = account.map(|account| {
        let orders = order::Entity::find().select_only().column(order::Column::Id);
        let orders = orders.filter(order::Column::AccountId.eq(account)).into_query();
        coupon_redemption::Column::OrderId.in_subquery(orders)
    });
    coupon_redemption::Entity::find()
        .filter(coupon_redemption::Column::CouponId.eq(coupon))
        .filter(coupon_redemption::Column::OrderId.is_not_in(without.iter().copied()))
        .filter(Condition::all().add_option(theirs))
        .count(db)
        .await
}

/// The most orders of one account that use a coupon.
pub(crate) async fn most_of_one_account(db: &impl ConnectionTrait, coupon: Uuid) -> Result<i64, DbErr> {
    let orders = coupon_redemption::Entity::find()
        .select_only()
        .column(coupon_redemption::Column::OrderId)
        .filter(coupon_redemption::Column::CouponId.eq(coupon))
        .into_query();
    let most: Option<i64> = order::Entity::find()
        .select_only()
        .column_as(order::Column::Id.count(), "orders")
        .filter(order::Column::Id.in_subquery(orders))
        .group_by(order::Column::AccountId)
        .order_by_desc(order::Column::Id.count())
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(most.unwrap_or_default())
}

/// Notes that an order uses a coupon.
pub(crate) async fn redeem(tx: &impl ConnectionTrait, order_id: Uuid, coupon_id: Uuid) -> Result<(), DbErr> {
    let row = coupon_redemption::Model { order_id, coupon_id };
    coupon_redemption::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// An order uses no coupon any more.
pub(crate) async fn give_coupon_back(tx: &impl ConnectionTrait, order: Uuid) -> Result<(), DbErr> {
    coupon_redemption::Entity::delete_by_id(order).exec(tx).await?;
    Ok(())
}

/// The orders among these that use a coupon.
pub(crate) async fn orders_with_coupon(
    db: &impl ConnectionTrait,
    orders: &[Uuid],
) -> Result<Vec<coupon_redemption::Model>, DbErr> {
    coupon_redemption::Entity::find()
        .filter(coupon_redemption::Column::OrderId.is_in(orders.iter().copied()))
        .all(db)
        .await
}

/// The coupon in an account's cart.
pub(crate) async fn cart_coupon(
    db: &impl ConnectionTrait,
    account: Uuid,
) -> Result<Option<cart_coupon::Model>, DbErr> {
    cart_coupon::Entity::find_by_id(account).one(db).await
}

/// Lays a coupon into a cart, in place of the one in there.
pub(crate) async fn put_coupon_in_cart(
    tx: &impl ConnectionTrait,
    row: cart_coupon::Model,
) -> Result<(), DbErr> {
    let other = OnConflict::column(cart_coupon::Column::AccountId)
        .update_columns([cart_coupon::Column::CouponId, cart_coupon::Column::AddedAt])
        .to_owned();
    cart_coupon::Entity::insert(row.into_active_model())
        .on_conflict(other)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Takes the coupon out of a cart.
pub(crate) async fn take_coupon_out_of_cart(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    cart_coupon::Entity::delete_by_id(account).exec(tx).await?;
    Ok(())
}

/// Takes the coupon that an order uses out of a cart; another one stays.
pub(crate) async fn take_used_coupon_out_of_cart(
    tx: &impl ConnectionTrait,
    account: Uuid,
    order: Uuid,
) -> Result<(), DbErr> {
    let used = coupon_redemption::Entity::find()
        .select_only()
        .column(coupon_redemption::Column::CouponId)
        .filter(coupon_redemption::Column::OrderId.eq(order));
    cart_coupon::Entity::delete_by_id(account)
        .filter(cart_coupon::Column::CouponId.in_subquery(used.into_query()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes the coupons out of all carts into which they were laid before a time.
pub(crate) async fn forget_cart_coupons(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<(), DbErr> {
    cart_coupon::Entity::delete_many().filter(cart_coupon::Column::AddedAt.lt(before)).exec(tx).await?;
    Ok(())
}
