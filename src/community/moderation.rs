//! Support judges reviews: what is reported, what is hidden, and what is shown again.
use chrono::{DateTime, Utc};
use entity::{
    review::{ActiveModel, Model, Status},
    review_report,
};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ConnectionTrait,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    report_queries,
    review_pages::{self, Place},
    review_queries as queries,
    reviews::{event, stars},
    shown::{Review, shown},
};
use crate::{
    app::App,
    catalog,
    error::{Error, NOT_FOUND, Result},
    values::Prose,
    web::{Cursor, Page, PageQuery},
};

/// Open reports of a review that are shown, the oldest of them.
const MOST_REPORTS: u64 = 20;

/// How a review stands with support.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewStanding)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    /// Somebody reported it since it was last judged.
    Reported,
    /// Everybody sees it.
    Published,
    /// Nobody but its author and staff do.
    Hidden,
}

impl Standing {
    /// In one of these every review stands.
    pub(super) const ALL: [Self; 2] = [Self::Published, Self::Hidden];
}

/// A review as support sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdminReview {
    #[serde(flatten)]
    review: Review,
    /// Whose.
    account_id: Uuid,
    /// Whether it is shown.
    status: Status,
    /// What support noted of it.
    #[schema(required)]
    note: Option<String>,
    /// Reports that nobody has judged yet.
    open_reports: i64,
    /// The oldest 20 of these.
    reports: Vec<Report>,
}

/// What somebody has against a review.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewReport)]
pub(super) struct Report {
    /// Who reported it.
    account_id: Uuid,
    /// Why; null once they are erased.
    #[schema(required)]
    reason: Option<String>,
    /// UTC.
    reported_at: DateTime<Utc>,
}

impl From<review_report::Model> for Report {
    fn from(row: review_report::Model) -> Self {
        Self { account_id: row.account_id, reason: row.reason, reported_at: row.reported_at }
    }
}

/// What support decides of a review.
#[derive(Clone, Debug)]
pub(super) struct Judgement {
    pub(super) status: Status,
    /// None keeps what was noted.
    pub(super) note: Option<Prose>,
}

/// A review that its author didn't take back; 404.
pub(super) async fn find(app: &App, id: Uuid) -> Result<Model> {
    let row = queries::by_id(&app.db.read, id).await?;
    Ok(row.filter(|row| row.removed_at.is_none()).ok_or(NOT_FOUND)?)
}

/// A page of reviews that stand in any of these ways, newest first.
pub(super) async fn page(app: &App, any_of: &[Standing], asked: &PageQuery) -> Result<Page<AdminReview>> {
    let (key, db) = (&app.keys.cursor, &app.db.read);
    let list = serde_json::to_string(&("all reviews", any_of)).map_err(Error::unexpected)?;
    let after = asked.cursor.as_deref().map(|text| Cursor::read::<Place>(key, &list, text)).transpose()?;
    let rows = review_pages::standing(db, any_of, after, asked.limit().saturating_add(1)).await?;
    let page = Page::of(rows, asked.limit(), key, &list, Place::of)?;
    let items = all_seen(db, page.items).await?;
    Ok(Page { items, next_cursor: page.next_cursor, total: None })
}

/// A review as support sees it, with its reports.
pub(super) async fn seen(db: &impl ConnectionTrait, row: Model) -> Result<AdminReview> {
    Ok(all_seen(db, vec![row]).await?.pop().ok_or(NOT_FOUND)?)
}

async fn all_seen(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<AdminReview>> {
    let mut seen = Vec::with_capacity(rows.len());
    for (row, review) in rows.iter().zip(shown(db, rows.clone()).await?) {
        let reports = match row.open_reports {
            0 => Vec::new(),
            _ => report_queries::open(db, row.id, MOST_REPORTS).await?,
        };
        seen.push(AdminReview {
            review,
            account_id: row.account_id,
            status: row.status,
            note: row.note.clone(),
            open_reports: row.open_reports,
            reports: reports.into_iter().map(Report::from).collect(),
        });
    }
    Ok(seen)
}

/// Shows or hides a review and closes its reports. The lock on its product, taken before that on the review, holds what
/// the product's rating comes to.
pub(super) async fn judge(app: &App, actor: Uuid, id: Uuid, judgement: &Judgement) -> Result<AdminReview> {
    let product = find(app, id).await?.product_id;
    app.db
        .write(async |tx| {
            let product = catalog::lock_rating(tx, product).await?.ok_or(NOT_FOUND)?;
            let row = queries::lock(tx, id).await?.filter(|row| row.removed_at.is_none()).ok_or(NOT_FOUND)?;
            let judged = ActiveModel {
                id: Unchanged(id),
                status: Set(judgement.status),
                note: judgement.note.as_ref().map_or(NotSet, |note| Set(Some(note.to_string()))),
                open_reports: Set(0),
                ..Default::default()
            };
            report_queries::resolve(tx, id, app.clock.now()).await?;
            let counted = |status| stars(&row).filter(|_| status == Status::Published);
            if row.status != judgement.status {
                catalog::rate(tx, &product, counted(row.status), counted(judgement.status)).await?;
            }
            let kind = match judgement.status {
                Status::Published => "review.published",
                Status::Hidden => "review.hidden",
            };
            event(kind, &row).account(row.account_id).actor(actor).record(tx, &app.clock).await?;
            seen(tx, queries::update(tx, judged).await?).await
        })
        .await
}
