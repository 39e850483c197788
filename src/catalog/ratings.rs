//! What the published reviews of a product come to: kept in its row, and raised by who keeps the reviews.
use entity::product;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectionTrait,
};
use uuid::Uuid;

use super::{Product, queries::products};
use crate::{
    error::{Error, Result},
    values::Stars,
};

/// How many reviews give how many stars, those with one star first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histogram([i64; Stars::MOST as usize]);

impl Histogram {
    /// That of a product, as its row says.
    pub fn of(row: &Product) -> Self {
        Self([row.stars_1, row.stars_2, row.stars_3, row.stars_4, row.stars_5])
    }

    /// So many more reviews of so many stars, or fewer.
    pub fn add(&mut self, stars: Stars, reviews: i64) {
        let place = usize::try_from(stars.number() - 1).unwrap_or_default();
        if let Some(count) = self.0.get_mut(place) {
            *count += reviews;
        }
    }

    /// The counts, those with one star first.
    pub fn counts(self) -> [i64; Stars::MOST as usize] {
        self.0
    }

    /// All reviews.
    pub fn count(self) -> i64 {
        self.0.iter().sum()
    }

    /// All their stars.
    fn sum(self) -> i64 {
        (1..).zip(self.0).map(|(stars, count): (i64, i64)| stars * count).sum()
    }

    /// The stars of one review; 0 without any.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2⁵³ stars")]
    fn average(self) -> f64 {
        match self.count() {
            0 => 0.0,
            count => self.sum() as f64 / count as f64,
        }
    }

    /// Whether a product's row says the same in all its columns.
    pub fn agrees(self, row: &Product) -> bool {
        let told = (row.rating_count, row.rating_sum, row.rating_average.to_bits());
        self == Self::of(row) && told == (self.count(), self.sum(), self.average().to_bits())
    }
}

/// A product whose rating nobody else changes until the caller's transaction ends. What points to it may still be written.
pub async fn lock_rating(tx: &impl ConnectionTrait, id: Uuid) -> Result<Option<Product>> {
    Ok(products::lock_weakly(tx, id).await?)
}

/// Counts a review of the locked product: what it gave before, and gives now. The product's version stays, for nobody
/// edited it.
pub async fn rate(
    tx: &impl ConnectionTrait,
    locked: &Product,
    before: Option<Stars>,
    now: Option<Stars>,
) -> Result<()> {
    let mut histogram = Histogram::of(locked);
    before.into_iter().for_each(|stars| histogram.add(stars, -1));
    now.into_iter().for_each(|stars| histogram.add(stars, 1));
    let counts = histogram.counts();
    if counts.iter().any(|count| *count < 0) {
        return Err(Error::unexpected(format!("a review of {} was not counted", locked.id)));
    }
    let [stars_1, stars_2, stars_3, stars_4, stars_5] = counts.map(Set);
    let rated = product::ActiveModel {
        id: Unchanged(locked.id),
        rating_sum: Set(histogram.sum()),
        rating_count: Set(histogram.count()),
        rating_average: Set(histogram.average()),
        stars_1,
        stars_2,
        stars_3,
        stars_4,
        stars_5,
        ..Default::default()
    };
    Ok(products::update(tx, rated).await?)
}

/// Products behind one, by id, whatever their status: for going through all of them.
pub async fn products_after(db: &impl ConnectionTrait, after: Uuid, limit: u64) -> Result<Vec<Product>> {
    Ok(products::after(db, after, limit).await?)
}

#[cfg(test)]
mod tests {
    use super::Histogram;
    use crate::values::Stars;

    #[test]
    fn a_histogram_counts_and_averages() {
        let mut histogram = Histogram::default();
        assert_eq!((histogram.count(), histogram.average()), (0, 0.0));
        for stars in [5, 5, 2] {
            histogram.add(Stars::new(stars).unwrap(), 1);
        }
        assert_eq!(histogram.counts(), [0, 1, 0, 0, 2]);
        assert_eq!((histogram.count(), histogram.sum(), histogram.average()), (3, 12, 4.0));
    }
}
