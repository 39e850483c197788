//! To whom a release that reaches its owners by and by is offered.
use entity::build;
use uuid::Uuid;

use crate::keys::sha256;

/// Of a hundred owners.
pub(in crate::catalog) const EVERYBODY: i32 = 100;

/// Whether a build is offered to an account. Its place among a hundred is a digest of both ids: it stays, so that a
/// number that rises only adds accounts, and it differs from build to build, so that the first ones are not always the
/// same.
pub(super) fn admits(build: &build::Model, account: Uuid) -> bool {
    admits_at(build.id, build.rollout_percent, account)
}

/// The same of a build of which no more is known.
pub(super) fn admits_at(build: Uuid, percent: i32, account: Uuid) -> bool {
    percent >= EVERYBODY || place(build, account) < percent
}

/// From 0 to 99.
fn place(build: Uuid, account: Uuid) -> i32 {
    let digest = sha256(&[build.into_bytes(), account.into_bytes()].concat());
    let hundred = EVERYBODY.unsigned_abs();
    // Four bytes are 2^32 places, of which a hundred are shared as evenly as 1 in 40 million.
    let number = digest.iter().take(4).fold(0, |number: u32, byte| (number << 8) | u32::from(*byte));
    (number % hundred).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: u128) -> impl Iterator<Item = Uuid> {
        (0..count).map(Uuid::from_u128)
    }

    #[test]
    fn a_number_that_rises_only_adds_accounts() {
        let build = Uuid::from_u128(7);
        for account in ids(200) {
            let admitted: Vec<bool> = (0..=100).map(|percent| admits_at(build, percent, account)).collect();
            assert!(admitted.is_sorted(), "{account}");
            assert_eq!((admitted[0], admitted[100]), (false, true));
        }
    }

    #[test]
    fn so_many_of_a_hundred_accounts_are_admitted_and_others_by_each_build() {
        let admitted = |build| ids(10_000).filter(move |id| admits_at(Uuid::from_u128(build), 20, *id));
        let first: Vec<Uuid> = admitted(1).collect();
        assert!((1800..2200).contains(&first.len()), "{}", first.len());
        let both = admitted(2).filter(|id| first.contains(id)).count();
        assert!((300..500).contains(&both), "{both}");
    }
}
