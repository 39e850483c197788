//! What the store can show of an order when its payment is disputed.
use chrono::{DateTime, Utc};
use entity::{order::Status, payment, refund};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    gifts,
    orders::{self, AdminOrder},
    queries,
};
use crate::{
    app::App,
    catalog::licenses,
    error::{NOT_FOUND, Result},
    values::{Currency, Money},
};

/// What the store can show of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderEvidence {
    /// As it was sold, with what tells where its buyer was.
    pub(super) order: AdminOrder,
    /// That delivery begins at once, and that the right to withdraw ends with it.
    pub(super) consent: Consent,
    /// Every attempt to pay it.
    pub(super) payments: Vec<PaymentEvidence>,
    /// Where it stood from when.
    pub(super) history: Vec<Step>,
    /// What was given back.
    pub(super) refunds: Vec<RefundEvidence>,
    /// What its buyer withdrew from.
    pub(super) withdrawals: Vec<WithdrawalEvidence>,
    /// Licence keys that its owner saw.
    pub(super) license_keys: Vec<KeyEvidence>,
    /// Who owns what it sold; nobody has a gift that was not claimed.
    #[serde(skip)]
    owner: Option<Uuid>,
}

impl OrderEvidence {
    /// The buyer.
    pub fn account(&self) -> Uuid {
        self.order.account_id
    }

    /// To whom what it sold was delivered: its buyer, or of a gift whoever claimed it, if anybody did.
    pub fn owner(&self) -> Option<Uuid> {
        self.owner
    }

    /// When it was placed.
    pub fn placed_at(&self) -> DateTime<Utc> {
        self.order.order.created_at
    }

    /// What was bought.
    pub fn products(&self) -> Vec<Uuid> {
        self.order.order.items.iter().map(|item| item.product_id).collect()
    }
}

/// What the buyer agreed to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Consent {
    /// UTC.
    immediate_delivery_accepted_at: DateTime<Utc>,
    /// From where, while that is kept.
    #[schema(required)]
    ip: Option<String>,
}

/// An attempt to pay.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PaymentEvidence {
    /// UUIDv7.
    id: Uuid,
    /// By whom.
    provider: String,
    /// The provider's own id of it.
    #[schema(required)]
    provider_ref: Option<String>,
    /// Where it stands.
    status: payment::Status,
    /// What was asked.
    amount: Money,
    /// What was taken.
    captured: Money,
    /// What was given back of it.
    refunded: Money,
    /// UTC.
    created_at: DateTime<Utc>,
    /// UTC.
    #[schema(required)]
    settled_at: Option<DateTime<Utc>>,
}

/// Where an order stood from a moment on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderStep)]
pub(super) struct Step {
    /// Where.
    status: Status,
    /// UTC.
    at: DateTime<Utc>,
}

/// What was given back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RefundEvidence {
    /// UUIDv7.
    id: Uuid,
    /// How much.
    amount: Money,
    /// Why.
    reason: String,
    /// Whether the provider has it.
    status: refund::Status,
    /// UTC.
    created_at: DateTime<Utc>,
    /// UTC.
    #[schema(required)]
    settled_at: Option<DateTime<Utc>>,
}

/// A withdrawal.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WithdrawalEvidence {
    /// UTC.
    prepared_at: DateTime<Utc>,
    /// UTC.
    #[schema(required)]
    confirmed_at: Option<DateTime<Utc>>,
}

/// A licence key that was shown. The key itself is its owner's.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyEvidence {
    /// For what.
    product_id: Uuid,
    /// UTC, for the first time.
    shown_at: DateTime<Utc>,
}

/// What the store can show of an order; 404.
pub async fn evidence(app: &App, id: Uuid) -> Result<OrderEvidence> {
    let db = &app.db.read;
    let row = queries::order(db, id).await?.ok_or(NOT_FOUND)?;
    let lines = queries::lines(db, &[id]).await?;
    let currency = Currency::stored(&row.currency)?;
    let money = |amount| Money { amount, currency: currency.clone() };
    let payment = |row: payment::Model| PaymentEvidence {
        id: row.id,
        provider: row.provider,
        provider_ref: row.provider_ref,
        status: row.status,
        amount: money(row.amount),
        captured: money(row.captured),
        refunded: money(row.refunded),
        created_at: row.created_at,
        settled_at: row.settled_at,
    };
    let refund = |row: refund::Model| RefundEvidence {
        id: row.id,
        amount: money(row.amount),
        reason: row.reason,
        status: row.status,
        created_at: row.created_at,
        settled_at: row.settled_at,
    };
    let history = queries::transitions(db, &[id]).await?.into_iter();
    let withdrawals = queries::withdrawals(db, &[id]).await?.into_iter();
    let ids: Vec<Uuid> = lines.iter().map(|line| line.id).collect();
    let keys = licenses::shown(db, &ids).await?.into_iter();
    let key = |(source, shown_at): (Uuid, DateTime<Utc>)| {
        let line = lines.iter().find(|line| line.id == source)?;
        Some(KeyEvidence { product_id: line.product_id, shown_at })
    };
    let gift = gifts::of_order(db, id).await?;
    Ok(OrderEvidence {
        owner: gifts::owner(&row, gift.as_ref()),
        order: orders::any(app, id).await?,
        consent: Consent { immediate_delivery_accepted_at: row.immediate_delivery_accepted_at, ip: row.ip },
        payments: queries::payments(db, &[id]).await?.into_iter().map(payment).collect(),
        history: history.map(|step| Step { status: step.to_status, at: step.at }).collect(),
        refunds: queries::refunds(db, &[id]).await?.into_iter().map(refund).collect(),
        withdrawals: withdrawals
            .map(|row| WithdrawalEvidence { prepared_at: row.prepared_at, confirmed_at: row.confirmed_at })
            .collect(),
        license_keys: keys.filter_map(key).collect(),
    })
}
