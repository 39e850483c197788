//! A line to a store that falls silent in the middle, as those of trains do.
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

pub struct Line {
    /// The address of its near end.
    pub url: String,
    listener: Option<TcpListener>,
    carried: Arc<Carried>,
    carrying: Option<JoinHandle<()>>,
}

struct Carried {
    /// Bytes that still go through, either way.
    left: AtomicU64,
    silent: Notify,
}

impl Line {
    /// A line that leads nowhere yet.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let carried = Arc::new(Carried { left: AtomicU64::new(u64::MAX), silent: Notify::new() });
        Self { url, listener: Some(listener), carried, carrying: None }
    }

    /// Leads it to a store.
    pub fn lead_to(&mut self, store: &str) {
        let (listener, carried) = (self.listener.take().unwrap(), Arc::clone(&self.carried));
        let store = store.strip_prefix("http://").unwrap().to_owned();
        self.carrying = Some(tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&store).await.unwrap();
                tokio::spawn(carry(near, far, Arc::clone(&carried)));
            }
        }));
    }

    /// Lets so many bytes through from now on, and nothing behind them.
    pub fn let_through(&self, bytes: u64) {
        self.carried.left.store(bytes, Ordering::SeqCst);
    }

    /// Waits until it is silent.
    pub async fn silent(&self) {
        tokio::time::timeout(Duration::from_secs(60), self.carried.silent.notified()).await.unwrap();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(carrying) = &self.carrying {
            carrying.abort();
        }
    }
}

/// Carries until either end hangs up.
async fn carry(near: TcpStream, far: TcpStream, carried: Arc<Carried>) {
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    tokio::select! {
        () = pump(near_in, far_out, &carried) => {}
        () = pump(far_in, near_out, &carried) => {}
    }
}

async fn pump(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, carried: &Carried) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        let enough = |left: u64| left.checked_sub(read as u64);
        if carried.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, enough).is_err() {
            // What doesn't fit is lost, and so is all behind it.
            carried.left.store(0, Ordering::SeqCst);
            carried.silent.notify_one();
            continue;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
