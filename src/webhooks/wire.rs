//! Endpoints and deliveries as admins see them.
use chrono::{DateTime, Utc};
use entity::{
    webhook::{self, Disabled},
    webhook_attempt,
    webhook_delivery::{self, Status},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::kinds::Kind;

/// A program elsewhere that is told of events.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Webhook {
    /// UUIDv7.
    pub(super) id: Uuid,
    /// Where it is told.
    url: String,
    /// What it is told of.
    events: Vec<Kind>,
    /// Whether it is told.
    enabled: bool,
    /// Why not; null: it is.
    #[schema(required)]
    disabled_reason: Option<Disabled>,
    /// UTC, of the first failure since it last took something; null: it does.
    #[schema(required)]
    failing_since: Option<DateTime<Utc>>,
    /// UTC.
    created_at: DateTime<Utc>,
}

/// An endpoint with its secret, which is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookWithSecret {
    #[serde(flatten)]
    pub(super) webhook: Webhook,
    /// By which it knows that the store sent something.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub(super) secret: String,
}

/// An endpoint to be told of events.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWebhook {
    /// An address of https.
    #[schema(min_length = 1, max_length = 2000, format = "uri", example = "https://hooks.example.com/mist")]
    pub(super) url: String,
    /// What it is told of.
    #[schema(min_items = 1, max_items = 9)]
    pub(super) events: Vec<Kind>,
}

/// What changes of an endpoint: what is absent stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookChanges {
    /// An address of https.
    #[schema(min_length = 1, max_length = 2000, format = "uri", nullable = false)]
    pub(super) url: Option<String>,
    /// What it is told of.
    #[schema(min_items = 1, max_items = 9, nullable = false)]
    pub(super) events: Option<Vec<Kind>>,
    /// Whether it is told. What waits when it is disabled is given up.
    #[schema(nullable = false)]
    pub(super) enabled: Option<bool>,
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct WebhookDelivery {
    /// UUIDv7.
    id: Uuid,
    /// The `webhook-id` of all its attempts.
    event_id: Uuid,
    /// What happened; `webhook.test` for a test.
    event: String,
    /// Where it stands.
    status: Status,
    /// The body of the last attempt; null before the first, and when its account was erased.
    #[schema(required)]
    request: Option<String>,
    /// The last 20, oldest first.
    attempts: Vec<WebhookAttempt>,
    /// UTC; null when it is over.
    #[schema(required)]
    next_attempt_at: Option<DateTime<Utc>>,
    /// UTC.
    created_at: DateTime<Utc>,
    /// UTC.
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

/// One attempt to deliver.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct WebhookAttempt {
    /// UTC.
    at: DateTime<Utc>,
    /// The HTTP status; null without an answer.
    #[schema(required)]
    status: Option<i32>,
    /// Why there was no answer: `address_refused`, `timed_out`, `no_answer`.
    #[schema(required)]
    error: Option<String>,
    /// The beginning of the answer.
    #[schema(required)]
    reply: Option<String>,
    /// How long it took.
    duration_ms: i64,
}

impl From<webhook::Model> for Webhook {
    fn from(row: webhook::Model) -> Self {
        Self {
            events: kinds(&row),
            id: row.id,
            url: row.url,
            enabled: row.disabled.is_none(),
            disabled_reason: row.disabled,
            failing_since: row.failing_since,
            created_at: row.created_at,
        }
    }
}

impl WebhookDelivery {
    pub(super) fn of(row: webhook_delivery::Model, attempts: Vec<webhook_attempt::Model>) -> Self {
        Self {
            id: row.id,
            event_id: row.event_id,
            event: row.kind,
            status: row.status,
            request: row.request,
            attempts: attempts.into_iter().map(WebhookAttempt::from).collect(),
            next_attempt_at: row.next_attempt_at,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

impl From<webhook_attempt::Model> for WebhookAttempt {
    fn from(row: webhook_attempt::Model) -> Self {
        Self {
            at: row.at,
            status: row.status,
            error: row.error,
            reply: row.reply,
            duration_ms: row.duration_ms,
        }
    }
}

/// What an endpoint is told of.
pub(super) fn kinds(row: &webhook::Model) -> Vec<Kind> {
    let names = row.events.as_array().into_iter().flatten();
    names.filter_map(|name| Kind::of(name.as_str()?)).collect()
}
