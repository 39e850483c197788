//! A program elsewhere, on loopback, that is told of events.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// What it answers.
#[derive(Clone, Debug)]
pub enum Manner {
    /// This status, with a short text.
    Status(u16),
    /// Nothing, and keeps the connection open.
    Hang,
    /// Another address.
    Redirect(String),
    /// 200 with 100 MB.
    Flood,
}

/// A message as it arrived.
#[derive(Clone, Debug)]
pub struct Message {
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Message {
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub struct Receiver {
    pub url: String,
    manner: Arc<Mutex<Manner>>,
    messages: Arc<Mutex<Vec<Message>>>,
    arrived: mpsc::UnboundedReceiver<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Receiver {
    pub async fn new(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?token=of-the-receiver", listener.local_addr().unwrap());
        let (manner, messages) = (Arc::new(Mutex::new(manner)), Arc::<Mutex<Vec<Message>>>::default());
        let (told, arrived) = mpsc::unbounded_channel();
        let task = tokio::spawn({
            let (manner, messages) = (Arc::clone(&manner), Arc::clone(&messages));
            async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (manner, messages, told) = (Arc::clone(&manner), Arc::clone(&messages), told.clone());
                    tokio::spawn(async move {
                        let mut stream = stream;
                        let message = read(&mut stream).await;
                        messages.lock().unwrap().push(message);
                        let manner = manner.lock().unwrap().clone();
                        let _gone = told.send(());
                        answer(&mut stream, manner).await;
                    });
                }
            }
        });
        Self { url, manner, messages, arrived, task }
    }

    pub fn be(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// What has arrived so far.
    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits until something arrives.
    pub async fn arrival(&mut self) {
        self.arrived.recv().await.unwrap();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(stream: &mut TcpStream) -> Message {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
            let headers: HashMap<String, String> =
                lines.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
            let length: usize = headers["content-length"].parse().unwrap();
            if body.len() >= length {
                return Message { headers, body: body.to_owned() };
            }
        }
        let read = stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "a message broke off");
        bytes.extend_from_slice(&chunk[..read]);
    }
}

/// Whoever has heard enough may go.
async fn answer(stream: &mut TcpStream, manner: Manner) {
    let head = |status: u16, more: &str, length: usize| {
        format!("HTTP/1.1 {status} X\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n")
    };
    match manner {
        Manner::Status(status) => {
            let _gone = stream.write_all(format!("{}thanks", head(status, "", 6)).as_bytes()).await;
        }
        Manner::Redirect(to) => {
            let _gone = stream.write_all(head(302, &format!("location: {to}\r\n"), 0).as_bytes()).await;
        }
        Manner::Hang => {
            let _gone = stream.read(&mut [0; 1]).await;
        }
        Manner::Flood => {
            let _gone = stream.write_all(head(200, "", 100_000_000).as_bytes()).await;
            for _ in 0..1000 {
                if stream.write_all(&[b'x'; 100_000]).await.is_err() {
                    return;
                }
            }
        }
    }
}
