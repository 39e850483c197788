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

    /// As people read it, such as `19.99 USD`.
    pub fn display(&self) -> String {
        let unit = 10_i64.pow(self.currency.exponent());
        let (whole, rest) = (self.amount / unit, (self.amount % unit).abs());
        match self.currency.exponent() as usize {
            0 => format!("{whole} {}", self.currency),
            digits => format!("{whole}.{rest:0digits$} {}", self.currency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_with_the_digits_of_their_currency() {
        let show = |amount, code| Money { amount, currency: Currency::parse(code).unwrap() }.display();
        assert_eq!(show(1999, "USD"), "19.99 USD");
        assert_eq!(show(500, "JPY"), "500 JPY");
        assert_eq!(show(1005, "KWD"), "1.005 KWD");
    }
}
