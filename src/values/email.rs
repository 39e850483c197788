//! An e-mail address in its one canonical form.
use unicode_normalization::UnicodeNormalization;

use super::{Invalid, text_value};

/// Longest address (RFC 5321 §4.5.3.1.3, without the brackets).
const LONGEST: usize = 254;
/// Longest part before the `@` (RFC 5321 §4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// An address: the local part ASCII and lower case, the domain as ASCII (IDNA) and lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(String);

text_value!(Email, "email", 3, 254, "ada@example.com");

impl Email {
    /// Reads an address, `invalid_email` unless it is one that mail could be sent to.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::canonical(text)
            .map(Self)
            .ok_or_else(|| Invalid::new("invalid_email", "is not an e-mail address"))
    }

    fn canonical(text: &str) -> Option<String> {
        // IDNA would drop what can't be seen.
        if text.chars().any(|c| c.is_control() || is_invisible(c)) {
            return None;
        }
        let text: String = text.trim().nfkc().collect();
        let (local, domain) = text.rsplit_once('@')?;
        let local = local.to_ascii_lowercase();
        if local.is_empty() || local.len() > LONGEST_LOCAL || !local.split('.').all(is_atom) {
            return None;
        }
        // Hosts may be written in percent codes, domains of addresses may not.
        let domain = match url::Host::parse(domain).ok().filter(|_| !domain.contains('%'))? {
            url::Host::Domain(name) => name,
            url::Host::Ipv4(_) | url::Host::Ipv6(_) => return None,
        };
        let labels = domain.split('.').count();
        let sound = domain.split('.').all(|label| !label.is_empty() && label.len() <= 63 && is_label(label));
        let address = format!("{local}@{domain}");
        (labels >= 2 && sound && address.len() <= LONGEST).then_some(address)
    }
}

/// RFC 5322 §3.2.3: what may stand between the dots of a local part.
fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
}

/// Unicode's Default_Ignorable_Code_Point, and its separators of lines and paragraphs.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_label(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_an_address_are_one_address() {
        let composed = Email::parse("ada@b\u{fc}cher.example").unwrap();
        assert_eq!(Email::parse("ada@bu\u{308}cher.example").unwrap(), composed);
        assert_eq!(Email::parse("Ada@XN--BCHER-KVA.example").unwrap(), composed);

        for variant in ["ada@example.com", " Ada@Example.COM ", "ADA@example.com", "ada@ｅxample.com"] {
            assert_eq!(Email::parse(variant).unwrap().as_str(), "ada@example.com");
        }
        assert_eq!(Email::parse("ada@bücher.example").unwrap().as_str(), "ada@xn--bcher-kva.example");
    }

    #[test]
    fn what_no_mail_reaches_is_refused() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "ädä@example.com",
            "ada@example",
            "ada@127.0.0.1",
            "a..b@example.com",
            "a@b.c\r\nBcc: x@y.z",
            "ada\u{200b}@example.com",
            "ada@exa\u{200b}mple.com",
            "ada@exa\u{ad}mple.com",
            "ada@exa\u{fe0f}mple.com",
            "ada@exa\u{2060}mple.com",
            "ada@example.com\u{feff}",
            "ada@example.com\n",
            "\tada@example.com",
            "ada@ex%61mple.com",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }
}
