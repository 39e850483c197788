//! What staff gives away, and takes back.
use chrono::{DateTime, Utc};
use entity::staff_grant;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Right, Source, ownership, queries};
use crate::{
    accounts,
    app::App,
    catalog::{self, licenses},
    error::{Error, NOT_FOUND, Refusal, Result},
    idempotency::{Once, Standing},
    values::Word,
};

const ALREADY_OWNED: Refusal = Refusal::conflict("already_owned", "The account owns this already.");

/// A product that staff gave to an account.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Grant {
    /// UUIDv7.
    pub id: Uuid,
    /// Who got it.
    pub account_id: Uuid,
    /// What was given.
    pub product_id: Uuid,
    /// Why.
    pub reason: String,
    /// Who gave it.
    pub granted_by: Uuid,
    /// UTC.
    pub granted_at: DateTime<Utc>,
}

/// What is to be given, by whom.
pub(super) struct Gift {
    pub(super) account: Uuid,
    pub(super) product: Uuid,
    pub(super) reason: Word,
    pub(super) actor: Uuid,
}

/// 404 unless there is such an account.
pub(super) async fn find_account(app: &App, account: Uuid) -> Result<()> {
    accounts::exists(&app.db.read, account).await?.then_some(()).ok_or(NOT_FOUND.into())
}

/// Gives a product to an account; says whether this was done before under the same key.
pub(super) async fn give(app: &App, gift: &Gift, once: Option<&Once>) -> Result<(Grant, bool)> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            accounts::lock(tx, gift.account).await?;
            if let Some(once) = once
                && let Standing::Answered(made) | Standing::Abandoned(made) = once.standing(tx, now).await?
            {
                let row = queries::grant(tx, made).await?.ok_or(NOT_FOUND)?;
                return Ok((row.into(), true));
            }
            if catalog::product(tx, gift.product).await?.is_none() {
                return Err(Error::field("product_id", "unknown_product", "is no product of this store"));
            }
            if !catalog::contents(tx, &[gift.product]).await?.is_empty() {
                return Err(Error::field("product_id", "is_bundle", "is a bundle: give what it contains"));
            }
            if ownership::owns(tx, gift.account, gift.product).await? {
                return Err(ALREADY_OWNED.into());
            }
            let row = staff_grant::Model {
                id: app.clock.new_id(),
                account_id: gift.account,
                product_id: gift.product,
                reason: gift.reason.as_str().to_owned(),
                granted_by: gift.actor,
                granted_at: now,
            };
            queries::insert_grant(tx, &row).await?;
            let right = Right {
                account: gift.account,
                product: gift.product,
                source: Source::Grant,
                source_id: row.id,
            };
            ownership::entitle(tx, &app.clock, right, Some(gift.actor)).await?;
            licenses::take(tx, app, gift.product, row.id).await?;
            if let Some(once) = once {
                once.begin(tx, row.id, now).await?;
                once.finish(tx).await?;
            }
            Ok((row.into(), false))
        })
        .await
}

/// Gives a product to an account, in the name of staff.
pub async fn gift(app: &App, account: Uuid, product: Uuid, reason: &Word, actor: Uuid) -> Result<()> {
    give(app, &Gift { account, product, reason: reason.clone(), actor }, None).await.map(drop)
}

/// 404 unless staff ever gave the product to the account.
pub(super) async fn find(app: &App, account: Uuid, product: Uuid) -> Result<()> {
    let given = queries::grants(&app.db.read, account, product).await?;
    if given.is_empty() { Err(NOT_FOUND.into()) } else { Ok(()) }
}

/// Takes back what staff gave of a product; 404 when nothing of it is left.
pub(super) async fn take_back(app: &App, account: Uuid, product: Uuid, actor: Uuid) -> Result<()> {
    app.db
        .write(async |tx| {
            accounts::lock(tx, account).await?;
            let grants = queries::grants(tx, account, product).await?;
            match ownership::revoke(tx, &app.clock, &[Source::Grant], &grants, Some(actor)).await? {
                0 => Err(NOT_FOUND.into()),
                _ => licenses::revoke(tx, &grants).await,
            }
        })
        .await
}

impl From<staff_grant::Model> for Grant {
    fn from(row: staff_grant::Model) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            product_id: row.product_id,
            reason: row.reason,
            granted_by: row.granted_by,
            granted_at: row.granted_at,
        }
    }
}
