//! Front door of the statistics.
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use http::header;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    csv::{self, Columns},
    statistics::{self, ProductStats},
};
use crate::{
    accounts::{Editor, Support},
    app::App,
    checkout::statistics::{self as selling, Sales},
    delivery::statistics::{self as delivering, Downloads},
    error::{Error, Result},
    periods::{Interval, Period, Row},
    web::{Accept, Json, Page, Path, Query},
};

const JSON: &str = "application/json";
const CSV: &str = "text/csv";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(product_stats))
}

pub(super) fn tables() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sales_stats)).routes(routes!(download_stats))
}

/// What is counted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatsQuery {
    /// Not before this time; default: 30 days before `to`.
    #[param(inline)]
    from: Option<DateTime<Utc>>,
    /// Before this time; default: now.
    #[param(inline)]
    to: Option<DateTime<Utc>>,
    /// How long each span is; default: a day. By the hour 31 days can be asked for, by the day two years.
    #[param(inline)]
    interval: Option<Interval>,
    /// A row for each of these in a span; sales have no version, and count for each platform that a product runs on now.
    #[param(inline)]
    group_by: Option<GroupBy>,
}

/// What rows are made for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum GroupBy {
    Product,
    Country,
    Platform,
    Version,
}

impl StatsQuery {
    fn period(&self, app: &App) -> Result<Period> {
        Period::asked(self.from, self.to, self.interval, app.clock.now())
    }

    /// What sales are grouped by; 422 for what they do not have.
    fn of_sales(&self) -> Result<Option<selling::By>> {
        match self.group_by {
            None => Ok(None),
            Some(GroupBy::Product) => Ok(Some(selling::By::Product)),
            Some(GroupBy::Country) => Ok(Some(selling::By::Country)),
            Some(GroupBy::Platform) => Ok(Some(selling::By::Platform)),
            Some(GroupBy::Version) => Err(Error::field(
                "group_by",
                "not_grouped",
                "must be `product`, `country` or `platform` for sales",
            )),
        }
    }

    fn of_downloads(&self) -> Option<delivering::By> {
        self.group_by.map(|by| match by {
            GroupBy::Product => delivering::By::Product,
            GroupBy::Country => delivering::By::Country,
            GroupBy::Platform => delivering::By::Platform,
            GroupBy::Version => delivering::By::Version,
        })
    }
}

/// What was sold and given back, span by span.
///
/// Orders count when they are paid, refunds when they are decided; `net` is `gross` − `discount` − `refunds`, in minor
/// units of the currency. Spans are UTC, and one in which nothing happened has no row. As JSON, or as CSV if `Accept`
/// likes that better.
#[utoipa::path(get, path = "/admin/stats/sales", tag = "back office", params(StatsQuery),
    security(("bearer" = ["support"])),
    responses((status = 200, description = "The rows, all of them.",
        content((Page<Row<Sales>> = "application/json"), (String = "text/csv")))))]
async fn sales_stats(
    State(app): State<App>,
    _: Support,
    accept: Accept,
    Query(query): Query<StatsQuery>,
) -> Result<Response> {
    let (period, by) = (query.period(&app)?, query.of_sales()?);
    let rows = selling::sales(&app, &selling::Asked { period, by, product: None }).await?;
    answer(rows, by.is_some(), &accept)
}

/// What was downloaded, span by span.
///
/// A file counts when all of it was sent, however many requests or links that took. Spans are UTC, and one in which
/// nothing was sent has no row. As JSON, or as CSV if `Accept` likes that better.
#[utoipa::path(get, path = "/admin/stats/downloads", tag = "back office", params(StatsQuery),
    security(("bearer" = ["support"])),
    responses((status = 200, description = "The rows, all of them.",
        content((Page<Row<Downloads>> = "application/json"), (String = "text/csv")))))]
async fn download_stats(
    State(app): State<App>,
    _: Support,
    accept: Accept,
    Query(query): Query<StatsQuery>,
) -> Result<Response> {
    let (period, by) = (query.period(&app)?, query.of_downloads());
    let rows = delivering::downloads(&app, &delivering::Asked { period, by, product: None }).await?;
    answer(rows, by.is_some(), &accept)
}

/// How one product sells and is downloaded: ever, and day by day of the last 30.
#[utoipa::path(get, path = "/admin/products/{id}/stats", tag = "back office",
    security(("bearer" = ["editor"])), params(("id" = Uuid, Path)),
    responses((status = 200, body = ProductStats)))]
async fn product_stats(
    State(app): State<App>,
    _: Editor,
    Path(id): Path<Uuid>,
) -> Result<Json<ProductStats>> {
    Ok(Json::of(statistics::of_product(&app, id).await?))
}

/// As CSV where that is liked better; 406 where neither is taken.
fn answer<T: Columns + Serialize>(rows: Vec<Row<T>>, grouped: bool, accept: &Accept) -> Result<Response> {
    let kept = [(header::VARY, "Accept"), (header::CACHE_CONTROL, "private, no-store")];
    if accept.choose(&[JSON, CSV])? == JSON {
        return Ok((kept, Json::of(Page { items: rows, next_cursor: None, total: None })).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present")];
    Ok((kept, kind, csv::table(&rows, grouped)).into_response())
}
