//! Spans on their way: protobuf over HTTP, as OTLP has it (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>).
use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, header};
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{
        common::tonic::ResourceAttributesWithSchema, trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};
use prost::Message;
use reqwest::{Client, StatusCode, redirect};
use tokio::runtime::Handle;

use crate::Error;

/// For the connection, TLS included.
const CONNECT: Duration = Duration::from_secs(3);
/// For a whole message: a collector that takes longer loses it.
const WHOLE: Duration = Duration::from_secs(5);
const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");

/// Where spans go. They are sent from a thread of the SDK's own, but by the runtime of the process.
pub(crate) struct Collector {
    client: Client,
    runtime: Handle,
    endpoint: String,
    headers: HeaderMap,
    resource: ResourceAttributesWithSchema,
    /// Whether the last message was lost: its like is told once.
    away: AtomicBool,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl Collector {
    pub(crate) fn new(endpoint: &str, mut headers: HeaderMap) -> Result<Self, Error> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .user_agent(concat!("Mist/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Error::NoClient(error.to_string()))?;
        headers.insert(header::CONTENT_TYPE, PROTOBUF);
        Ok(Self {
            client,
            runtime: Handle::current(),
            endpoint: endpoint.to_owned(),
            headers,
            resource: ResourceAttributesWithSchema::default(),
            away: AtomicBool::new(false),
        })
    }

    /// Sends a message; why it was lost, if it was.
    async fn send(&self, message: Vec<u8>) -> Result<(), String> {
        let request = self.client.post(&self.endpoint).headers(self.headers.clone()).body(message);
        let sent = self.runtime.spawn(async move {
            // Without the address: it may hold a key.
            request.send().await.map(|answer| answer.status()).map_err(|error| error.without_url())
        });
        match sent.await {
            Ok(Ok(status)) if status.is_success() => Ok(()),
            Ok(Ok(status)) => Err(refusal(status)),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn refusal(status: StatusCode) -> String {
    format!("it answered {status}")
}

impl SpanExporter for Collector {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.resource);
        match self.send(ExportTraceServiceRequest { resource_spans }.encode_to_vec()).await {
            Ok(()) => {
                if self.away.swap(false, Ordering::Relaxed) {
                    tracing::info!("the collector takes spans again");
                }
                Ok(())
            }
            Err(why) => {
                if !self.away.swap(true, Ordering::Relaxed) {
                    tracing::warn!(why, count, "spans are lost: the collector doesn't take them");
                }
                Err(OTelSdkError::InternalFailure(why))
            }
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}
