//! What the back office counts of one product.
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::App,
    catalog,
    checkout::statistics::{self as selling, Sales},
    delivery::statistics::{self as delivering, Downloads},
    error::{NOT_FOUND, Result},
    periods::{Period, Row},
};

/// How a product sells and is downloaded.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProductStats {
    /// What was sold of it.
    sales: ProductSales,
    /// What was delivered of it.
    downloads: ProductDownloads,
}

/// What was sold of a product.
#[derive(Debug, Serialize, ToSchema)]
struct ProductSales {
    /// Ever, one for each currency.
    total: Vec<Sales>,
    /// Day by day, of the last 30.
    last_30_days: Vec<Row<Sales>>,
}

/// What was delivered of a product.
#[derive(Debug, Serialize, ToSchema)]
struct ProductDownloads {
    /// Ever.
    total: Downloads,
    /// Day by day, of the last 30.
    last_30_days: Vec<Row<Downloads>>,
}

/// Counts what was sold and delivered of a product; 404 when there is none.
pub(super) async fn of_product(app: &App, product: Uuid) -> Result<ProductStats> {
    catalog::product(&app.db.read, product).await?.ok_or(NOT_FOUND)?;
    let (ever, lately) = (Period::ever(app.clock.now()), Period::lately(app.clock.now()));
    let product = Some(product);
    let sold = async |period| selling::sales(app, &selling::Asked { period, by: None, product }).await;
    let delivered =
        async |period| delivering::downloads(app, &delivering::Asked { period, by: None, product }).await;
    let downloads = delivered(ever).await?.into_iter().next().map(|row| row.counted);
    Ok(ProductStats {
        sales: ProductSales {
            total: sold(ever).await?.into_iter().map(|row| row.counted).collect(),
            last_30_days: sold(lately).await?,
        },
        downloads: ProductDownloads {
            total: downloads.unwrap_or_default(),
            last_30_days: delivered(lately).await?,
        },
    })
}
