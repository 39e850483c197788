//! `Repr-Digest` (RFC 9530 §3): the digest of a file's bytes, whichever way they travel.
use http::{HeaderMap, HeaderName, HeaderValue};
use objects::Sha256;

use crate::error::{Error, Refusal, Result};

/// The header's name.
pub(super) const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
const ALGORITHM: &str = "sha-256";

const MALFORMED_DIGEST: Refusal =
    Refusal::malformed("malformed_digest", "Repr-Digest must be as in RFC 9530, such as sha-256=:…:.");

/// The SHA-256 that a sender states, if any; 400 for a malformed header.
pub(super) fn sha256(headers: &HeaderMap) -> Result<Option<Sha256>> {
    let lines: Vec<&str> = headers
        .get_all(REPR_DIGEST)
        .iter()
        .map(HeaderValue::to_str)
        .collect::<std::result::Result<_, _>>()
        .map_err(|_| MALFORMED_DIGEST)?;
    parse(&lines.join(",")).ok_or_else(|| MALFORMED_DIGEST.into())
}

/// The header of bytes with that digest.
pub(super) fn header(sha256: &Sha256) -> Result<HeaderValue> {
    HeaderValue::try_from(format!("{ALGORITHM}=:{}:", sha256.to_base64())).map_err(Error::unexpected)
}

/// A dictionary of byte sequences (RFC 8941 §4.2.2); of a repeated key the last counts. None when it is malformed.
fn parse(text: &str) -> Option<Option<Sha256>> {
    let text = text.trim_matches(' ');
    let mut stated = None;
    if text.is_empty() {
        return Some(stated);
    }
    for member in text.split(',') {
        let (key, value) = member.trim_matches([' ', '\t']).split_once('=')?;
        let (bytes, parameters) = value.strip_prefix(':')?.split_once(':')?;
        if !is_key(key) || !bytes.bytes().all(is_base64) || !are_parameters(parameters) {
            return None;
        }
        if key == ALGORITHM {
            stated = Some(Sha256::from_base64(bytes).ok()?);
        }
    }
    Some(stated)
}

/// RFC 8941 §3.1.2.
fn is_key(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c == '*')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.*".contains(&b))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// `;key` or `;key=token`; RFC 9530 defines none.
fn are_parameters(text: &str) -> bool {
    let Some(first) = text.strip_prefix(';') else { return text.is_empty() };
    first.split(';').all(|parameter| {
        let (key, value) = parameter
            .trim_start_matches(' ')
            .split_once('=')
            .unwrap_or((parameter.trim_start_matches(' '), "1"));
        is_key(key) && !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic() && b != b'"')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the empty text.
    const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn the_sha_256_among_others_is_found() {
        let empty = Sha256::from_base64(EMPTY).unwrap();
        for text in [
            format!("sha-256=:{EMPTY}:"),
            format!("  sha-256=:{EMPTY}:  "),
            format!("sha-512=:AAAA:, sha-256=:{EMPTY}:"),
            format!("sha-256=:AAAA{}:,\tsha-256=:{EMPTY}:;a;b=1", "A".repeat(39)),
            format!("sha-256=:{}:", EMPTY.trim_end_matches('=')),
        ] {
            assert_eq!(parse(&text), Some(Some(empty)), "{text}");
        }
    }

    #[test]
    fn other_algorithms_are_ignored() {
        for text in ["", "md5=:AAAA:", "sha-512=:AAAA:,unixsum=:Ag==:"] {
            assert_eq!(parse(text), Some(None), "{text}");
        }
    }

    #[test]
    fn what_is_no_dictionary_of_bytes_is_malformed() {
        let hex = format!("sha-256={}", "ab".repeat(32));
        let trailing = format!("sha-256=:{EMPTY}:,");
        let joined = format!("sha-256=:{EMPTY}:x");
        let upper = format!("SHA-256=:{EMPTY}:");
        for text in [
            "sha-256",
            "sha-256=",
            "sha-256=:",
            "sha-256=::",
            "sha-256=:AAAA:",
            "sha-256=:!!!!:",
            &hex,
            &trailing,
            &joined,
            &upper,
            "=:AAAA:",
            "md5=1",
            ",",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
