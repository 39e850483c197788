//! What a bundle costs an account: its price, less the share of what is owned already, spread over its products.
use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    quote::Line,
    spread::{Step, spread},
};
use crate::catalog::Offer;

/// The lines of a bundle: one for each product of it that the buyer doesn't have. None when it isn't sold, or something
/// in it isn't.
pub(super) fn lines(
    bundle: Uuid,
    offers: &HashMap<Uuid, Offer>,
    taken: &HashSet<Uuid>,
    step: Step,
) -> Option<Vec<Line>> {
    let offer = offers.get(&bundle)?;
    let price = step.down(offer.sold()?.amount);
    let mut whole = 0;
    let mut lines = Vec::new();
    for id in &offer.contents {
        let content = offers.get(id)?;
        let amount = step.down(content.sold()?.amount);
        whole += amount;
        if !taken.contains(id) {
            lines.push(Line { bundle: Some(bundle), ..Line::plain(content, amount) });
        }
    }
    let prices: Vec<i64> = lines.iter().map(|line| line.unit_price).collect();
    let rest: i64 = prices.iter().sum();
    let kept = step.reckon([price, rest, whole], |[price, rest, whole]| share(price, rest, whole));
    let shares = spread(rest - kept, &prices, step);
    for (line, share) in lines.iter_mut().zip(shares) {
        line.discount = share;
        line.total = line.unit_price - share;
    }
    Some(lines)
}

/// What the rest of a bundle costs: its price in proportion, half rounded up, and never more than the rest by itself.
fn share(price: i64, rest: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let (price, rest_wide, whole) = (i128::from(price), i128::from(rest), i128::from(whole));
    let share = (2 * price * rest_wide + whole) / (2 * whole);
    i64::try_from(share).unwrap_or(rest).min(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_share_is_never_negative_nor_more_than_the_rest(
            price in 0_i64..=1_000_000_000_000,
            contents in proptest::collection::vec((0_i64..=1_000_000_000_000, any::<bool>()), 1..200),
        ) {
            let whole: i64 = contents.iter().map(|(amount, _)| amount).sum();
            let rest: i64 = contents.iter().filter(|(_, taken)| !taken).map(|(amount, _)| amount).sum();
            let kept = share(price, rest, whole);
            prop_assert!((0..=rest).contains(&kept));
            prop_assert!(rest < whole || kept == price.min(rest), "all of it costs its price");
        }
    }

    #[test]
    fn what_is_owned_is_taken_off_in_proportion() {
        assert_eq!(share(3000, 4000, 4000), 3000, "nothing is owned");
        assert_eq!(share(3000, 2000, 4000), 1500);
        assert_eq!(share(1000, 1, 3), 1, "never more than the rest by itself");
        assert_eq!(share(5, 3, 10), 2, "half is rounded up");
        assert_eq!(
            share(9000, 4000, 4000),
            4000,
            "a bundle that is dearer than its parts costs what they do"
        );
        assert_eq!(share(3000, 0, 0), 0, "what is free stays free");
    }
}
