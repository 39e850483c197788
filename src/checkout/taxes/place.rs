//! Whether it is clear that a buyer is where the tax says.

/// Things that must say so: two, none of which contradicts the other (Regulation (EU) 282/2011, article 24b). What says otherwise
/// beside them takes nothing from them.
const ENOUGH: usize = 2;

/// Whether enough of what is told names this country.
pub(in crate::checkout) fn is_clear<'a>(country: &str, told: impl IntoIterator<Item = &'a str>) -> bool {
    told.into_iter().filter(|told| *told == country).count() >= ENOUGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_that_agree_with_the_tax_are_enough_and_two_that_agree_otherwise_are_not() {
        assert!(is_clear("DE", ["DE", "DE"]));
        assert!(is_clear("DE", ["DE", "AT", "DE"]));
        assert!(!is_clear("DE", ["DE", "AT"]));
        assert!(!is_clear("DE", ["AT", "AT"]));
        assert!(!is_clear("DE", ["DE"]));
        assert!(!is_clear("DE", []));
    }
}
