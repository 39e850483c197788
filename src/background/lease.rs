//! Turns between copies: whoever holds the lease of a piece of work does it, and nobody else until the next turn.
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::lease;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    clock::Clock,
    db::Db,
    error::{Error, Result},
};

/// For how long a lease is held; after this a copy that died stands in nobody's way.
const HELD: Duration = Duration::from_secs(60);
/// A lease is renewed when this fraction of it has gone.
const RENEWED: u32 = 3;
/// A turn ends this fraction of the interval early, so that the copy that took it finds its own next turn free.
const EARLY: u32 = 10;

/// Runs `work` unless another copy has the turn, and keeps the turn until `every` has passed; after a failure it is
/// free at once. None: it was another copy's turn.
pub(super) async fn turn<T>(
    (db, clock): (&Db, &Clock),
    name: &str,
    every: Duration,
    work: impl Future<Output = Result<T>>,
) -> Result<Option<T>> {
    let (holder, began) = (clock.new_id(), clock.now());
    let held = db.write(async |tx| Ok(take(tx, name, holder, began, began + HELD).await?)).await?;
    if !held {
        return Ok(None);
    }
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = keep((db, clock), name, holder) => {
            return Err(Error::unavailable("its lease was lost while it ran"));
        }
    };
    let until = if outcome.is_ok() { began + (every - every / EARLY) } else { clock.now() };
    db.write(async |tx| Ok(hold(tx, name, holder, until).await?)).await?;
    outcome.map(Some)
}

/// Renews the lease again and again; returns only when it is lost.
async fn keep((db, clock): (&Db, &Clock), name: &str, holder: Uuid) {
    loop {
        sleep(HELD / RENEWED).await;
        let until = clock.now() + HELD;
        match db.write(async |tx| Ok(hold(tx, name, holder, until).await?)).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(task = name, %error, "a lease could not be renewed"),
        }
    }
}

/// Takes a lease that is free; false when it isn't.
async fn take(
    db: &impl ConnectionTrait,
    name: &str,
    holder: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let row = lease::Model { name: name.to_owned(), holder, until };
    let free = Expr::col((lease::Entity, lease::Column::Until)).lte(now);
    let conflict = OnConflict::column(lease::Column::Name)
        .update_columns([lease::Column::Holder, lease::Column::Until])
        .action_and_where(free)
        .to_owned();
    let rows = lease::Entity::insert(row.into_active_model())
        .on_conflict(conflict)
        .exec_without_returning(db)
        .await?;
    Ok(rows == 1)
}

/// Moves the end of a lease; false when somebody else has it by now.
async fn hold(
    db: &impl ConnectionTrait,
    name: &str,
    holder: Uuid,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let held = lease::Entity::update_many()
        .col_expr(lease::Column::Until, Expr::value(until))
        .filter(lease::Column::Name.eq(name))
        .filter(lease::Column::Holder.eq(holder))
        .exec(db)
        .await?;
    Ok(held.rows_affected == 1)
}
