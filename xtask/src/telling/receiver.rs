//! A program elsewhere that is told of events, and says yes to all.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::process::Result;

/// More than any head of a message has.
const HEAD_MAX: usize = 64 * 1024;

/// Where it is told, and what it was.
pub struct Receiver {
    pub url: String,
    ids: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub async fn new() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let ids = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&ids);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let noted = Arc::clone(&noted);
                tokio::spawn(async move {
                    if let Some(id) = answer(stream).await {
                        noted.lock().unwrap_or_else(PoisonError::into_inner).push(id);
                    }
                });
            }
        });
        Ok(Self { url, ids })
    }

    /// The `webhook-id` of each message, in the order in which they came.
    pub fn ids(&self) -> Vec<String> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Takes one message; nothing of one that breaks off.
async fn answer(mut stream: TcpStream) -> Option<String> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
            };
            let length: usize = header("content-length")?.parse().ok()?;
            if body.len() >= length {
                let id = header("webhook-id");
                let ok = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
                stream.write_all(ok.as_bytes()).await.ok()?;
                return id;
            }
        }
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(chunk.get(..read)?);
        if bytes.len() > HEAD_MAX {
            return None;
        }
    }
}
