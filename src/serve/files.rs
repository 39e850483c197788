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
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
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
