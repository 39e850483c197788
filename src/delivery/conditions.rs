//! Conditional requests (RFC 9110 §13) for bytes that never change: a strong entity tag and the date they were stored.
use std::time::SystemTime;

use http::{HeaderMap, HeaderName, header};

/// The validators of a file.
pub(super) struct Validators {
    /// With its quotes; strong.
    pub(super) etag: String,
    /// In whole seconds.
    pub(super) modified: SystemTime,
}

/// What a request's conditions make of it, `Range` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Answer it.
    Proceed,
    /// 304: the client has it.
    NotModified,
    /// 412: the client asked for another one.
    Failed,
}

impl Validators {
    /// Judges in the order of RFC 9110 §13.2.2.
    pub(super) fn judge(&self, headers: &HeaderMap) -> Verdict {
        if let Some(tags) = list(headers, &header::IF_MATCH) {
            if !tags.iter().any(|tag| *tag == "*" || *tag == self.etag) {
                return Verdict::Failed;
            }
        } else if date(headers, &header::IF_UNMODIFIED_SINCE).is_some_and(|date| self.modified > date) {
            return Verdict::Failed;
        }
        let has = match list(headers, &header::IF_NONE_MATCH) {
            Some(tags) => tags.iter().any(|tag| *tag == "*" || tag.trim_start_matches("W/") == self.etag),
            None => date(headers, &header::IF_MODIFIED_SINCE).is_some_and(|date| self.modified <= date),
        };
        if has { Verdict::NotModified } else { Verdict::Proceed }
    }

    /// Whether `Range` counts: without `If-Range`, or when that names these very bytes (§13.1.5).
    pub(super) fn range_holds(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(header::IF_RANGE) else { return true };
        let Ok(text) = value.to_str() else { return false };
        text.trim() == self.etag || httpdate::parse_http_date(text).is_ok_and(|date| date == self.modified)
    }
}

/// The members of a list of entity tags, unless there is none. Ours holds no comma, so that no other is taken for it.
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Vec<&'a str>> {
    let mut lines = headers.get_all(name).iter().peekable();
    lines.peek()?;
    let texts = lines.filter_map(|line| line.to_str().ok());
    Some(texts.flat_map(|text| text.split(',')).map(str::trim).collect())
}

/// A date; one that can't be read is as if it were not there.
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    const AT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const AFTER: &str = "Sunday, 06-Nov-94 08:49:38 GMT";

    fn file() -> Validators {
        Validators { etag: "\"ab\"".to_owned(), modified: UNIX_EPOCH + Duration::from_secs(784_111_777) }
    }

    fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
        given.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn conditions_are_judged_in_their_order() {
        for (given, verdict) in [
            (&[][..], Verdict::Proceed),
            (&[("if-match", "\"ab\"")], Verdict::Proceed),
            (&[("if-match", "\"x\", \"ab\"")], Verdict::Proceed),
            (&[("if-match", "*")], Verdict::Proceed),
            (&[("if-match", "\"x\"")], Verdict::Failed),
            (&[("if-match", "W/\"ab\"")], Verdict::Failed),
            (&[("if-match", "\"ab\""), ("if-unmodified-since", BEFORE)], Verdict::Proceed),
            (&[("if-unmodified-since", BEFORE)], Verdict::Failed),
            (&[("if-unmodified-since", AT)], Verdict::Proceed),
            (&[("if-none-match", "\"ab\"")], Verdict::NotModified),
            (&[("if-none-match", "W/\"ab\"")], Verdict::NotModified),
            (&[("if-none-match", "*")], Verdict::NotModified),
            (&[("if-none-match", "\"x\""), ("if-modified-since", AFTER)], Verdict::Proceed),
            (&[("if-modified-since", AFTER)], Verdict::NotModified),
            (&[("if-modified-since", AT)], Verdict::NotModified),
            (&[("if-modified-since", BEFORE)], Verdict::Proceed),
            (&[("if-modified-since", "yesterday")], Verdict::Proceed),
            (&[("if-match", "\"x\""), ("if-none-match", "\"ab\"")], Verdict::Failed),
        ] {
            assert_eq!(file().judge(&headers(given)), verdict, "{given:?}");
        }
    }

    #[test]
    fn a_range_goes_on_only_with_the_same_bytes() {
        for (given, holds) in [
            (&[][..], true),
            (&[("if-range", "\"ab\"")], true),
            (&[("if-range", "W/\"ab\"")], false),
            (&[("if-range", "\"x\"")], false),
            (&[("if-range", AT)], true),
            (&[("if-range", BEFORE)], false),
            (&[("if-range", AFTER)], false),
            (&[("if-range", "nonsense")], false),
        ] {
            assert_eq!(file().range_holds(&headers(given)), holds, "{given:?}");
        }
    }
}
