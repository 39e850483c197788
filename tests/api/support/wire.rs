//! A wire to a server, which can be cut and can swallow what is said over it.
use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

/// Passes connections on to a server until it is cut.
pub struct Wire {
    /// Where it begins, on the loopback.
    pub port: u16,
    cut: CancellationToken,
    hangs: CancellationToken,
    asked: watch::Receiver<u64>,
}

impl Wire {
    /// A wire to the server at an address, from a port; 0 is any that is free.
    pub async fn to(server: String, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = CancellationToken::new();
        let hangs = CancellationToken::new();
        let hanging = hangs.clone();
        let (asking, asked) = watch::channel(0);
        let stop = cut.clone();
        tokio::spawn(async move {
            let server = Arc::new(server);
            while let Some(Ok((near, _))) = stop.run_until_cancelled(listener.accept()).await {
                let (server, stop, hanging) = (Arc::clone(&server), stop.clone(), hanging.clone());
                asking.send_modify(|count| *count += 1);
                tokio::spawn(async move {
                    let far = TcpStream::connect(server.as_str()).await.unwrap();
                    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                    let there = carry(near_in, far_out, hanging.clone());
                    let back = carry(far_in, near_out, hanging);
                    let _ended = stop.run_until_cancelled(async { tokio::join!(there, back) }).await;
                });
            }
        });
        Self { port, cut, hangs, asked }
    }

    /// Ends every connection, and lets none begin.
    pub fn cut(&self) {
        self.cut.cancel();
    }

    /// From now on nothing comes through, and nobody is told so.
    pub fn hang(&self) {
        self.hangs.cancel();
    }

    /// Waits until somebody has connected who had not when this was called last.
    pub async fn asked(&mut self) {
        self.asked.changed().await.unwrap();
    }
}

/// Carries bytes one way until their end, or for ever while the wire hangs.
async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    hanging: CancellationToken,
) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            biased;
            () = hanging.cancelled() => return std::future::pending().await,
            read = from.read(&mut bytes) => read,
        };
        let Ok(count @ 1..) = read else { break };
        if to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
    let _closed = to.shutdown().await;
}
