//! In which encoding an answer goes over the wire.
use http::{HeaderMap, HeaderValue, header};

/// Encodings of answers, the best for text first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    Brotli,
    Zstd,
    Gzip,
    Identity,
}

/// Every encoding that shortens, with its name on the wire.
const NAMES: [(&str, Encoding); 3] =
    [("br", Encoding::Brotli), ("zstd", Encoding::Zstd), ("gzip", Encoding::Gzip)];

impl Encoding {
    /// The one that `Accept-Encoding` weighs most, of equals the best (RFC 9110 §12.5.3).
    pub(super) fn asked(headers: &HeaderMap) -> Self {
        let mut best = (0.0, Self::Identity);
        let Some(value) = headers.get(header::ACCEPT_ENCODING) else { return best.1 };
        for one in value.to_str().unwrap_or_default().split(',') {
            let (name, weight) = one.split_once(';').unwrap_or((one, "q=1"));
            let weight: f32 =
                weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok()).unwrap_or_default();
            let name = name.trim();
            let Some((_, encoding)) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
                continue;
            };
            if weight > best.0 || (weight == best.0 && weight > 0.0 && encoding.rank() < best.1.rank()) {
                best = (weight, *encoding);
            }
        }
        best.1
    }

    fn rank(self) -> usize {
        NAMES.iter().position(|(_, encoding)| *encoding == self).unwrap_or(NAMES.len())
    }

    /// `Accept-Encoding` that lets nothing else through.
    pub(super) fn only(self) -> HeaderValue {
        let name = NAMES.iter().find(|(_, encoding)| *encoding == self).map_or("identity", |(name, _)| name);
        HeaderValue::from_static(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, text.parse().unwrap());
        Encoding::asked(&headers)
    }

    #[test]
    fn the_heaviest_encoding_wins_and_of_equals_the_shortest_answer() {
        assert_eq!(asked("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(asked("gzip, zstd"), Encoding::Zstd);
        assert_eq!(asked("GZIP;q=1.0, br;q=0.5"), Encoding::Gzip);
        assert_eq!(asked("br;q=0, gzip;q=0"), Encoding::Identity);
        assert_eq!(asked("br;q=0,  gzip ; q=0.1"), Encoding::Gzip);
        assert_eq!(asked("deflate, *"), Encoding::Identity);
        assert_eq!(asked(""), Encoding::Identity);
        assert_eq!(Encoding::asked(&HeaderMap::new()), Encoding::Identity);
    }
}
