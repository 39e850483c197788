//! Credit as its holder and the staff see it, and what the staff grants.
use chrono::{DateTime, Utc};
use entity::credit_entry::{self, Kind};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::wallet;
use crate::{
    accounts,
    app::App,
    checkout::queries,
    error::{NOT_FOUND, Refusal, Result},
    events::Event,
    idempotency::{Once, Standing},
    values::{Currency, Money, MoneyChange, Word},
    web::{Cursor, Page},
};

const INSUFFICIENT: Refusal =
    Refusal::conflict("insufficient_credit", "The account holds less credit than would be taken away.");
const TOO_MUCH: Refusal =
    Refusal::conflict("too_much_credit", "The account would hold more credit than the largest amount.");

/// What store credit an account holds, and how it came to that.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::checkout) struct Credit {
    /// One for each currency in which there ever was any.
    pub balances: Vec<Money>,
    /// Newest first.
    pub entries: Page<CreditEntry>,
}

/// The same for the staff.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::checkout) struct AdminCredit {
    /// One for each currency in which there ever was any.
    pub balances: Vec<Money>,
    /// Newest first.
    pub entries: Page<AdminCreditEntry>,
}

/// A change of store credit.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::checkout) struct CreditEntry {
    /// UUIDv7.
    pub id: Uuid,
    /// Why.
    pub kind: Kind,
    /// Negative is taken away.
    pub amount: MoneyChange,
    /// In the words of who granted it; null for what an order brought about.
    #[schema(required)]
    pub reason: Option<String>,
    /// The order behind it.
    #[schema(required)]
    pub order_id: Option<Uuid>,
    /// UTC.
    pub at: DateTime<Utc>,
}

/// A change of store credit as the staff sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::checkout) struct AdminCreditEntry {
    #[serde(flatten)]
    entry: CreditEntry,
    /// Who of the staff granted it.
    #[schema(required)]
    actor_id: Option<Uuid>,
}

/// What staff granted, and what the account holds now.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::checkout) struct CreditGrant {
    /// What was changed.
    pub entry: AdminCreditEntry,
    /// What the account holds in that currency.
    pub balance: Money,
}

/// Credit to be granted, or taken away, by whom.
pub(in crate::checkout) struct Grant {
    pub(in crate::checkout) account: Uuid,
    pub(in crate::checkout) amount: MoneyChange,
    pub(in crate::checkout) reason: Word,
    pub(in crate::checkout) actor: Uuid,
}

/// What an account holds and a page of how it came to that, newest first.
pub(in crate::checkout) async fn page(
    app: &App,
    account: Uuid,
    limit: u64,
    cursor: Option<&str>,
) -> Result<Credit> {
    let (balances, page) = read(app, account, limit, cursor).await?;
    let items = page.items.into_iter().map(CreditEntry::of).collect::<Result<_>>()?;
    Ok(Credit { balances, entries: Page { items, next_cursor: page.next_cursor, total: None } })
}

/// The same of anybody for the staff; 404 where there is no such account.
pub(in crate::checkout) async fn admin_page(
    app: &App,
    account: Uuid,
    limit: u64,
    cursor: Option<&str>,
) -> Result<AdminCredit> {
    if !accounts::exists(&app.db.read, account).await? {
        return Err(NOT_FOUND.into());
    }
    let (balances, page) = read(app, account, limit, cursor).await?;
    let items = page.items.into_iter().map(AdminCreditEntry::of).collect::<Result<_>>()?;
    Ok(AdminCredit { balances, entries: Page { items, next_cursor: page.next_cursor, total: None } })
}

async fn read(
    app: &App,
    account: Uuid,
    limit: u64,
    cursor: Option<&str>,
) -> Result<(Vec<Money>, Page<credit_entry::Model>)> {
    let list = format!("credit {account}");
    let after = cursor.map(|text| Cursor::read(&app.keys.cursor, &list, text)).transpose()?;
    let rows = queries::credit_entries(&app.db.read, account, after, limit + 1).await?;
    let page = Page::of(rows, limit, &app.keys.cursor, &list, |row| row.id)?;
    let balances = queries::balances(&app.db.read, account).await?;
    let balances = balances
        .into_iter()
        .map(|row| Ok(Money { amount: row.balance, currency: Currency::stored(&row.currency)? }))
        .collect::<Result<_>>()?;
    Ok((balances, page))
}

/// Grants credit or takes it away; says whether this was done before under the same key.
///
/// 409 `insufficient_credit` where less than nothing would be left, `too_much_credit` above the largest amount.
pub(in crate::checkout) async fn grant(
    app: &App,
    grant: &Grant,
    once: Option<&Once>,
) -> Result<(CreditGrant, bool)> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            accounts::lock(tx, grant.account).await?;
            let (row, again) = match once {
                Some(once) => match once.standing(tx, now).await? {
                    Standing::Answered(made) | Standing::Abandoned(made) => {
                        (queries::credit_entry(tx, made).await?.ok_or(NOT_FOUND)?, true)
                    }
                    Standing::Fresh => {
                        let row = grant_in(app, tx, grant).await?;
                        once.begin(tx, row.id, now).await?;
                        once.finish(tx).await?;
                        (row, false)
                    }
                },
                None => (grant_in(app, tx, grant).await?, false),
            };
            let amount = queries::balance(tx, row.account_id, &row.currency).await?;
            let balance = Money { amount, currency: Currency::stored(&row.currency)? };
            Ok((CreditGrant { entry: AdminCreditEntry::of(row)?, balance }, again))
        })
        .await
}

async fn grant_in(
    app: &App,
    tx: &impl sea_orm::ConnectionTrait,
    grant: &Grant,
) -> Result<credit_entry::Model> {
    let MoneyChange { amount, currency } = &grant.amount;
    let row = credit_entry::Model {
        reason: Some(grant.reason.as_str().to_owned()),
        actor_id: Some(grant.actor),
        ..wallet::entry(app, grant.account, currency.as_str(), *amount, Kind::Grant)
    };
    if !wallet::change(tx, &row).await? {
        return Err(if *amount < 0 { INSUFFICIENT } else { TOO_MUCH }.into());
    }
    wallet::book(app, tx, &row).await?;
    Event::new("credit.granted", row.id)
        .account(grant.account)
        .actor(grant.actor)
        .with("amount", *amount)
        .with("currency", currency.as_str())
        .record(tx, &app.clock)
        .await?;
    Ok(row)
}

impl CreditEntry {
    fn of(row: credit_entry::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            kind: row.kind,
            amount: MoneyChange { amount: row.amount, currency: Currency::stored(&row.currency)? },
            reason: row.reason,
            order_id: row.order_id,
            at: row.at,
        })
    }
}

impl AdminCreditEntry {
    fn of(row: credit_entry::Model) -> Result<Self> {
        let actor_id = row.actor_id;
        Ok(Self { entry: CreditEntry::of(row)?, actor_id })
    }
}
