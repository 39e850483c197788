//! Hundredths of a percent.
use std::{fmt, str::FromStr};

/// Hundredths of a percent, from 0 to 100 %: in which taxes are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(u16);

/// A hundred percent.
const WHOLE: u16 = 10_000;

impl BasisPoints {
    /// So many hundredths of a percent, at most all of it.
    pub const fn new(hundredths: u16) -> Self {
        Self(if hundredths > WHOLE { WHOLE } else { hundredths })
    }

    /// Hundredths of a percent.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// The part of an amount that is this rate of the rest, half rounded up: the tax in a price that includes it.
    pub fn within(self, amount: i64) -> i64 {
        divided(i128::from(amount) * i128::from(self.0), i128::from(WHOLE) + i128::from(self.0))
    }

    /// This rate of an amount, half rounded up: the tax on a price that doesn't include it.
    pub fn of(self, amount: i64) -> i64 {
        divided(i128::from(amount) * i128::from(self.0), i128::from(WHOLE))
    }
}

/// A quotient, half rounded up; of amounts that are not negative.
fn divided(dividend: i128, divisor: i128) -> i64 {
    i64::try_from((2 * dividend + divisor) / (2 * divisor)).unwrap_or(i64::MAX)
}

impl FromStr for BasisPoints {
    type Err = String;

    /// Reads percent with at most two digits behind the point.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || "is not a percentage from 0 to 100 with at most two digits behind the point".to_owned();
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || rest.len() > 2 || !digits(whole) || !digits(rest) {
            return Err(wrong());
        }
        let hundredths: u32 = format!("{whole}{rest:0<2}").parse().map_err(|_| wrong())?;
        u16::try_from(hundredths).ok().filter(|number| *number <= WHOLE).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for BasisPoints {
    /// As percent: `19`, `25.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => write!(f, "{whole}"),
            rest if rest % 10 == 0 => write!(f, "{whole}.{}", rest / 10),
            rest => write!(f, "{whole}.{rest:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percent_is_read_as_it_is_written() {
        for text in ["0", "7", "19", "25.5", "8.1", "4.25", "100"] {
            assert_eq!(text.parse::<BasisPoints>().unwrap().to_string(), text);
        }
        assert_eq!("5.05".parse::<BasisPoints>().unwrap().hundredths(), 505);
    }

    #[test]
    fn tax_is_rounded_half_up() {
        let rate = BasisPoints::new(1900);
        assert_eq!((rate.within(1190), rate.of(1000)), (190, 190));
        assert_eq!((BasisPoints::new(500).of(10), BasisPoints::new(500).of(9)), (1, 0));
    }

    proptest! {
        #[test]
        fn what_is_within_lies_between_nothing_and_all(amount in 0_i64..2_000_000_000_000, rate in 0_u16..=10_000) {
            let rate = BasisPoints::new(rate);
            let within = rate.within(amount);
            prop_assert!((0..=amount).contains(&within));
            // The rest with its tax is the amount again, to the unit of rounding.
            prop_assert!((amount - within + rate.of(amount - within) - amount).abs() <= 1);
        }
    }
}
