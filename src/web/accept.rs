//! Which kind of document an answer is, where there are several: `Accept` (RFC 9110, section 12.5.1).
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, StatusCode, header, request::Parts};

use crate::error::{Refusal, Result};

const NOT_ACCEPTABLE: Refusal = Refusal::with_status(
    StatusCode::NOT_ACCEPTABLE,
    "not_acceptable",
    "There is no document here of a kind that `Accept` takes.",
);

/// Kinds that are looked at.
const MOST: usize = 50;

/// What a client takes, as it says it.
#[derive(Clone, Debug, Default)]
pub struct Accept(Vec<Range>);

/// One of its kinds.
#[derive(Clone, Debug)]
struct Range {
    /// Such as `text/csv`, `text/*` or `*/*`.
    kind: String,
    weight: f32,
}

impl Range {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next().filter(|kind| kind.contains('/'))?.to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let weight = weight.map_or(Some(1.0), |weight| weight.parse().ok())?;
        Some(Self { kind, weight })
    }

    /// How exactly it means a kind; none when it doesn't.
    fn meaning(&self, kind: &str) -> Option<u8> {
        let (group, _) = kind.split_once('/')?;
        match self.kind.strip_suffix("/*") {
            Some("*") => Some(0),
            Some(any) => (any == group).then_some(1),
            None => (self.kind == kind).then_some(2),
        }
    }
}

impl Accept {
    /// Of a request.
    pub fn read(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
        Self(values.flat_map(|value| value.split(',')).take(MOST).filter_map(Range::read).collect())
    }

    /// The kind that is liked best, of several the first; 406 when none is taken. Who says nothing takes any.
    pub fn choose<'a>(&self, kinds: &[&'a str]) -> Result<&'a str> {
        Ok(self.best(kinds).ok_or(NOT_ACCEPTABLE)?)
    }

    fn best<'a>(&self, kinds: &[&'a str]) -> Option<&'a str> {
        let mut best: Option<(&str, f32)> = None;
        for kind in kinds {
            let weight = self.weight(kind);
            if weight > best.map_or(0.0, |(_, weight)| weight) {
                best = Some((kind, weight));
            }
        }
        best.map(|(kind, _)| kind)
    }

    fn weight(&self, kind: &str) -> f32 {
        if self.0.is_empty() {
            return 1.0;
        }
        let meant = self.0.iter().filter_map(|range| Some((range.meaning(kind)?, range.weight)));
        meant.max_by_key(|(meaning, _)| *meaning).map_or(0.0, |(_, weight)| weight)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Accept {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(accept: &str) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Accept::read(&headers).best(&["text/html", "application/pdf"])
    }

    #[test]
    fn the_kind_that_is_liked_best_wins_and_the_exact_word_counts() {
        assert_eq!(Accept::default().best(&["text/html", "application/pdf"]), Some("text/html"));
        assert_eq!(best("*/*"), Some("text/html"));
        assert_eq!(best("Application/PDF"), Some("application/pdf"));
        assert_eq!(best("text/html;q=0.5, application/*;q=0.8"), Some("application/pdf"));
        assert_eq!(best("*/*, text/html;q=0"), Some("application/pdf"));
        assert_eq!(best("application/json"), None);
        assert_eq!(best("text/html; q=0, application/pdf;q=0.0"), None);
    }
}
