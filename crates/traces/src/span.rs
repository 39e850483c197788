//! Something that takes time.
use std::{future::poll_fn, pin::pin};

use http::{HeaderMap, Method};
use opentelemetry::{
    Context, KeyValue, Value,
    trace::{Span as _, SpanKind, Status, TraceContextExt, Tracer},
};

use crate::{carried, tracer::tracer};

/// Something that takes time, from when it is made until it is dropped; empty where nothing is traced.
#[derive(Debug, Default)]
pub struct Span(Option<Context>);

/// Which trace a request is part of.
#[derive(Debug)]
pub enum Origin {
    /// One of its own.
    Here,
    /// That of who asks, as they told: they say whether it is kept.
    Continued(Context),
    /// One of its own, which names that of who asks: they say nothing about it.
    Linked(Context),
}

impl Span {
    /// A request that is answered; `route` is its pattern, never its path.
    pub fn request(method: &Method, route: &str, origin: Origin) -> Self {
        let Some(tracer) = tracer() else { return Self::default() };
        let method = named(method);
        let mut span = tracer.span_builder(format!("{method} {route}")).with_kind(SpanKind::Server);
        span = span.with_attributes([
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.route", route.to_owned()),
        ]);
        let (parent, link) = match origin {
            Origin::Here => (Context::new(), None),
            Origin::Continued(parent) => (parent, None),
            Origin::Linked(link) => (Context::new(), Some(link)),
        };
        let mut span = span.start_with_context(tracer, &parent);
        if let Some(link) = link {
            span.add_link(link.span().span_context().clone(), Vec::new());
        }
        Self(Some(Context::new().with_span(span)))
    }

    /// A job that is tried, in the trace of which [`carried`](crate::carried) told when it was enqueued.
    pub fn job(kind: &str, id: String, attempt: i64, carried: Option<&str>) -> Self {
        let Some(tracer) = tracer() else { return Self::default() };
        let parent = carried.and_then(carried::of).unwrap_or_default();
        let span = tracer.span_builder(format!("job {kind}")).with_kind(SpanKind::Consumer);
        let span = span.with_attributes([
            KeyValue::new("mist.job.kind", kind.to_owned()),
            KeyValue::new("mist.job.id", id),
            KeyValue::new("mist.job.attempt", attempt),
        ]);
        Self(Some(Context::new().with_span(span.start_with_context(tracer, &parent))))
    }

    /// A request that is made of another program, as a part of what is being done, and which tells it so by `headers`.
    /// Of its address the host alone is kept, for the rest may hold secrets.
    pub fn call(method: &Method, host: Option<&str>, headers: &mut HeaderMap) -> Self {
        let Some(tracer) = tracer() else { return Self::default() };
        let method = named(method);
        let host = host.unwrap_or_default();
        let span = tracer.span_builder(format!("{method} {host}")).with_kind(SpanKind::Client);
        let span = span.with_attributes([
            KeyValue::new("http.request.method", method),
            KeyValue::new("server.address", host.to_owned()),
        ]);
        let context = Context::new().with_span(span.start_with_context(tracer, &Context::current()));
        carried::tell(&context, headers);
        Self(Some(context))
    }

    /// Does `work` as a part of this span.
    pub async fn around<T>(&self, work: impl Future<Output = T>) -> T {
        inside(self.0.as_ref(), work).await
    }

    /// Keeps something about it: ids and numbers, never names, addresses or secrets.
    pub fn note(&self, key: &'static str, value: impl Into<Value>) {
        if let Some(context) = &self.0 {
            context.span().set_attribute(KeyValue::new(key, value));
        }
    }

    /// Keeps the status of its answer; `failed` says from which on it is a failure.
    pub fn answered(&self, status: u16, failed: u16) {
        self.note("http.response.status_code", i64::from(status));
        if status >= failed {
            self.failed();
        }
    }

    /// Keeps that it failed; why is in the log.
    pub fn failed(&self) {
        if let Some(context) = &self.0 {
            context.span().set_status(Status::error(""));
        }
    }

    /// The trace that it is part of, 32 hexadecimal digits: so lines of the log are found by a trace.
    pub fn trace(&self) -> Option<String> {
        self.0.as_ref().map(|context| context.span().span_context().trace_id().to_string())
    }
}

impl Drop for Span {
    /// What it was around may still hold the context; it ends nevertheless.
    fn drop(&mut self) {
        if let Some(context) = &self.0 {
            context.span().end();
        }
    }
}

/// The same work, as a part of the span in which this is called: for what is handed to another task.
pub fn within<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let context = tracer().map(|_| Context::current());
    async move { inside(context.as_ref(), work).await }
}

async fn inside<T>(context: Option<&Context>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|waker| {
        let _entered = context.cloned().map(Context::attach);
        work.as_mut().poll(waker)
    })
    .await
}

/// A method as it stands in names and labels; what strangers make up is `_OTHER`, lest each of theirs be one more.
pub fn named(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}
