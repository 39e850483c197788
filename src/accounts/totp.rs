//! Time-based codes (RFC 6238) as every authenticator app makes them: SHA-1, six digits, thirty seconds.
use chrono::{DateTime, Utc};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::{
    error::{Error, Result},
    keys,
};

/// Bytes of a secret: as many as SHA-1 makes (RFC 4226 §4).
pub(super) const SECRET_BYTES: usize = 20;
/// Digits of a code.
const DIGITS: u8 = 6;
/// Seconds of a step.
const STEP_SECONDS: u64 = 30;
/// Steps by which the clocks may differ, either way.
const SKEW: u16 = 1;

/// A secret that nobody guesses.
pub(super) fn new_secret() -> Result<[u8; SECRET_BYTES]> {
    let mut secret = [0; SECRET_BYTES];
    keys::random(&mut secret)?;
    Ok(secret)
}

/// The secret as people type it: base32.
pub(super) fn as_typed(secret: &[u8]) -> String {
    Secret::from(secret.to_vec()).to_base32()
}

/// The address that an authenticator app reads from a picture.
pub(super) fn otpauth_uri(secret: &[u8], issuer: &str, account: &str) -> Result<String> {
    // A colon parts the two in the label.
    let plain = |text: &str| text.replace(':', " ");
    let codes = builder(secret).with_issuer(Some(plain(issuer))).with_account_name(plain(account));
    codes.build().map_err(Error::unexpected)?.to_url().map_err(Error::unexpected)
}

/// The step whose code this is, if it is that of now or of a neighbouring step.
pub(super) fn step_of(secret: &[u8], code: &str, now: DateTime<Utc>) -> Result<Option<i64>> {
    if code.len() != usize::from(DIGITS) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let codes: Totp = builder(secret).build().map_err(Error::unexpected)?;
    let seconds = u64::try_from(now.timestamp()).map_err(Error::unexpected)?;
    codes.check(code, seconds).map(i64::try_from).transpose().map_err(Error::unexpected)
}

fn builder(secret: &[u8]) -> Builder {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(SKEW)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B.
    const RFC_SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // The last six of the eight digits that appendix B prints for SHA-1.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(step_of(RFC_SECRET, code, at(seconds)).unwrap(), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_or_late_and_no_more() {
        // The code of step 1000, from step 998 to step 1002.
        let codes = builder(RFC_SECRET).build().unwrap();
        let code = codes.generate(30_000).to_string();
        for (seconds, good) in
            [(29_969, false), (29_970, true), (30_000, true), (30_059, true), (30_060, false)]
        {
            assert_eq!(step_of(RFC_SECRET, &code, at(seconds)).unwrap().is_some(), good, "{seconds}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused_whatever_it_is() {
        for text in ["", "28708", "2870820", "287 082", "28708x", "２８７０８２", "-87082"] {
            assert_eq!(step_of(RFC_SECRET, text, at(59)).unwrap(), None, "{text}");
        }
    }

    #[test]
    fn an_app_reads_the_secret_from_the_address() {
        let uri = otpauth_uri(RFC_SECRET, "Mist: games", "ada@example.com").unwrap();
        let uri = url::Url::parse(&uri).unwrap();
        assert_eq!((uri.scheme(), uri.host_str()), ("otpauth", Some("totp")));
        let secret = uri.query_pairs().find(|(name, _)| name == "secret").unwrap().1.into_owned();
        assert_eq!(secret, as_typed(RFC_SECRET));
        assert_eq!(secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
