//! Requests that happen once however often they are sent: the caller's key is a row, written with what the request
//! made, and kept for a day.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotency_key::{ActiveModel, Column, Entity, Model};
use http::StatusCode;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Refusal, Result, is_unique_violation},
    keys::sha256,
};

/// How long a key is remembered.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// How long a key that is no longer remembered lies about, for clocks that differ.
const MARGIN: TimeDelta = TimeDelta::hours(1);
/// How long a request may be silent before another may take it up.
const LEASE: TimeDelta = TimeDelta::seconds(5);
/// How often a running request renews its lease.
const RENEWAL: Duration = Duration::from_secs(2);

const REUSED: Refusal = Refusal::invalid(
    "idempotency_key_reused",
    "This Idempotency-Key was sent with another request in the last 24 hours.",
);
const IN_PROGRESS: Refusal = Refusal::conflict(
    "idempotency_in_progress",
    "The first request with this Idempotency-Key is still running; try again in a few seconds.",
);

/// A request that bears a key.
#[derive(Clone, Debug)]
pub struct Once {
    account: Uuid,
    key: String,
    fingerprint: Vec<u8>,
}

/// What is known of a request under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: it is the first.
    Fresh,
    /// It was answered; what it made is to be read again.
    Answered(Uuid),
    /// It made something and then fell silent; its work is now the caller's to finish.
    Abandoned(Uuid),
}

impl Once {
    /// A request of an account: the same method, path and JSON are the same request.
    pub fn new(account: Uuid, key: String, method: &str, path: &str, body: &Value) -> Self {
        let mut text = format!("{method}\n{path}\n");
        canonical(body, &mut text);
        Self { account, key, fingerprint: sha256(text.as_bytes()) }
    }

    /// Whether such a request was sent before and made something, or its key was: then it costs nothing of any allowance.
    pub async fn is_known(&self, db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<bool> {
        let row = Entity::find_by_id((self.account, self.key.clone())).one(db).await?;
        Ok(row.is_some_and(|row| now < row.created_at + KEPT))
    }

    /// What is known of it; 422 `idempotency_key_reused`, 409 `idempotency_in_progress`.
    ///
    /// The caller has locked whatever the request changes, or relies on [`Once::begin`], which one of two wins.
    pub async fn standing(&self, tx: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Standing> {
        let Some(row) = Entity::find_by_id((self.account, self.key.clone())).one(tx).await? else {
            return Ok(Standing::Fresh);
        };
        if row.created_at + KEPT <= now {
            Entity::delete_by_id((self.account, self.key.clone())).exec(tx).await?;
            return Ok(Standing::Fresh);
        }
        if row.fingerprint != self.fingerprint {
            return Err(REUSED.into());
        }
        if row.status.is_some() {
            return Ok(Standing::Answered(row.subject_id));
        }
        if row.lease_until > now {
            return Err(IN_PROGRESS.into());
        }
        let taken = Entity::update_many()
            .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
            .filter(self.mine())
            .filter(Column::LeaseUntil.eq(row.lease_until))
            .exec(tx)
            .await?;
        if taken.rows_affected == 1 {
            Ok(Standing::Abandoned(row.subject_id))
        } else {
            Err(IN_PROGRESS.into())
        }
    }

    /// Writes the key beside what the request made, under a lease; 409 when another was first.
    pub async fn begin(&self, tx: &impl ConnectionTrait, made: Uuid, now: DateTime<Utc>) -> Result<()> {
        let row = Model {
            account_id: self.account,
            key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            subject_id: made,
            status: None,
            lease_until: now + LEASE,
            created_at: now,
        };
        let inserted = Entity::insert(row.into_active_model()).exec_without_returning(tx).await;
        match inserted {
            Err(error) if is_unique_violation(&error) => Err(IN_PROGRESS.into()),
            inserted => Ok(inserted.map(drop)?),
        }
    }

    /// Notes that the request was answered 201: from now on it is a replay.
    pub async fn finish(&self, tx: &impl ConnectionTrait) -> Result<()> {
        let created = i32::from(StatusCode::CREATED.as_u16());
        let answered = ActiveModel { status: sea_orm::Set(Some(created)), ..Default::default() };
        Entity::update_many().set(answered).filter(self.mine()).exec(tx).await?;
        Ok(())
    }

    /// Runs the part of a request that lies outside its transaction, renewing the lease meanwhile; when it fails the
    /// lease ends at once, so that a retry may take it up.
    pub async fn hold<T>(&self, app: &App, work: impl Future<Output = Result<T>>) -> Result<T> {
        let renewing = async {
            loop {
                tokio::time::sleep(RENEWAL).await;
                self.lease(app, app.clock.now() + LEASE).await;
            }
        };
        let outcome = tokio::select! {
            outcome = work => outcome,
            never = renewing => match never {},
        };
        if outcome.is_err() {
            self.lease(app, app.clock.now()).await;
        }
        outcome
    }

    /// Best effort: a lease that can't be moved runs out, and a retry takes the request up.
    async fn lease(&self, app: &App, until: DateTime<Utc>) {
        let moved = app
            .db
            .write(async |tx| {
                Entity::update_many()
                    .col_expr(Column::LeaseUntil, Expr::value(until))
                    .filter(self.mine())
                    .filter(Column::Status.is_null())
                    .exec(tx)
                    .await?;
                Ok(())
            })
            .await;
        if let Err(error) = moved {
            tracing::warn!(%error, "could not move the lease of a request");
        }
    }

    fn mine(&self) -> Condition {
        Condition::all().add(Column::AccountId.eq(self.account)).add(Column::Key.eq(&self.key))
    }
}

/// Removes the keys that are no longer remembered; says how many.
pub async fn forget_old(app: &App) -> Result<u64> {
    let oldest = app.clock.now() - KEPT - MARGIN;
    app.db
        .write(async |tx| {
            let gone = Entity::delete_many().filter(Column::CreatedAt.lte(oldest)).exec(tx).await?;
            Ok(gone.rows_affected)
        })
        .await
}

/// The keys that an account sent lately, from behind what one of them made.
pub async fn exported(
    app: &App,
    account: Uuid,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<(Uuid, Value)>> {
    let rows = Entity::find()
        .filter(Column::AccountId.eq(account))
        .filter(Condition::all().add_option(after.map(|after| Column::SubjectId.gt(after))))
        .order_by_asc(Column::SubjectId)
        .limit(most)
        .all(&app.db.read)
        .await?;
    let told = |row: Model| {
        (row.subject_id, json!({"key": row.key, "made": row.subject_id, "created_at": row.created_at}))
    };
    Ok(rows.into_iter().map(told).collect())
}

/// Forgets the keys that an account sent.
pub async fn erase(tx: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    Entity::delete_many().filter(Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}

/// JSON text with the members of every object in the order of their names.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, member) in members {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                canonical(member, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_members_is_no_part_of_a_request() {
        let text = |value: Value| {
            let mut text = String::new();
            canonical(&value, &mut text);
            text
        };
        let left: Value = serde_json::from_str(r#"{"b": [1, {"d": null, "c": "x"}], "a": true}"#).unwrap();
        let right: Value = serde_json::from_str(r#"{"a": true, "b": [1, {"c": "x", "d": null}]}"#).unwrap();
        assert_eq!(text(left.clone()), text(right));
        assert_ne!(text(left), text(json!({"a": true, "b": [{"c": "x", "d": null}, 1]})));
    }
}
