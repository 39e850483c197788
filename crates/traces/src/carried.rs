//! A trace as a text, from one process, or one moment, into another.
use std::collections::HashMap;

use http::HeaderMap;
use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator},
    trace::TraceContextExt,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;

use crate::tracer::tracer;

/// W3C's name of the header, and of the text.
const TRACEPARENT: &str = "traceparent";

/// The trace in which this code runs, as the value of W3C's `traceparent`; none where nothing is traced.
pub fn carried() -> Option<String> {
    tracer()?;
    let mut carrier = HashMap::<String, String>::new();
    TraceContextPropagator::new().inject_context(&Context::current(), &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// The trace that a request says it is part of; none where it says so twice, or not as W3C has it.
pub fn told(headers: &HeaderMap) -> Option<Context> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    if values.next().is_none() || values.next().is_some() {
        return None;
    }
    valid(&Heard(headers))
}

/// The trace that a text carries.
pub(crate) fn of(text: &str) -> Option<Context> {
    valid(&HashMap::from([(TRACEPARENT.to_owned(), text.to_owned())]))
}

/// Has a request say which trace it is part of.
pub(crate) fn tell(context: &Context, headers: &mut HeaderMap) {
    TraceContextPropagator::new().inject_context(context, &mut Told(headers));
}

fn valid(carrier: &dyn Extractor) -> Option<Context> {
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), carrier);
    let is_valid = context.span().span_context().is_valid();
    is_valid.then_some(context)
}

struct Heard<'a>(&'a HeaderMap);

impl Extractor for Heard<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

struct Told<'a>(&'a mut HeaderMap);

impl Injector for Told<'_> {
    fn set(&mut self, key: &str, value: String) {
        let name = http::HeaderName::try_from(key);
        let value = http::HeaderValue::try_from(value);
        // A state that is empty says nothing.
        if let (Ok(name), Ok(value)) = (name, value)
            && !value.is_empty()
        {
            self.0.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn heard(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TRACEPARENT, value.parse().unwrap());
        }
        told(&headers).map(|context| context.span().span_context().trace_id().to_string())
    }

    #[test]
    fn what_is_no_traceparent_is_not_believed() {
        assert_eq!(heard(&[PARENT]).as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
        for bad in [
            "",
            "x",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert_eq!(heard(&[bad]), None, "{bad}");
        }
        assert_eq!(heard(&[]), None);
        assert_eq!(heard(&[PARENT, PARENT]), None, "which of two is meant?");
    }

    #[test]
    fn what_is_carried_is_told_as_it_was() {
        let context = of(PARENT).unwrap();
        let mut headers = HeaderMap::new();
        tell(&context, &mut headers);
        assert_eq!((headers[TRACEPARENT].to_str().unwrap(), headers.len()), (PARENT, 1));
    }

    #[test]
    fn nothing_is_carried_where_nothing_is_traced() {
        assert_eq!(carried(), None);
    }
}
