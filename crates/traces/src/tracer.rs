//! The one tracer of a process.
use std::{sync::OnceLock, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider},
};

use crate::collector::Collector;

/// Spans that wait to be sent at most; more are lost.
const WAITING: usize = 4096;
/// Spans of one message.
const BATCH: usize = 512;
/// How long a span waits for others to be sent with.
const GATHERS: Duration = Duration::from_secs(1);
/// How long the end of a process waits for the last ones to leave.
const FAREWELL: Duration = Duration::from_secs(2);

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// Who traces, and where to.
pub struct Settings {
    /// Where the collector takes traces in protobuf over HTTP, `/v1/traces` included.
    pub endpoint: String,
    /// What else is sent with each message, such as a key of the collector.
    pub headers: Vec<(String, String)>,
    /// Which part of the traces that begin here is kept, from 0 to 1. One that began elsewhere goes on as it began.
    pub sample: f64,
    /// What this program is called,
    pub service: &'static str,
    /// in which version,
    pub version: &'static str,
    /// and which of its copies this is.
    pub instance: String,
}

/// Why nothing is traced.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The machine can't make such requests, such as for want of root certificates.
    #[error("no requests can be made: {0}")]
    NoClient(String),
    /// A header that can't be one.
    #[error("{0}: this can't be sent as a header")]
    Header(String),
    /// This process traces already.
    #[error("this process traces already")]
    Begun,
}

/// What must be ended, or the last spans are lost.
pub struct Traces(SdkTracerProvider);

/// Begins to trace, once per process, inside of the runtime by which spans are sent.
///
/// # Errors
///
/// When nothing can be sent, or tracing began before.
pub fn begin(settings: Settings) -> Result<Traces, Error> {
    let collector = Collector::new(&settings.endpoint, headers(&settings.headers)?)?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(WAITING)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(GATHERS)
        .build();
    let resource = Resource::builder_empty()
        .with_service_name(settings.service)
        .with_attribute(KeyValue::new("service.version", settings.version))
        .with_attribute(KeyValue::new("service.instance.id", settings.instance))
        .build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(BatchSpanProcessor::builder(collector).with_batch_config(batches).build())
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample))))
        .with_resource(resource)
        .build();
    TRACER.set(provider.tracer(settings.service)).map_err(|_| Error::Begun)?;
    Ok(Traces(provider))
}

/// The tracer, where there is one.
pub(crate) fn tracer() -> Option<&'static SdkTracer> {
    TRACER.get()
}

impl Traces {
    /// Sends what waits, for as long as two seconds.
    pub async fn end(self) {
        let ending = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(FAREWELL));
        match ending.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last spans did not leave"),
            Err(error) => tracing::warn!(%error, "the last spans did not leave"),
        }
    }
}

fn headers(named: &[(String, String)]) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    for (name, value) in named {
        let bad = || Error::Header(name.clone());
        let name = HeaderName::try_from(name.as_str()).map_err(|_| bad())?;
        let mut value = HeaderValue::try_from(value.as_str()).map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}
