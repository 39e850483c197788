//! An authenticator app, written from RFC 6238 alone: it shares no code with the store.
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use chrono::{DateTime, Utc};

/// The six digits that an app shows for a secret in base32 at a time.
pub fn code(secret: &str, at: DateTime<Utc>) -> String {
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &from_base32(secret));
    let counter = at.timestamp().div_euclid(30).to_be_bytes();
    let mac = sign(&key, &counter);
    let mac = mac.as_ref();
    let offset = usize::from(mac[19] & 0xf);
    let word = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

fn from_base32(text: &str) -> Vec<u8> {
    let value = |c: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|&letter| letter == c).unwrap();
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0, 0);
    for c in text.bytes() {
        held = (held << 5 | value(c)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    bytes
}
