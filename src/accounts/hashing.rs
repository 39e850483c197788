//! Passwords as Argon2id hashes, made in bounded slots so that a storm of sign-ins slows nothing else.
use std::time::Duration;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use http::StatusCode;
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    config,
    error::{Error, Refusal, Result},
    keys,
    line::Line,
    values::{NewPassword, Password},
};

/// Memory (KiB), passes and lanes of a new hash: the least that OWASP's password storage cheat sheet asks for.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of a salt (RFC 9106 §3.1).
const SALT_BYTES: usize = 16;
/// Bytes of a hash.
const HASH_BYTES: usize = 32;
/// The salt of a hash that no password was ever behind: see [`no_password`].
const NO_PASSWORD: [u8; SALT_BYTES] = *b"no password set.";

const BUSY: Refusal = Refusal::with_status(
    StatusCode::SERVICE_UNAVAILABLE,
    "busy",
    "Too many people are signing in at once; try again.",
);

/// The slots in which passwords are hashed, and the line before them.
pub struct Hashing {
    line: Line,
    /// What the password of an unknown address is compared with, at the same cost as a known one's.
    nobody: String,
}

/// What comparing a password showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Another password.
    Wrong,
    /// The password.
    Right,
    /// The password, hashed at another cost than today's.
    Outdated,
}

impl Hashing {
    /// With the slots of the settings; hashes nothing yet.
    pub fn new(settings: &config::Accounts) -> Result<Self> {
        let allowed = Duration::from_millis(u64::from(settings.hashing_wait_ms));
        let line = Line::new(settings.hashing_slots.get(), settings.hashing_queue, allowed);
        Ok(Self { line, nobody: no_password()? })
    }

    /// A hash that is no password's: for who is not to sign in any more.
    pub(super) fn nobodys(&self) -> &str {
        &self.nobody
    }

    /// The hash of a new password, in PHC form; 503 `busy` when the line is too long.
    pub(super) async fn hash(&self, password: NewPassword) -> Result<String> {
        self.in_slot(move || hash(password.as_str())).await
    }

    /// Compares a password with a hash, or with nobody's at the same cost; 503 `busy` when the line is too long.
    pub(super) async fn verify(&self, password: &Password, hash: Option<&str>) -> Result<Verdict> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).to_owned();
        let password = password.clone();
        let verdict = self.in_slot(move || verify(password.as_str(), &hash)).await?;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    /// A new hash of a password that was just found right at an older cost.
    pub(super) async fn renew(&self, password: &Password) -> Result<String> {
        let password = password.clone();
        self.in_slot(move || hash(password.as_str())).await
    }

    async fn in_slot<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let slot = self.slot().await?;
        // The slot goes along: it is taken until the work is done, even if the caller has gone away.
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(slot);
            outcome
        });
        done.await.map_err(Error::unexpected)?
    }

    async fn slot(&self) -> Result<OwnedSemaphorePermit> {
        let slot = self.line.enter().await;
        if slot.is_none() {
            metrics::counter!("mist_hashing_refused_total").increment(1);
        }
        Ok(slot.ok_or(BUSY)?)
    }

    /// Sets the gauges of the slots.
    pub fn measure(&self) {
        metrics::gauge!("mist_hashing_running").set(self.line.inside() as f64);
        metrics::gauge!("mist_hashing_waiting").set(self.line.waiting() as f64);
    }
}

/// A hash that no password has, for an account whose owner signs in elsewhere.
///
/// It is random and of today's cost, so that whoever tries a password learns nothing, not even by the time; its salt
/// tells the store what it is. Setting a password replaces it, and nothing else is to be remembered.
pub(super) fn no_password() -> Result<String> {
    let mut random = [0; HASH_BYTES];
    keys::random(&mut random)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params()?).map_err(unexpected)?,
        salt: Some(Salt::new(&NO_PASSWORD).map_err(Error::unexpected)?),
        hash: Some(Output::new(&random).map_err(Error::unexpected)?),
    };
    Ok(hash.to_string())
}

/// Whether a hash was made by [`no_password`].
pub(super) fn is_no_password(hash: &str) -> bool {
    let salt = PasswordHash::new(hash).ok().and_then(|hash| hash.salt);
    salt.is_some_and(|salt| *salt == NO_PASSWORD)
}

fn params() -> Result<Params> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).map_err(unexpected)
}

fn hash(password: &str) -> Result<String> {
    let mut salt = [0; SALT_BYTES];
    keys::random(&mut salt)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params()?);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt).map_err(unexpected)?;
    Ok(hash.to_string())
}

fn verify(password: &str, hash: &str) -> Result<Verdict> {
    let hash = PasswordHash::new(hash).map_err(Error::unexpected)?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => {}
        Err(argon2::password_hash::Error::PasswordInvalid) => return Ok(Verdict::Wrong),
        Err(error) => return Err(unexpected(error)),
    }
    let today = hash.algorithm == Algorithm::Argon2id.ident()
        && hash.params == ParamsString::try_from(&params()?).map_err(unexpected)?;
    Ok(if today { Verdict::Right } else { Verdict::Outdated })
}

fn unexpected(error: impl std::fmt::Display) -> Error {
    Error::unexpected(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use futures::FutureExt;

    use super::*;

    fn hashing(slots: usize, queue: usize) -> Hashing {
        let settings = config::Accounts {
            hashing_slots: NonZeroUsize::new(slots).unwrap(),
            hashing_queue: queue,
            ..config::Accounts::default()
        };
        Hashing::new(&settings).unwrap()
    }

    #[tokio::test]
    async fn a_full_line_is_refused_and_whoever_stands_in_it_is_served() {
        let hashing = hashing(1, 1);
        let slot = hashing.slot().await.unwrap();
        let mut waiting = Box::pin(hashing.slot());
        assert!((&mut waiting).now_or_never().is_none());
        assert_eq!(hashing.slot().await.unwrap_err().code(), "busy");
        drop(slot);
        drop(waiting.await.unwrap());
        drop(hashing.slot().await.unwrap());
    }

    #[tokio::test]
    async fn who_would_wait_for_too_long_is_refused_though_the_line_has_room() {
        let settings = config::Accounts { hashing_wait_ms: 0, ..config::Accounts::default() };
        let hashing =
            Hashing::new(&config::Accounts { hashing_slots: NonZeroUsize::MIN, ..settings }).unwrap();
        let slot = hashing.slot().await.unwrap();
        let mut first = Box::pin(hashing.slot());
        assert!((&mut first).now_or_never().is_none(), "whoever is first may wait");
        drop(slot);
        // Since then it is known that the line takes time.
        let _slot = first.await.unwrap();
        let mut first = Box::pin(hashing.slot());
        assert!((&mut first).now_or_never().is_none());
        assert_eq!(hashing.slot().await.unwrap_err().code(), "busy");
    }

    #[tokio::test]
    async fn nobodys_password_costs_what_a_new_one_costs() {
        let hashing = hashing(1, 1);
        let new = hashing.hash(NewPassword::parse("a quiet violet engine").unwrap()).await.unwrap();
        let parameters = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parameters(&hashing.nobody), parameters(&new));
        let password = Password::parse("a quiet violet engine").unwrap();
        assert_eq!(hashing.verify(&password, Some(&new)).await.unwrap(), Verdict::Right);
        assert_eq!(hashing.verify(&password, None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn no_password_is_right_where_none_is_set() {
        let (hashing, unset) = (hashing(1, 1), no_password().unwrap());
        for guess in ["no password set.", "a quiet violet engine"] {
            let password = Password::parse(guess).unwrap();
            assert_eq!(hashing.verify(&password, Some(&unset)).await.unwrap(), Verdict::Wrong);
        }
        let set = hashing.hash(NewPassword::parse("a quiet violet engine").unwrap()).await.unwrap();
        assert!(is_no_password(&unset) && !is_no_password(&set) && unset != no_password().unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_right_and_outdated() {
        let hashing = hashing(1, 1);
        let cheaper =
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, Some(HASH_BYTES)).unwrap());
        let old = cheaper.hash_password_with_salt(b"a quiet violet engine", b"0123456789abcdef").unwrap();
        let password = Password::parse("a quiet violet engine").unwrap();
        let verdict = hashing.verify(&password, Some(&old.to_string())).await.unwrap();
        assert_eq!(verdict, Verdict::Outdated);
    }
}
