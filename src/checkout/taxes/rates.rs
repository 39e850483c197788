//! Value added taxes of the European Union and the United Kingdom, by country, kind and day.
//!
//! Standard rates, and the reduced ones of e-books, as the European Commission's Taxes in Europe Database and HMRC publish them
//! (Directive 2006/112/EC, articles 96 and 98; Directive (EU) 2018/1713 for e-books). Where a country's rate of e-books depends on
//! more than that, its standard rate stands here. A store's own rates come before these: `taxes.rates`.
use chrono::NaiveDate;

use crate::{catalog::Kind, values::BasisPoints};

/// A rate from a day on, until the next of the same country and kind.
#[derive(Clone, Copy, Debug)]
struct Rate {
    country: &'static str,
    /// None: all that have no rate of their own.
    kind: Option<Kind>,
    /// Year, month, day.
    from: (i32, u32, u32),
    rate: BasisPoints,
}

impl Rate {
    const fn of(country: &'static str, kind: Option<Kind>, from: (i32, u32, u32), hundredths: u16) -> Self {
        Self { country, kind, from, rate: BasisPoints::new(hundredths) }
    }

    fn began(&self, day: NaiveDate) -> bool {
        let (year, month, first) = self.from;
        NaiveDate::from_ymd_opt(year, month, first).is_some_and(|from| from <= day)
    }
}

/// By country, and of each from the earliest on.
const STANDARD: &[Rate] = &[
    Rate::of("AT", None, (2015, 1, 1), 2000),
    Rate::of("BE", None, (2015, 1, 1), 2100),
    Rate::of("BG", None, (2015, 1, 1), 2000),
    Rate::of("CY", None, (2015, 1, 1), 1900),
    Rate::of("CZ", None, (2015, 1, 1), 2100),
    Rate::of("DE", None, (2015, 1, 1), 1900),
    Rate::of("DE", None, (2020, 7, 1), 1600),
    Rate::of("DE", None, (2021, 1, 1), 1900),
    Rate::of("DK", None, (2015, 1, 1), 2500),
    Rate::of("EE", None, (2015, 1, 1), 2000),
    Rate::of("EE", None, (2024, 1, 1), 2200),
    Rate::of("EE", None, (2025, 7, 1), 2400),
    Rate::of("ES", None, (2015, 1, 1), 2100),
    Rate::of("FI", None, (2015, 1, 1), 2400),
    Rate::of("FI", None, (2024, 9, 1), 2550),
    Rate::of("FR", None, (2015, 1, 1), 2000),
    Rate::of("GB", None, (2015, 1, 1), 2000),
    Rate::of("GR", None, (2015, 1, 1), 2300),
    Rate::of("GR", None, (2016, 6, 1), 2400),
    Rate::of("HR", None, (2015, 1, 1), 2500),
    Rate::of("HU", None, (2015, 1, 1), 2700),
    Rate::of("IE", None, (2015, 1, 1), 2300),
    Rate::of("IE", None, (2020, 9, 1), 2100),
    Rate::of("IE", None, (2021, 3, 1), 2300),
    Rate::of("IT", None, (2015, 1, 1), 2200),
    Rate::of("LT", None, (2015, 1, 1), 2100),
    Rate::of("LU", None, (2015, 1, 1), 1700),
    Rate::of("LU", None, (2023, 1, 1), 1600),
    Rate::of("LU", None, (2024, 1, 1), 1700),
    Rate::of("LV", None, (2015, 1, 1), 2100),
    Rate::of("MT", None, (2015, 1, 1), 1800),
    Rate::of("NL", None, (2015, 1, 1), 2100),
    Rate::of("PL", None, (2015, 1, 1), 2300),
    Rate::of("PT", None, (2015, 1, 1), 2300),
    Rate::of("RO", None, (2017, 1, 1), 1900),
    Rate::of("RO", None, (2025, 8, 1), 2100),
    Rate::of("SE", None, (2015, 1, 1), 2500),
    Rate::of("SI", None, (2015, 1, 1), 2200),
    Rate::of("SK", None, (2015, 1, 1), 2000),
    Rate::of("SK", None, (2025, 1, 1), 2300),
];

/// As [`STANDARD`].
const EBOOKS: &[Rate] = &[
    Rate::of("AT", Some(Kind::Ebook), (2020, 1, 1), 1000),
    Rate::of("BE", Some(Kind::Ebook), (2019, 4, 1), 600),
    Rate::of("BG", Some(Kind::Ebook), (2022, 1, 1), 900),
    Rate::of("CY", Some(Kind::Ebook), (2023, 7, 1), 300),
    Rate::of("CZ", Some(Kind::Ebook), (2020, 5, 1), 1000),
    Rate::of("CZ", Some(Kind::Ebook), (2024, 1, 1), 0),
    Rate::of("DE", Some(Kind::Ebook), (2019, 12, 18), 700),
    Rate::of("DE", Some(Kind::Ebook), (2020, 7, 1), 500),
    Rate::of("DE", Some(Kind::Ebook), (2021, 1, 1), 700),
    Rate::of("EE", Some(Kind::Ebook), (2020, 5, 1), 900),
    Rate::of("ES", Some(Kind::Ebook), (2020, 4, 23), 400),
    Rate::of("FI", Some(Kind::Ebook), (2019, 7, 1), 1000),
    Rate::of("FI", Some(Kind::Ebook), (2025, 1, 1), 1400),
    Rate::of("FI", Some(Kind::Ebook), (2026, 1, 1), 1350),
    Rate::of("FR", Some(Kind::Ebook), (2015, 1, 1), 550),
    Rate::of("GB", Some(Kind::Ebook), (2020, 5, 1), 0),
    Rate::of("GR", Some(Kind::Ebook), (2020, 1, 1), 600),
    Rate::of("HR", Some(Kind::Ebook), (2019, 1, 1), 500),
    Rate::of("IE", Some(Kind::Ebook), (2019, 1, 1), 900),
    Rate::of("IE", Some(Kind::Ebook), (2024, 1, 1), 0),
    Rate::of("IT", Some(Kind::Ebook), (2015, 1, 1), 400),
    Rate::of("LU", Some(Kind::Ebook), (2019, 5, 1), 300),
    Rate::of("MT", Some(Kind::Ebook), (2019, 1, 1), 500),
    Rate::of("NL", Some(Kind::Ebook), (2020, 1, 1), 900),
    Rate::of("PL", Some(Kind::Ebook), (2019, 11, 1), 500),
    Rate::of("PT", Some(Kind::Ebook), (2020, 1, 1), 600),
    Rate::of("SE", Some(Kind::Ebook), (2019, 7, 1), 600),
    Rate::of("SI", Some(Kind::Ebook), (2020, 1, 1), 500),
    Rate::of("SK", Some(Kind::Ebook), (2025, 1, 1), 500),
];

/// The rate of a kind of product in a country on a day; nothing where the store knows of none.
pub(super) fn rate(country: &str, kind: Kind, day: NaiveDate) -> BasisPoints {
    let latest = |rates: &[Rate], kind: Option<Kind>| {
        let meant = |rate: &&Rate| rate.country == country && rate.kind == kind && rate.began(day);
        rates.iter().rev().find(meant).map(|rate| rate.rate)
    };
    latest(EBOOKS, Some(kind)).or_else(|| latest(STANDARD, None)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(country: &str, kind: Kind, day: &str) -> String {
        rate(country, kind, day.parse().unwrap()).to_string()
    }

    #[test]
    fn a_rate_goes_by_country_kind_and_day() {
        assert_eq!(percent("DE", Kind::Game, "2026-11-26"), "19");
        assert_eq!(percent("DE", Kind::Ebook, "2026-11-26"), "7");
        assert_eq!(percent("DE", Kind::Software, "2020-12-31"), "16");
        assert_eq!(percent("FI", Kind::Game, "2024-08-31"), "24");
        assert_eq!(percent("FI", Kind::Game, "2024-09-01"), "25.5");
        assert_eq!(percent("GB", Kind::Ebook, "2026-01-01"), "0");
        assert_eq!(percent("HU", Kind::Ebook, "2026-01-01"), "27", "no rate of its own for e-books");
        assert_eq!(percent("US", Kind::Game, "2026-01-01"), "0");
    }

    #[test]
    fn every_member_of_the_union_has_a_rate_and_days_follow_each_other() {
        let members = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";
        for country in members.split(' ') {
            assert!(
                rate(country, Kind::Game, "2020-01-01".parse().unwrap()) > BasisPoints::new(1500),
                "{country}"
            );
        }
        for table in [STANDARD, EBOOKS] {
            assert!(table.is_sorted_by_key(|rate| (rate.country, rate.from)));
        }
    }
}
