//! What stands between the store and S3: it hands on what comes, and for as long as somebody wants it answers 500.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::process::Result;

/// Longest head of a request.
const HEAD: usize = 64 * 1024;
/// What is said while it fails.
const ANSWER: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A server in front of another.
pub struct Faults {
    /// How many want it to fail.
    wanted: Arc<watch::Sender<usize>>,
    answered: Arc<AtomicUsize>,
    /// Where it listens.
    pub port: u16,
}

/// While this is held, it fails.
pub struct Failing(Arc<watch::Sender<usize>>);

impl Drop for Failing {
    fn drop(&mut self) {
        self.0.send_modify(|wanted| *wanted -= 1);
    }
}

impl Faults {
    /// In front of the server at that port.
    pub async fn before(behind: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let (wanted, answered) = (Arc::new(watch::Sender::new(0)), Arc::new(AtomicUsize::new(0)));
        let (failing, count) = (wanted.subscribe(), Arc::clone(&answered));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, behind, failing.clone(), Arc::clone(&count)));
            }
        });
        Ok(Self { wanted, answered, port })
    }

    /// Fails until what this gives is dropped: requests on their way break off, and new ones are answered 500.
    pub fn fail(&self) -> Failing {
        self.wanted.send_modify(|wanted| *wanted += 1);
        Failing(Arc::clone(&self.wanted))
    }

    /// How many requests were answered 500.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
}

async fn connection(
    mut stream: TcpStream,
    behind: u16,
    mut failing: watch::Receiver<usize>,
    count: Arc<AtomicUsize>,
) {
    if *failing.borrow() > 0 {
        if refuse(&mut stream).await.is_some() {
            count.fetch_add(1, Ordering::Relaxed);
        }
        return;
    }
    // Whichever side breaks off, so does the other.
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", behind)).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut stream, &mut server) => {}
        _ = failing.wait_for(|wanted| *wanted > 0) => {}
    }
}

/// Reads a request to its end, and answers that something is wrong; none when it ends before.
async fn refuse(stream: &mut TcpStream) -> Option<()> {
    let mut head = Vec::new();
    let end = loop {
        if let Some(place) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            break place + 4;
        }
        if head.len() > HEAD || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(head.get(..end)?).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut left = length.and_then(|length| length.trim().parse::<usize>().ok()).unwrap_or(0);
    left = left.saturating_sub(head.len() - end);
    let mut rest = vec![0; HEAD];
    while left > 0 {
        let read = stream.read(&mut rest).await.ok()?;
        if read == 0 {
            return None;
        }
        left = left.saturating_sub(read);
    }
    stream.write_all(ANSWER).await.ok()?;
    stream.shutdown().await.ok()
}
