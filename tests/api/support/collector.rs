//! A collector of traces on loopback: takes OTLP in protobuf over HTTP, and keeps what it understood.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use mist::config::{self, Secret};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message as _;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// What a message must bear, or it is refused.
const KEY: &str = "collector-key-7f3a";

/// What it does with who comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Takes what is sent.
    Take,
    /// Reads it, and says nothing for as long as the connection lasts.
    Hang,
}

/// A span, as far as tests look at it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub name: String,
    /// Hexadecimal.
    pub trace: String,
    pub id: String,
    pub parent: String,
    /// The traces that it names.
    pub links: Vec<String>,
    /// `SPAN_KIND_SERVER` and so on.
    pub kind: &'static str,
    pub failed: bool,
    pub attributes: HashMap<String, String>,
}

/// The collector.
pub struct Collector {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    bytes: Arc<Mutex<Vec<u8>>>,
    arrived: mpsc::UnboundedReceiver<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Collector {
    pub async fn new(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, bytes) = (Arc::<Mutex<Vec<Seen>>>::default(), Arc::<Mutex<Vec<u8>>>::default());
        let (told, arrived) = mpsc::unbounded_channel();
        let task = tokio::spawn({
            let (seen, bytes) = (Arc::clone(&seen), Arc::clone(&bytes));
            async move {
                loop {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let (seen, bytes, told) = (Arc::clone(&seen), Arc::clone(&bytes), told.clone());
                    tokio::spawn(async move {
                        let Some((head, body)) = read(&mut stream).await else { return };
                        let answer = if manner == Manner::Hang { None } else { Some(judged(&head)) };
                        if answer == Some("200 OK") {
                            bytes.lock().unwrap().extend_from_slice(&body);
                            seen.lock().unwrap().extend(understood(&body));
                        }
                        let _gone = told.send(());
                        match answer {
                            None => while stream.read(&mut [0; 1]).await.is_ok_and(|read| read > 0) {},
                            Some(status) => {
                                let answer = format!(
                                    "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                                );
                                let _gone = stream.write_all(answer.as_bytes()).await;
                            }
                        }
                    });
                }
            }
        });
        Self { url, seen, bytes, arrived, task }
    }

    /// Has this process trace into it, once: each test has a process of its own.
    pub fn trace(&self) -> traces::Traces {
        let settings = config::Traces {
            otlp_endpoint: Some(self.url.parse().unwrap()),
            otlp_headers: Some(Secret::new(format!("x-collector-key={KEY}"))),
            ..config::Traces::default()
        };
        traces::begin(traces::Settings {
            endpoint: settings.endpoint().unwrap(),
            headers: settings.headers().unwrap(),
            sample: 1.0,
            service: "mist",
            version: "1",
            instance: "test".to_owned(),
        })
        .unwrap()
    }

    /// The variables by which a store traces into it.
    pub fn settings(&self) -> [(&str, &str); 3] {
        [
            ("MIST_TRACES__OTLP_ENDPOINT", &self.url),
            ("MIST_TRACES__OTLP_HEADERS", "x-collector-key=collector-key-7f3a"),
            ("MIST_TRACES__SAMPLE", "1"),
        ]
    }

    /// What it took so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Everything that it was sent, as it came.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    /// Waits until another message arrives.
    pub async fn arrival(&mut self) {
        self.arrived.recv().await.unwrap();
    }

    /// Waits for a span of that name.
    pub async fn span(&mut self, name: &str) -> Seen {
        loop {
            if let Some(span) = self.seen().into_iter().find(|span| span.name == name) {
                return span;
            }
            self.arrival().await;
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn judged(head: &str) -> &'static str {
    let bears = |line: &str| head.lines().any(|other| other.eq_ignore_ascii_case(line));
    let fits = head.starts_with("POST /v1/traces HTTP/1.1")
        && bears("content-type: application/x-protobuf")
        && bears(&format!("x-collector-key: {KEY}"));
    if fits { "200 OK" } else { "400 Bad Request" }
}

async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
            });
            if bytes.len() - end - 4 >= length.unwrap() {
                return Some((head, bytes[end + 4..].to_vec()));
            }
        }
        match stream.read(&mut chunk).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&chunk[..read]),
            _ => return None,
        }
    }
}

fn understood(body: &[u8]) -> Vec<Seen> {
    let message = ExportTraceServiceRequest::decode(body).unwrap();
    let mut spans = Vec::new();
    for resource in message.resource_spans {
        let of = texts(&resource.resource.unwrap().attributes);
        assert_eq!(of["service.name"], "mist");
        for scope in resource.scope_spans {
            spans.extend(scope.spans.iter().map(seen));
        }
    }
    spans
}

fn seen(span: &Span) -> Seen {
    assert!(span.events.is_empty(), "what is logged is sent as well: {span:?}");
    assert!(span.end_time_unix_nano >= span.start_time_unix_nano, "{span:?}");
    Seen {
        name: span.name.clone(),
        trace: hex::encode(&span.trace_id),
        id: hex::encode(&span.span_id),
        parent: hex::encode(&span.parent_span_id),
        links: span.links.iter().map(|link| hex::encode(&link.trace_id)).collect(),
        kind: span.kind().as_str_name(),
        failed: span.status.as_ref().is_some_and(|status| status.code == 2),
        attributes: texts(&span.attributes),
    }
}

fn texts(attributes: &[KeyValue]) -> HashMap<String, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes
        .iter()
        .map(|pair| (pair.key.clone(), text(pair.value.as_ref().unwrap().value.as_ref().unwrap())))
        .collect()
}
