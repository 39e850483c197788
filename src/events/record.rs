//! One thing that happened, on its way into the log.
use chrono::{DateTime, Utc};
use entity::{event, event_origin};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{origin, queries};
use crate::{clock::Clock, db};

/// The member of an event that says by which other way than signing in it was done.
const BY: &str = "by";
/// Whoever runs the program's command line.
const OPERATOR: &str = "operator";
/// The member that says when products were changed besides, microseconds since 1970.
pub(super) const CHANGED_AT: &str = "changed_at";
/// The member of an event whose subject was moved.
pub(super) const MOVED: &str = "moved";

/// Whether an event was done at the command line.
pub fn is_operators(data: &Value) -> bool {
    data.get(BY).and_then(Value::as_str) == Some(OPERATOR)
}

/// One thing that happened, before it is written.
#[derive(Clone, Debug)]
pub struct Event {
    kind: &'static str,
    subject: Uuid,
    account: Option<Uuid>,
    actor: Option<Uuid>,
    data: Map<String, Value>,
    unplaced: bool,
}

impl Event {
    /// Something of a kind, such as `order.paid`, happened to a subject.
    pub fn new(kind: &'static str, subject: Uuid) -> Self {
        Self { kind, subject, account: None, actor: None, data: Map::new(), unplaced: false }
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

    /// Done at the command line of the machine, where nobody signs in. It is kept in the audit log like what somebody
    /// signed in does.
    #[must_use]
    pub fn by_operator(self) -> Self {
        self.with(BY, OPERATOR)
    }

    /// It changed products besides, of which each keeps this moment as that of its last edit.
    #[must_use]
    pub fn changing(self, at: DateTime<Utc>) -> Self {
        self.with(CHANGED_AT, at.timestamp_micros())
    }

    /// Its subject stands elsewhere, or is addressed otherwise, than before.
    #[must_use]
    pub fn moving(self) -> Self {
        self.with(MOVED, 1)
    }

    /// From nowhere: what is known of the request's address is not noted beside it.
    #[must_use]
    pub fn unplaced(mut self) -> Self {
        self.unplaced = true;
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
        record_all(tx, vec![self], clock).await
    }
}

/// Writes events in their order, as [`Event::record`] does one.
pub async fn record_all(tx: &impl ConnectionTrait, events: Vec<Event>, clock: &Clock) -> Result<(), DbErr> {
    let from = origin::current();
    let (mut rows, mut origins) = (Vec::with_capacity(events.len()), Vec::new());
    for event in events {
        let row = event::Model {
            id: clock.new_id(),
            seq: None,
            kind: event.kind.to_owned(),
            subject_id: event.subject,
            account_id: event.account,
            actor_id: event.actor,
            data: Value::Object(event.data),
            at: clock.now(),
        };
        if let Some(ip) = from.filter(|_| !event.unplaced) {
            let (event_id, account_id, actor_id) = (row.id, row.account_id, row.actor_id);
            origins.push(event_origin::Model { event_id, account_id, actor_id, ip: ip.to_string() });
        }
        db::tell(queries::told(&row));
        rows.push(row);
    }
    queries::insert(tx, rows).await?;
    queries::insert_origins(tx, origins).await
}
