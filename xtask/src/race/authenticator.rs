//! The codes that an authenticator app shows (RFC 6238).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

use crate::process::Result;

/// How long a code is shown.
pub(super) const STEP: Duration = Duration::from_secs(30);
/// RFC 4648 §6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The six digits of a secret in base32 at a time.
pub(super) fn code(secret: &str, at: SystemTime) -> Result<String> {
    let step = at.duration_since(UNIX_EPOCH)?.as_secs() / STEP.as_secs();
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &from_base32(secret)?);
    let mac = sign(&key, &step.to_be_bytes());
    let offset = mac.as_ref().last().map_or(0, |last| usize::from(last & 0xf));
    let word = mac.as_ref().get(offset..offset + 4).ok_or("a digest that is too short")?;
    let number = u32::from_be_bytes(word.try_into()?) & 0x7fff_ffff;
    Ok(format!("{:06}", number % 1_000_000))
}

fn from_base32(text: &str) -> Result<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let value = BASE32.iter().position(|known| *known == letter).ok_or("a secret that is no base32")?;
        held = (held << 5 | u32::try_from(value)?) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff)?);
        }
    }
    Ok(bytes)
}
