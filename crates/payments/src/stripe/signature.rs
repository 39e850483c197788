//! Whether an event comes from Stripe: `Stripe-Signature`. <https://docs.stripe.com/webhooks#verify-manually>
use aws_lc_rs::hmac;

/// Seconds that a signature may be old, or ahead of our clock.
const TOLERANCE: i64 = 300;
/// Signatures of a header that are looked at.
const MOST: usize = 10;

/// What claims to be an event isn't one, or not of this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not one of ours, or too old")]
pub struct InvalidSignature;

/// Whether a body was signed by one of these secrets within the tolerance.
pub(super) fn verify(
    secrets: &[String],
    header: &str,
    body: &[u8],
    now: i64,
) -> Result<(), InvalidSignature> {
    let mut signed_at = None;
    let mut signatures = Vec::new();
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" => signed_at = Some(value),
            "v1" => signatures.extend(hex::decode(value)),
            _ => {}
        }
    }
    let text = signed_at.ok_or(InvalidSignature)?;
    let at: i64 = text.parse().map_err(|_| InvalidSignature)?;
    if now.checked_sub(at).is_none_or(|age| age.abs() > TOLERANCE) {
        return Err(InvalidSignature);
    }
    let signed = [text.as_bytes(), b".", body].concat();
    let keys: Vec<hmac::Key> =
        secrets.iter().map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())).collect();
    // `hmac::verify` takes the same time wherever the first difference lies.
    let sound = |signature: &Vec<u8>| keys.iter().any(|key| hmac::verify(key, &signed, signature).is_ok());
    if signatures.iter().take(MOST).any(sound) { Ok(()) } else { Err(InvalidSignature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(secret: &str, at: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
        format!("t={at},v1={},v0=00", hex::encode(tag))
    }

    #[test]
    fn only_what_one_of_our_secrets_signed_just_now_is_believed() {
        let secrets = ["whsec_new".to_owned(), "whsec_old".to_owned()];
        let judged =
            |header: &str, body: &str, now: i64| verify(&secrets, header, body.as_bytes(), now).is_ok();
        for secret in ["whsec_new", "whsec_old"] {
            assert!(judged(&signed(secret, 1000, "{}"), "{}", 1300), "{secret}");
        }
        let header = signed("whsec_new", 1000, "{}");
        assert!(!judged(&header, "{}", 1301) && !judged(&header, "{}", 699), "too old, or ahead");
        assert!(!judged(&header, "{ }", 1000) && !judged(&signed("whsec_other", 1000, "{}"), "{}", 1000));
        let only_v0 = header.replace("v1=", "v2=");
        for broken in ["", "t=1000", "v1=00", "t=x,v1=00", "t=1000,v1=zz", only_v0.as_str()] {
            assert!(!judged(broken, "{}", 1000), "{broken}");
        }
        let rolled =
            format!("{},v1={}", signed("whsec_other", 1000, "{}"), header.split("v1=").nth(1).unwrap());
        assert!(judged(&rolled, "{}", 1000), "one of several is enough");
        assert!(verify(&[], &header, b"{}", 1000).is_err(), "without a secret nothing is believed");
    }
}
