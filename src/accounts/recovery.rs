//! Recovery codes: each stands in once for a lost second factor.
use crate::{
    error::Result,
    keys::{random, sha256},
};

/// How many are given out.
pub(super) const COUNT: usize = 10;
/// Letters and digits that are not taken for one another (RFC 4648 §6, lower case).
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Characters of a code, five bits each: 120 bits, so that a plain digest keeps them.
const LENGTH: usize = 24;
/// Characters between two dashes.
const GROUP: usize = 4;

/// New codes as they are shown, such as `k7wq-x3mp-2t5h-ab6c-q4vd-m2ny`.
pub(super) fn new_codes() -> Result<Vec<String>> {
    (0..COUNT).map(|_| new_code()).collect()
}

fn new_code() -> Result<String> {
    let mut bytes = [0; LENGTH];
    random(&mut bytes)?;
    let letters: Vec<char> = bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect();
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// What is stored of a code, however it was typed: case, dashes and spaces don't matter.
pub(super) fn digest(code: &str) -> Vec<u8> {
    let plain: String =
        code.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    sha256(plain.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_known_however_they_are_typed() {
        let codes = new_codes().unwrap();
        let digests: std::collections::HashSet<_> = codes.iter().map(|code| digest(code)).collect();
        assert_eq!((codes.len(), digests.len()), (COUNT, COUNT));
        for code in codes {
            assert_eq!(code.len(), 29, "{code}");
            assert_eq!(digest(&code), digest(&code.replace('-', " ").to_uppercase()));
        }
    }
}
