//! What must be true of reviews: products and reviews say what counting them anew says.
//!
//! Rows are read in batches without a lock: what looks wrong is counted again under the lock that its writers take.
use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{review_queries as queries, vote_queries, votes::Tally};
use crate::{
    app::App,
    catalog::{self, Histogram, Product},
    check::Violation,
    error::Result,
    values::Stars,
};

/// Rows that are looked at together.
const BATCH: u64 = 200;
const RATINGS: &str = "a product's rating is that of its published reviews";
const VOTES: &str = "a review's votes are as many as it says";

/// The products and reviews whose counts are wrong.
pub async fn violations(app: &App) -> Result<Vec<Violation>> {
    let mut violations = ratings(app).await?;
    violations.extend(votes(app).await?);
    Ok(violations)
}

async fn ratings(app: &App) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let mut after = Uuid::nil();
    loop {
        let products = catalog::products_after(&app.db.read, after, BATCH).await?;
        let Some(last) = products.last() else { return Ok(violations) };
        after = last.id;
        for suspect in misrated(&app.db.read, &products).await? {
            let wrong = app
                .db
                .write(async |tx| {
                    let row = catalog::lock_rating(tx, suspect).await?;
                    misrated(tx, &row.into_iter().collect::<Vec<_>>()).await
                })
                .await?;
            violations.extend(wrong.into_iter().map(|id| Violation::new(RATINGS, format!("product {id}"))));
        }
    }
}

async fn misrated(db: &impl ConnectionTrait, products: &[Product]) -> Result<Vec<Uuid>> {
    let ids: Vec<Uuid> = products.iter().map(|product| product.id).collect();
    let mut counted: HashMap<Uuid, Histogram> = HashMap::new();
    for (product, rating, reviews) in queries::counts(db, &ids).await? {
        if let Ok(stars) = Stars::new(rating) {
            counted.entry(product).or_default().add(stars, reviews);
        }
    }
    let wrong = products
        .iter()
        .filter(|product| !counted.get(&product.id).copied().unwrap_or_default().agrees(product));
    Ok(wrong.map(|product| product.id).collect())
}

async fn votes(app: &App) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    let mut after = Uuid::nil();
    loop {
        let reviews = queries::after(&app.db.read, after, BATCH).await?;
        let Some(last) = reviews.last() else { return Ok(violations) };
        after = last.id;
        for suspect in miscounted(&app.db.read, &reviews).await? {
            let wrong = app
                .db
                .write(async |tx| {
                    let row = queries::lock(tx, suspect).await?;
                    miscounted(tx, &row.into_iter().collect::<Vec<_>>()).await
                })
                .await?;
            violations.extend(wrong.into_iter().map(|id| Violation::new(VOTES, format!("review {id}"))));
        }
    }
}

async fn miscounted(db: &impl ConnectionTrait, reviews: &[entity::review::Model]) -> Result<Vec<Uuid>> {
    let ids: Vec<Uuid> = reviews.iter().map(|review| review.id).collect();
    let mut counted: HashMap<Uuid, Tally> = HashMap::new();
    for (review, helpful, votes) in vote_queries::counts(db, &ids).await? {
        let tally = counted.entry(review).or_default();
        *(if helpful { &mut tally.helpful } else { &mut tally.unhelpful }) = votes;
    }
    let wrong = reviews.iter().filter(|review| {
        let tally = counted.get(&review.id).copied().unwrap_or_default();
        let told = Tally { helpful: review.helpful_count, unhelpful: review.unhelpful_count };
        told != tally || review.score != tally.score()
    });
    Ok(wrong.map(|review| review.id).collect())
}
