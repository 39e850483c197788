//! An amount spread over prices, to the unit.

/// Spreads what is taken off over prices, in their proportion and to the unit: what division leaves over goes to the
/// largest remainders. It is at most the sum of the prices, so no share exceeds its price.
pub(super) fn spread(off: i64, prices: &[i64]) -> Vec<i64> {
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
    shares
}
