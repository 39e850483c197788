//! Addresses that nothing is mailed to any more. Of each a keyed digest is kept, never the address.
use entity::suppressed_address::{Column, Entity, Model};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, TryInsertResult, sea_query::OnConflict};

pub use entity::suppressed_address::Reason;

use crate::{clock::Clock, keys::Keys, values::Email};

/// Stops mail to an address; says whether it was stopped by this. The first reason stays.
pub async fn suppress(
    tx: &impl ConnectionTrait,
    keys: &Keys,
    clock: &Clock,
    address: &Email,
    reason: Reason,
) -> Result<bool, DbErr> {
    let row = Model { address_hash: digest(keys, address), reason, at: clock.now() };
    let known = OnConflict::column(Column::AddressHash).do_nothing().to_owned();
    let inserted = Entity::insert(row.into_active_model()).on_conflict(known).try_insert();
    Ok(matches!(inserted.exec_without_returning(tx).await?, TryInsertResult::Inserted(1..)))
}

/// Why nothing is mailed to an address, if that is so.
pub async fn suppressed(
    db: &impl ConnectionTrait,
    keys: &Keys,
    address: &Email,
) -> Result<Option<Reason>, DbErr> {
    Ok(Entity::find_by_id(digest(keys, address)).one(db).await?.map(|row| row.reason))
}

/// Lets mail to an address leave again, and forgets that it did not; says whether it was stopped.
pub async fn allow(tx: &impl ConnectionTrait, keys: &Keys, address: &Email) -> Result<bool, DbErr> {
    Ok(Entity::delete_by_id(digest(keys, address)).exec(tx).await?.rows_affected > 0)
}

/// Accounts' addresses are in the same canonical form as those that come back.
fn digest(keys: &Keys, address: &Email) -> Vec<u8> {
    keys.throttle.sign(format!("suppressed\0{}", address.as_str()).as_bytes())
}
