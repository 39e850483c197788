//! A connection on which the head of a request must arrive in time, however long it waited for its first byte.
//!
//! hyper has one time-out for both. Whoever sends a head byte by byte should not have the time that a proxy may keep a connection
//! for its next request, and a proxy must not find closed what it believes open: it would answer 502.
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// Where in its requests a connection is: told by whoever answers them.
#[derive(Clone, Default)]
pub(super) struct Requests(Arc<Phase>);

#[derive(Default)]
struct Phase {
    is_answering: AtomicBool,
    begun: AtomicU64,
}

impl Requests {
    /// The head of one has arrived.
    pub(super) fn begin(&self) {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        self.0.is_answering.store(true, Ordering::Relaxed);
    }

    /// One was answered: what comes next is a head.
    pub(super) fn end(&self) {
        self.0.is_answering.store(false, Ordering::Relaxed);
    }
}

/// A connection with a limit on how long a head may take.
pub(super) struct Heads<S> {
    stream: S,
    requests: Requests,
    in_time: Duration,
    /// Until when the head that has begun must be there, and how many requests had begun before it.
    limit: Option<(u64, Pin<Box<Sleep>>)>,
}

impl<S> Heads<S> {
    /// One whose first head is under way.
    pub(super) fn new(stream: S, requests: Requests, in_time: Duration) -> Self {
        Self { stream, requests, in_time, limit: Some((0, Box::pin(sleep(in_time)))) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heads<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let begun = this.requests.0.begun.load(Ordering::Relaxed);
        let is_answering = this.requests.0.is_answering.load(Ordering::Relaxed);
        // That of a head which has arrived is over.
        this.limit.take_if(|(before, _)| is_answering || *before != begun);
        let filled = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        match (read, &mut this.limit) {
            (Poll::Pending, Some((_, limit))) => {
                ready!(limit.as_mut().poll(cx));
                Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the head of a request took too long",
                )))
            }
            (read @ Poll::Ready(Ok(())), None) if !is_answering && buf.filled().len() > filled => {
                this.limit = Some((begun, Box::pin(sleep(this.in_time))));
                read
            }
            (read, _) => read,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heads<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const IN_TIME: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn the_first_head_must_come_in_time() {
        let (_client, server) = duplex(64);
        let mut heads = Heads::new(server, Requests::default(), IN_TIME);
        assert_eq!(heads.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_head_is_waited_for_and_then_must_come_in_time() {
        let (mut client, server) = duplex(64);
        let requests = Requests::default();
        let mut heads = Heads::new(server, requests.clone(), IN_TIME);
        client.write_all(b"h").await.unwrap();
        assert_eq!(heads.read_u8().await.unwrap(), b'h');
        requests.begin();
        // Its body may pause.
        assert!(tokio::time::timeout(IN_TIME * 3, heads.read_u8()).await.is_err());
        client.write_all(b"b").await.unwrap();
        assert_eq!(heads.read_u8().await.unwrap(), b'b');
        requests.end();
        // The next one begins when it does.
        assert!(tokio::time::timeout(IN_TIME * 3, heads.read_u8()).await.is_err());
        client.write_all(b"h").await.unwrap();
        assert_eq!(heads.read_u8().await.unwrap(), b'h');
        let began = tokio::time::Instant::now();
        assert_eq!(heads.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= IN_TIME / 2, "it began with its first byte");
    }
}
