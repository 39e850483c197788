//! Amounts in the steps that can be paid, and their spreading over prices.
use crate::{app::App, values::Currency};

/// Between amounts that can be paid, minor units: one, or ten where a provider of the store takes only tens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step(i64);

impl Step {
    /// The step of a currency in this store.
    pub(super) fn of(app: &App, currency: &Currency) -> Self {
        Self::new(app.payments.step(currency.as_str()))
    }

    /// A step of so many minor units, at least one.
    pub(super) const fn new(units: i64) -> Self {
        Self(if units < 1 { 1 } else { units })
    }

    /// What can be paid of an amount.
    pub(super) const fn down(self, amount: i64) -> i64 {
        amount - amount % self.0
    }

    /// What is reckoned in whole steps, of amounts that are multiples of them, as an amount.
    pub(super) fn reckon<const N: usize>(self, amounts: [i64; N], by: impl FnOnce([i64; N]) -> i64) -> i64 {
        by(amounts.map(|amount| amount / self.0)) * self.0
    }

    /// Whole steps that are no less than an amount.
    pub(super) const fn up(self, amount: i64) -> i64 {
        self.down(amount.saturating_add(self.0 - 1))
    }
}

/// Spreads what is taken off over prices, in their proportion and to the step: what division leaves over goes to the
/// largest remainders. All are multiples of the step; it is at most the sum of the prices, so no share exceeds its price.
pub(super) fn spread(off: i64, prices: &[i64], step: Step) -> Vec<i64> {
    let (off, prices): (i64, Vec<i64>) = (off / step.0, prices.iter().map(|price| price / step.0).collect());
    let sum: i128 = prices.iter().copied().map(i128::from).sum();
    if sum == 0 {
        return vec![0; prices.len()];
    }
    let exact = |price: i64| i128::from(off) * i128::from(price);
    let mut shares: Vec<i64> =
        prices.iter().map(|price| i64::try_from(exact(*price) / sum).unwrap_or_default()).collect();
    let mut left = off - shares.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..prices.len()).collect();
    order.sort_by_key(|index| {
        let remainder = prices.get(*index).map_or(0, |price| exact(*price) % sum);
        (std::cmp::Reverse(remainder), *index)
    });
    for index in order {
        if let Some(share) = shares.get_mut(index).filter(|_| left > 0) {
            *share += 1;
            left -= 1;
        }
    }
    shares.into_iter().map(|share| share * step.0).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_left_over_goes_to_the_largest_remainders() {
        let unit = Step::new(1);
        assert_eq!(spread(100, &[333, 333, 334], unit), [33, 33, 34]);
        assert_eq!(spread(1, &[5, 5], unit), [1, 0]);
        assert_eq!(spread(0, &[0, 0], unit), [0, 0]);
        assert_eq!(spread(100, &[330, 330, 340], Step::new(10)), [30, 30, 40]);
    }

    #[test]
    fn amounts_are_brought_to_steps() {
        let tens = Step::new(10);
        assert_eq!((tens.down(1239), tens.up(1231), tens.up(1230)), (1230, 1240, 1230));
        assert_eq!(tens.reckon([1230], |[amount]| amount / 2), 610);
        assert_eq!(Step::new(0), Step::new(1));
    }

    proptest! {
        #[test]
        fn what_is_spread_adds_up_and_exceeds_no_price(
            prices in proptest::collection::vec(0_i64..=100_000_000_000, 1..200),
            part in 0_i64..=1000,
            tens in any::<bool>(),
        ) {
            let step = Step::new(if tens { 10 } else { 1 });
            let prices: Vec<i64> = prices.into_iter().map(|price| step.down(price)).collect();
            let off = step.down(prices.iter().sum::<i64>() / 1000 * part);
            let shares = spread(off, &prices, step);
            prop_assert_eq!(shares.iter().sum::<i64>(), off);
            prop_assert!(shares.iter().zip(&prices).all(|(share, price)| (0..=*price).contains(share)));
            prop_assert!(shares.iter().all(|share| step.down(*share) == *share));
        }
    }
}
