//! A connection to which the kernel sends files: what it is handed as a window of one goes there from the file itself.
use std::{
    fs::File,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use objects::Outlet;
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};

/// Whether there are files to be sent here at all.
pub(super) const SENT: bool = cfg!(target_os = "linux");

/// A connection, and what it was handed.
pub(super) struct Connection {
    stream: TcpStream,
    outlet: Outlet,
}

impl Connection {
    /// One that was handed nothing yet.
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, outlet: Outlet::default() }
    }

    /// Where windows for it are left.
    pub(super) fn outlet(&self) -> &Outlet {
        &self.outlet
    }

    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        file: &File,
        offset: u64,
        length: usize,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(cx))?;
            match self.stream.try_io(Interest::WRITABLE, || send(&self.stream, file, offset, length)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                sent => return Poll::Ready(sent),
            }
        }
    }

    fn source(&self, bytes: &[u8]) -> Option<(Arc<File>, u64)> {
        if bytes.is_empty() { None } else { self.outlet.source(bytes) }
    }
}

#[cfg(target_os = "linux")]
fn send(stream: &TcpStream, file: &File, mut offset: u64, length: usize) -> io::Result<usize> {
    Ok(rustix::fs::sendfile(stream, file, Some(&mut offset), length)?)
}

#[cfg(not(target_os = "linux"))]
fn send(_: &TcpStream, _: &File, _: u64, _: usize) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match this.source(buf) {
            Some((file, offset)) => this.poll_send(cx, &file, offset, buf.len()),
            None => Pin::new(&mut this.stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let window = bufs.iter().enumerate().find_map(|(at, buf)| Some((at, this.source(buf)?)));
        let (before, first) = match window {
            None => return Pin::new(&mut this.stream).poll_write_vectored(cx, bufs),
            Some((at, (file, offset))) => {
                let before = bufs.get(..at).unwrap_or_default();
                (before, bufs.get(at).map(|buf| (file, offset, buf.len())))
            }
        };
        match first {
            Some((file, offset, length)) if before.iter().all(|buf| buf.is_empty()) => {
                this.poll_send(cx, &file, offset, length)
            }
            // What stands before the window, such as the head of an answer; the window is asked for next.
            _ => Pin::new(&mut this.stream).poll_write_vectored(cx, before),
        }
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use bytes::Bytes;
    use futures::TryStreamExt;
    use objects::Objects;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn what_stands_before_between_and_behind_windows_keeps_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::open(folder.path().to_owned()).unwrap();
        let file: Vec<u8> = (0..5_000_000_usize).map(|at| (at ^ (at >> 9)).to_le_bytes()[0]).collect();
        let mut writer = objects.writer().await.unwrap();
        writer.write(Bytes::from(file.clone())).await.unwrap();
        let key = writer.finish().await.unwrap().key;

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut connection = Connection::new(listener.accept().await.unwrap().0);
        let read = objects.read_to(&key, 5_000_000, 1..5_000_000, Some(connection.outlet().clone()));
        let windows: Vec<Bytes> = read.await.unwrap().try_collect().await.unwrap();
        assert!(windows.len() > 2 && windows.iter().all(|window| connection.source(window).is_some()));

        let mut pieces = vec![Bytes::from_static(b"head"), Bytes::new()];
        for window in windows {
            pieces.extend([window, Bytes::from_static(b"between")]);
        }
        let expected = pieces.concat();
        let sending = tokio::spawn(async move {
            let mut pieces: std::collections::VecDeque<Bytes> = pieces.into();
            while let Some(first) = pieces.front() {
                if first.is_empty() {
                    pieces.pop_front();
                    continue;
                }
                let slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
                let mut sent = connection.write_vectored(&slices).await.unwrap();
                assert!(sent > 0);
                while let Some(first) = pieces.front_mut() {
                    let of_first = sent.min(first.len());
                    drop(first.split_to(of_first));
                    sent -= of_first;
                    if !first.is_empty() {
                        break;
                    }
                    pieces.pop_front();
                }
            }
            connection.shutdown().await.unwrap();
        });
        let mut received = Vec::new();
        client.read_to_end(&mut received).await.unwrap();
        sending.await.unwrap();
        assert!(received == expected);
    }
}
