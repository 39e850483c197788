//! The prices and the sales of a document as bytes: documents that have the same ones share them in the index.
use crate::{
    document::{BasePrice, SaleWindow},
    query::Market,
};

/// Bytes of where a price holds: its currency and country.
const PLACE: usize = 5;
/// Bytes of a sale: its percent, its beginning and its end.
const SALE: usize = 17;
/// Bits of a number in each byte.
const BITS: u32 = 7;
/// Said by a byte behind which the number goes on.
const MORE: u8 = 0x80;

/// Prices as they are kept.
pub(crate) fn of_prices(prices: &[BasePrice]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for price in prices {
        bytes.extend(price.currency);
        bytes.extend(price.country.unwrap_or_default());
        // The sign last, so that small numbers are short.
        let mut left = (price.amount << 1 ^ price.amount >> 63).cast_unsigned();
        while left >= MORE.into() {
            bytes.push(left.to_le_bytes()[0] | MORE);
            left >>= BITS;
        }
        bytes.push(left.to_le_bytes()[0]);
    }
    bytes
}

/// Where there are prices, and the amounts in minor units.
pub(crate) fn prices(bytes: &[u8]) -> impl Iterator<Item = (i64, i64)> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (place, mut behind) = rest.split_first_chunk::<PLACE>()?;
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let (byte, next) = behind.split_first()?;
            behind = next;
            number |= u64::from(byte & !MORE).checked_shl(shift).unwrap_or_default();
            shift += BITS;
            if byte & MORE == 0 {
                break;
            }
        }
        rest = behind;
        let amount = (number >> 1).cast_signed() ^ -(number & 1).cast_signed();
        Some((number_of(*place), amount))
    })
}

/// Sales as they are kept.
pub(crate) fn of_sales(sales: &[SaleWindow]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for sale in sales {
        bytes.push(sale.percent);
        bytes.extend(sale.starts_at.to_be_bytes());
        bytes.extend(sale.ends_at.to_be_bytes());
    }
    bytes
}

/// Sales that were kept.
pub(crate) fn sales(bytes: &[u8]) -> Vec<SaleWindow> {
    let window = |bytes: &[u8; SALE]| {
        let [percent, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *bytes;
        let starts_at = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
        SaleWindow { percent, starts_at, ends_at: i64::from_be_bytes([i, j, k, l, m, n, o, p]) }
    };
    bytes.as_chunks().0.iter().map(window).collect()
}

fn packed(currency: [u8; 3], country: [u8; 2]) -> i64 {
    let [a, b, c] = currency;
    let [d, e] = country;
    number_of([a, b, c, d, e])
}

fn number_of([a, b, c, d, e]: [u8; PLACE]) -> i64 {
    i64::from_be_bytes([0, 0, 0, a, b, c, d, e])
}

/// Where prices of a market stand: the country's own, and the one for everywhere.
pub(crate) fn places_of(market: &Market) -> (i64, i64) {
    (packed(market.currency, market.country), packed(market.currency, [0, 0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_it_was() {
        let amounts = [0, 1, 63, 64, 999, 1_000_000_007, -1, i64::MAX, i64::MIN];
        let price = |amount| BasePrice { currency: *b"USD", country: Some(*b"DE"), amount };
        let all: Vec<BasePrice> = amounts.map(price).to_vec();
        let place = packed(*b"USD", *b"DE");
        let kept: Vec<(i64, i64)> = prices(&of_prices(&all)).collect();
        assert_eq!(kept, amounts.map(|amount| (place, amount)));
        assert_eq!(prices(b"USD").count(), 0);

        let window = |percent| SaleWindow { percent, starts_at: -5, ends_at: i64::from(percent) << 40 };
        let all = [window(1), window(100)];
        assert_eq!(sales(&of_sales(&all)), all);
    }
}
