//! Stripe's own limits of amounts and times, and how it writes amounts.
//!
//! <https://docs.stripe.com/currencies>, <https://docs.stripe.com/api/checkout/sessions/create>.

/// Seconds that a session lives at least.
const SHORTEST: i64 = 30 * 60;
/// Seconds that a session lives at most.
const LONGEST: i64 = 24 * 60 * 60;
/// Seconds between asking and Stripe's clock reading it: retries, and clocks that differ.
const SLACK: i64 = 5 * 60;
/// The largest amount that has eight digits.
const MOST: i64 = 99_999_999;

/// Currencies that Stripe counts in hundredths although they have no minor unit.
const IN_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];

/// Currencies that Stripe counts in whole units although they have a minor one.
const IN_WHOLE: [&str; 1] = ["MGA"];

/// Currencies of three decimals, of which Stripe takes only tens.
const IN_TENS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// The least that is charged in a currency, minor units; Stripe counts none of these otherwise. Others have no least of their
/// own: what is too little when it is converted is refused by Stripe itself.
const LEAST: &[(&str, i64)] = &[
    ("AED", 200),
    ("AUD", 50),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("INR", 50),
    ("JPY", 50),
    ("MXN", 1000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1000),
    ("USD", 50),
];

/// An amount as Stripe writes it.
pub(super) fn to_stripe(amount: i64, currency: &str) -> i64 {
    if IN_HUNDREDTHS.contains(&currency) {
        amount.saturating_mul(100)
    } else if IN_WHOLE.contains(&currency) {
        amount / 100
    } else {
        amount
    }
}

/// An amount as ISO 4217 counts it.
pub(super) fn from_stripe(amount: i64, currency: &str) -> i64 {
    if IN_HUNDREDTHS.contains(&currency) {
        amount / 100
    } else if IN_WHOLE.contains(&currency) {
        amount.saturating_mul(100)
    } else {
        amount
    }
}

/// Whether an amount lies within what Stripe charges.
pub(super) fn takes(amount: i64, currency: &str) -> bool {
    amount == at_least(amount, currency) && to_stripe(amount, currency) <= MOST
}

/// The least that is charged and that is no less than an amount.
pub(super) fn at_least(amount: i64, currency: &str) -> i64 {
    let least = LEAST.iter().find(|(known, _)| *known == currency).map_or(1, |(_, least)| *least);
    let (amount, step) = (amount.max(least), step(currency));
    amount.saturating_add(step - 1) / step * step
}

/// Between the amounts that are charged in a currency, minor units.
pub(super) fn step(currency: &str) -> i64 {
    if IN_TENS.contains(&currency) {
        10
    } else if IN_WHOLE.contains(&currency) {
        100
    } else {
        1
    }
}

/// When a session ends that was asked for at a moment, seconds since 1970: as wanted, within Stripe's limits, and the same
/// however often it is asked.
pub(super) fn expiry(asked_at: i64, wanted: i64) -> i64 {
    wanted.clamp(asked_at + SHORTEST + SLACK, asked_at + LONGEST - SLACK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_stripe_counts_them() {
        assert_eq!(
            (to_stripe(1999, "USD"), to_stripe(500, "JPY"), to_stripe(500, "ISK")),
            (1999, 500, 50_000)
        );
        assert_eq!(to_stripe(19_900, "MGA"), 199);
        for (amount, currency) in [(1999, "USD"), (500, "JPY"), (500, "ISK"), (1230, "KWD"), (19_900, "MGA")]
        {
            assert_eq!(from_stripe(to_stripe(amount, currency), currency), amount);
        }
    }

    #[test]
    fn too_little_and_too_much_are_not_charged() {
        assert!(takes(50, "USD") && !takes(49, "USD") && takes(30, "GBP") && takes(50, "JPY"));
        assert!(takes(99_999_999, "USD") && !takes(100_000_000, "USD"));
        assert!(takes(1230, "KWD") && !takes(1234, "KWD"));
        assert!(takes(19_900, "MGA") && !takes(19_950, "MGA"));
        assert_eq!((at_least(20, "USD"), at_least(70, "USD")), (50, 70));
        assert_eq!((at_least(1230, "KWD"), at_least(1234, "KWD")), (1230, 1240));
    }

    #[test]
    fn a_session_lives_from_half_an_hour_to_a_day() {
        assert_eq!(expiry(0, 60), 35 * 60);
        assert_eq!(expiry(0, 3600), 3600);
        assert_eq!(expiry(0, 1_000_000), 24 * 3600 - 300);
    }
}
