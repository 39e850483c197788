//! One thing that happened, on its way into the log.
use chrono::{DateTime, Utc};
use entity::event;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::clock::Clock;

/// One thing that happened, before it is written.
#[derive(Clone, Debug)]
pub struct Event {
    kind: &'static str,
    subject: Uuid,
    account: Option<Uuid>,
    actor: Option<Uuid>,
    data: Map<String, Value>,
}

impl Event {
    /// Something of a kind, such as `order.paid`, happened to a subject.
    pub fn new(kind: &'static str, subject: Uuid) -> Self {
        Self { kind, subject, account: None, actor: None, data: Map::new() }
    }

    /// Whose it concerns.
    #[must_use]
    pub fn account(mut self, account: Uuid) -> Self {
        self.account = Some(account);
        self
    }

    /// Who did it.
    #[must_use]
    pub fn actor(mut self, actor: Uuid) -> Self {
        self.actor = Some(actor);
        self
    }

    /// An id or a number; never a name or an address, for events outlive erasure.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.data.insert(name.to_owned(), value.into());
        self
    }

    /// Writes it, in the caller's transaction. Its place in the readers' order is given after the commit.
    pub async fn record(self, tx: &impl ConnectionTrait, clock: &Clock) -> Result<(), DbErr> {
        let at: DateTime<Utc> = clock.now();
        let row = event::Model {
            id: clock.new_id(),
            seq: None,
            kind: self.kind.to_owned(),
            subject_id: self.subject,
            account_id: self.account,
            actor_id: self.actor,
            data: Value::Object(self.data),
            at,
        };
        event::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
        Ok(())
    }
}
