//! A client of tus whose parts break off where a plan says so, and that goes on from what the store has.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::stream;
use reqwest::{Body, Method, StatusCode};
use tokio::sync::mpsc::UnboundedSender;

use super::faults::{Failing, Faults};
use super::made::Made;
use super::staff::Staff;
use super::uploads::name_of;
use crate::process::Result;
use crate::random::Random;

/// How long one file may take.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Between two attempts.
const AGAIN: Duration = Duration::from_millis(300);
/// A part, or the question how far it came, takes at most so long.
const LONGEST: Duration = Duration::from_secs(120);

/// What breaks a part off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The sender is gone.
    Sender,
    /// The store is killed.
    Store,
    /// S3 fails.
    Storage,
}

impl Cut {
    pub const ALL: [Self; 3] = [Self::Sender, Self::Store, Self::Storage];
    pub const OF_A_FOLDER: [Self; 2] = [Self::Sender, Self::Store];
}

/// Who sends.
pub struct Sender {
    pub staff: Staff,
    pub faults: Option<Faults>,
    /// Asks for the end of the store.
    pub kill: UnboundedSender<()>,
}

/// A cut at a place of a file.
#[derive(Clone, Copy)]
struct Planned {
    cut: Cut,
    at: u64,
}

impl Sender {
    /// Sends a file whole, with a cut after the other; how often it was cut.
    pub async fn bring(
        &self,
        made: Made,
        build: &str,
        mut cuts: Vec<Cut>,
        mut random: Random,
    ) -> Result<usize> {
        let (began, mut broken) = (Instant::now(), 0);
        let mut place: Option<String> = None;
        loop {
            if began.elapsed() > PATIENCE {
                return Err(format!("{} did not come whole in {PATIENCE:?}", name_of(made)).into());
            }
            let at = match &place {
                Some(place) => place.clone(),
                None => match self.begin(made, build).await {
                    Ok(begun) => place.insert(begun).clone(),
                    // The store is gone at this moment.
                    Err(_) => {
                        tokio::time::sleep(AGAIN).await;
                        continue;
                    }
                },
            };
            let offset = match self.offset(&at).await {
                Ok((_, true)) => return Ok(broken),
                Ok((offset, false)) => offset,
                Err(_) => {
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
            };
            let planned = cuts.last().map(|cut| {
                let room = (made.size - offset) / (cuts.len() as u64 + 1);
                Planned { cut: *cut, at: offset + random.below(usize::try_from(room).unwrap_or(1)) as u64 }
            });
            if self.part(&at, made, offset, planned).await.is_err() {
                if planned.is_some() {
                    cuts.pop();
                    broken += 1;
                }
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    /// Begins the upload and gives where it is.
    async fn begin(&self, made: Made, build: &str) -> Result<String> {
        let path = format!("/api/v1/admin/builds/{build}/uploads");
        let name = STANDARD.encode(name_of(made));
        let admin = self.staff.caller().await?;
        let request = admin.request(Method::POST, &path).header("tus-resumable", "1.0.0");
        let request = request.header("upload-length", made.size).timeout(LONGEST);
        let reply = request.header("upload-metadata", format!("filename {name}")).send().await?;
        let place = reply.headers().get("location").and_then(|place| place.to_str().ok()).map(str::to_owned);
        if reply.status() != StatusCode::CREATED {
            return Err(reply.text().await?.into());
        }
        place.ok_or_else(|| "an upload is nowhere".into())
    }

    /// How far it came, and whether it is a file.
    async fn offset(&self, place: &str) -> Result<(u64, bool)> {
        let admin = self.staff.caller().await?;
        let request = admin.request(Method::GET, place).header("tus-resumable", "1.0.0").timeout(LONGEST);
        let reply = request.send().await?.error_for_status()?;
        let told: serde_json::Value = serde_json::from_str(&reply.text().await?)?;
        let offset = told.get("offset").and_then(serde_json::Value::as_u64).ok_or("no offset")?;
        Ok((offset, told.get("completed_at").is_some_and(|at| !at.is_null())))
    }

    /// Sends the rest; an error when it breaks off, as it is meant to where a cut is planned.
    async fn part(&self, place: &str, made: Made, offset: u64, planned: Option<Planned>) -> Result<()> {
        let (faults, kill) = (self.faults.as_ref(), self.kill.clone());
        let admin = self.staff.caller().await?;
        let (failing, fail) = tokio::sync::oneshot::channel();
        let mut failing = Some(failing);
        let chunks = stream::unfold(offset, move |from| {
            let reached = planned
                .filter(|planned| from >= planned.at || made.bytes(from).len() as u64 > planned.at - from);
            let (kill, failing) = (kill.clone(), reached.and_then(|_| failing.take()));
            async move {
                let bytes = made.bytes(from);
                match reached.map(|planned| planned.cut) {
                    Some(Cut::Sender) => {
                        return Some((Err(std::io::Error::other("the sender is gone")), from));
                    }
                    Some(Cut::Store) => {
                        // Best effort: without a store to kill, the part times out.
                        kill.send(()).ok();
                        std::future::pending::<()>().await;
                    }
                    Some(Cut::Storage) => {
                        if let Some(failing) = failing {
                            failing.send(()).ok();
                            tokio::task::yield_now().await;
                        }
                    }
                    None => {}
                }
                if bytes.is_empty() {
                    return None;
                }
                let next = from + bytes.len() as u64;
                Some((Ok(bytes), next))
            }
        });
        let request = admin
            .request(Method::PATCH, place)
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", offset)
            .header("content-type", "application/offset+octet-stream")
            .timeout(LONGEST)
            .body(Body::wrap_stream(chunks));
        // From the moment on at which the plan says so, and until the part is answered.
        let sending = request.send();
        tokio::pin!(sending);
        let mut held: Option<Failing> = None;
        let reply = tokio::select! {
            reply = &mut sending => reply,
            Ok(()) = fail => {
                held = faults.map(Faults::fail);
                sending.await
            }
        };
        drop(held);
        let reply = reply?;
        let status = reply.status();
        if status == StatusCode::NO_CONTENT {
            Ok(())
        } else {
            Err(format!("{status} {}", reply.text().await?).into())
        }
    }
}
