//! Whether people find a review helpful, and how far up that brings it.
use entity::{review, review_vote::Model};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{review_queries as queries, reviewed::readable, vote_queries};
use crate::{
    accounts,
    app::App,
    error::{NOT_FOUND, Refusal, Result},
};

/// 403: it is one's own.
pub(super) const OWN_REVIEW: Refusal = Refusal::forbidden("own_review", "This is your own review.");

/// Standard deviations of the bound: it holds in 95 of 100 cases.
const DEVIATIONS: f64 = 1.96;
/// A score is a whole number, so that it is the same in every database and cursor.
const WHOLE: f64 = 1_000_000_000.0;

/// Somebody else's review that an account sees; 404, 403 `own_review`.
pub(super) async fn of_another(
    db: &impl ConnectionTrait,
    account: Uuid,
    row: Option<review::Model>,
) -> Result<review::Model> {
    let row = row.filter(|row| row.status == review::Status::Published).ok_or(NOT_FOUND)?;
    readable(db, row.product_id, Some(account)).await?;
    if row.account_id == account { Err(OWN_REVIEW.into()) } else { Ok(row) }
}

/// 404, 403 `own_review`: what a vote or a report judges again.
pub(super) async fn find(app: &App, account: Uuid, review: Uuid) -> Result<()> {
    let row = queries::by_id(&app.db.read, review).await?;
    of_another(&app.db.read, account, row).await.map(drop)
}

/// Sets an account's vote on a review, or takes it away. The lock on the review holds how many there are.
pub(super) async fn vote(app: &App, account: Uuid, review: Uuid, helpful: Option<bool>) -> Result<()> {
    app.db
        .write(async |tx| {
            accounts::lock(tx, account).await?;
            let row = of_another(tx, account, queries::lock(tx, review).await?).await?;
            let before = vote_queries::vote(tx, review, account).await?.map(|vote| vote.helpful);
            if before == helpful {
                return Ok(());
            }
            match helpful {
                Some(helpful) => {
                    let voted_at = app.clock.now();
                    let vote = Model { review_id: review, account_id: account, helpful, voted_at };
                    vote_queries::put(tx, vote).await?;
                }
                None => vote_queries::delete(tx, review, account).await?,
            }
            let change = |of: bool| i64::from(helpful == Some(of)) - i64::from(before == Some(of));
            let tally = Tally {
                helpful: row.helpful_count + change(true),
                unhelpful: row.unhelpful_count + change(false),
            };
            Ok(vote_queries::tally(tx, review, tally).await?)
        })
        .await
}

/// The votes on a review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) helpful: i64,
    pub(super) unhelpful: i64,
}

impl Tally {
    /// The lower bound of Wilson's interval for the share that finds it helpful, in billionths: few votes say little.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2⁵³ votes")]
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and a billion")]
    pub(super) fn score(self) -> i64 {
        let votes = (self.helpful + self.unhelpful) as f64;
        if votes <= 0.0 {
            return 0;
        }
        let (share, square) = (self.helpful as f64 / votes, DEVIATIONS * DEVIATIONS);
        let middle = share + square / (2.0 * votes);
        let margin = DEVIATIONS * ((share * (1.0 - share) + square / (4.0 * votes)) / votes).sqrt();
        ((middle - margin).max(0.0) / (1.0 + square / votes) * WHOLE).round() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn many_votes_say_more_than_few_and_good_more_than_bad() {
        let score = |helpful, unhelpful| Tally { helpful, unhelpful }.score();
        assert_eq!((score(0, 0), score(0, 9)), (0, 0));
        // Wilson's bound of 1 of 1 is 1 / (1 + 1.96²).
        assert_eq!(score(1, 0), 206_543_291);
        for (better, worse) in [((9, 0), (1, 0)), ((90, 10), (9, 1)), ((9, 1), (1, 0)), ((1, 0), (1, 1))] {
            assert!(score(better.0, better.1) > score(worse.0, worse.1), "{better:?} {worse:?}");
        }
    }
}
