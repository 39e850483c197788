//! Places of which each account has so many on a copy: what stays open takes one, and gives it back when it is dropped.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

/// The places that are taken, by account; clones are the same places.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<Mutex<HashMap<Uuid, usize>>>);

impl Places {
    /// Takes a place, unless an account has that many.
    pub fn take(&self, account: Uuid, most: usize) -> Option<Place> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let there = taken.get(&account).copied().unwrap_or_default();
        if there >= most {
            return None;
        }
        taken.insert(account, there + 1);
        Some(Place { account, places: self.clone() })
    }
}

/// A place that is taken.
#[derive(Debug)]
pub struct Place {
    account: Uuid,
    places: Places,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = taken.get_mut(&self.account) {
            *there -= 1;
            if *there == 0 {
                taken.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_given_back_is_free_and_each_account_has_its_own() {
        let (places, ada, bob) = (Places::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        let first = places.take(ada, 2);
        let second = places.take(ada, 2);
        assert!(first.is_some() && second.is_some() && places.take(ada, 2).is_none());
        assert!(places.take(bob, 2).is_some());
        drop(first);
        assert!(places.take(ada, 2).is_some());
        drop(second);
        assert!(places.0.lock().unwrap().is_empty());
    }
}
