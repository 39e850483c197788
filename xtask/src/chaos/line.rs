//! The line between a store and its database, which can fall silent: nothing is refused and nothing is answered, as where a
//! network drops every packet.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::process::Result;

/// Bytes that are carried at once.
const CARRIED: usize = 64 * 1024;

/// What goes over the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// What belongs to connections of this age or a younger one.
    Carries(u64),
    /// Nothing.
    Silent,
}

/// A line to a port of this machine, for as long as the runtime lives.
pub struct Line {
    pub port: u16,
    state: watch::Sender<State>,
    /// How often it was forgotten who was connected.
    age: Arc<AtomicU64>,
}

impl Line {
    /// A line to a port.
    pub async fn to(port: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (state, watched) = watch::channel(State::Carries(0));
        let line = Self { port: listener.local_addr()?.port(), state, age: Arc::default() };
        let age = Arc::clone(&line.age);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (watched, age) = (watched.clone(), age.load(Ordering::Relaxed));
                // A connection that breaks off is the end of it.
                tokio::spawn(async move { connect(near, port, watched, age).await.ok() });
            }
        });
        Ok(line)
    }

    /// From now on nothing is carried.
    pub fn fall_silent(&self) {
        // Whoever connects while it is silent is of the next age: nobody knows yet of whom it will be forgotten.
        self.age.fetch_add(1, Ordering::Relaxed);
        self.state.send_replace(State::Silent);
    }

    /// Everything is carried again, also what was held up.
    pub fn speak(&self) {
        self.state.send_replace(State::Carries(0));
    }

    /// It carries again what belongs to connections that were opened since it fell silent; on older ones nothing comes
    /// ever, not even their end, as where another machine has taken the address over.
    pub fn speak_to_new_ones(&self) {
        self.state.send_replace(State::Carries(self.age.load(Ordering::Relaxed)));
    }
}

async fn connect(near: TcpStream, port: u16, mut state: watch::Receiver<State>, age: u64) -> Result<()> {
    carries(&mut state, age).await?;
    let far = TcpStream::connect(("127.0.0.1", port)).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    let there = tokio::spawn(carry(near_read, far_write, state.clone(), age));
    let back = tokio::spawn(carry(far_read, near_write, state, age));
    there.await??;
    back.await?
}

/// Carries bytes until they end.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<State>,
    age: u64,
) -> Result<()> {
    let mut bytes = vec![0; CARRIED];
    loop {
        let count = from.read(&mut bytes).await?;
        carries(&mut state, age).await?;
        if count == 0 {
            return Ok(to.shutdown().await?);
        }
        to.write_all(bytes.get(..count).unwrap_or_default()).await?;
    }
}

/// Waits until the line carries what belongs to connections of this age.
async fn carries(state: &mut watch::Receiver<State>, age: u64) -> Result<()> {
    state.wait_for(|state| matches!(state, State::Carries(oldest) if age >= *oldest)).await?;
    Ok(())
}
