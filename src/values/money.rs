//! An amount of money on the wire.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Currency;

/// Integer minor units of a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: cents of USD, yen of JPY, thousandths of KWD.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub amount: i64,
    /// ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// Largest price or total, minor units: far from overflow when many are added.
    pub const LARGEST: i64 = 1_000_000_000_000;

    /// Its digits as people read them, with a mark between thousands and one before the minor unit.
    pub fn digits(&self, group: &str, decimal: &str) -> String {
        let unit = 10_u64.pow(self.currency.exponent());
        let (whole, rest) = (self.amount.unsigned_abs() / unit, self.amount.unsigned_abs() % unit);
        let sign = if self.amount < 0 { "-" } else { "" };
        let whole = grouped(whole, group);
        match self.currency.exponent() as usize {
            0 => format!("{sign}{whole}"),
            digits => format!("{sign}{whole}{decimal}{rest:0digits$}"),
        }
    }
}

fn grouped(number: u64, mark: &str) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{}{mark}{:03}", grouped(number / 1000, mark), number % 1000),
    }
}

/// By how much money changes: integer minor units of a currency, negative for less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyChange {
    /// Minor units.
    #[schema(minimum = -1_000_000_000_000_i64, maximum = 1_000_000_000_000_i64)]
    pub amount: i64,
    /// ISO 4217.
    pub currency: Currency,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_with_the_digits_of_their_currency() {
        let show = |amount, code| Money { amount, currency: Currency::parse(code).unwrap() }.digits(",", ".");
        assert_eq!(show(1999, "USD"), "19.99");
        assert_eq!(show(500, "JPY"), "500");
        assert_eq!(show(1_000_005, "KWD"), "1,000.005");
        assert_eq!(show(-123_456, "USD"), "-1,234.56");
    }
}
