//! Uploads: a body becomes a file of a draft, whole or not at all.
use std::{error::Error as StdError, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::StatusCode;
use objects::{Sha256, Writer};
use tower_http::timeout::TimeoutError;
use uuid::Uuid;

use super::{files, quota};
use crate::{
    app::App,
    catalog::builds::BuildFile,
    error::{Error, Refusal, Result},
    values::FileName,
    web::json::{INCOMPLETE, PAYLOAD_TOO_LARGE},
};

/// How long a refused sender is listened to, so that it comes to read the refusal instead of a broken connection.
const LINGER: Duration = Duration::from_secs(2);
/// And for how many bytes.
const LINGER_BYTES: usize = 32 * 1024 * 1024;

const DIGEST_MISMATCH: Refusal =
    Refusal::invalid("digest_mismatch", "The bytes do not have the digest that Repr-Digest says.");
const IDLE: Refusal = Refusal::with_status(
    StatusCode::REQUEST_TIMEOUT,
    "request_timeout",
    "The body paused for longer than is waited.",
);

/// What a sender says of a file before its bytes.
pub(super) struct Announced {
    pub(super) name: FileName,
    /// Bytes.
    pub(super) length: Option<u64>,
    pub(super) sha256: Option<Sha256>,
    /// Whether the sender waits for a word before it sends the bytes.
    pub(super) waits: bool,
}

/// Takes a file in: 413, 422 `digest_mismatch`, 400 when it breaks off, 408 when it pauses too long, 409 when its product is
/// full, before its bytes come where their number is told, or the build was released meanwhile. No transaction is open while
/// bytes arrive, and dropping this leaves nothing behind.
pub(super) async fn receive<E: StdError + 'static>(
    app: &App,
    build: Uuid,
    announced: Announced,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<BuildFile> {
    let file = store(app, build, &announced, &mut body).await;
    if file.is_err() && !announced.waits {
        linger(&mut body).await;
    }
    file
}

async fn store<E: StdError + 'static>(
    app: &App,
    build: Uuid,
    announced: &Announced,
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> Result<BuildFile> {
    let most = app.config.delivery.max_file_bytes;
    if announced.length.is_some_and(|length| length > most) {
        return Err(PAYLOAD_TOO_LARGE.into());
    }
    let mut writer = match announced.length {
        Some(length) => {
            quota::foresee(app, build, &announced.name, length).await?;
            app.objects.writer_of(length).await?
        }
        None => app.objects.writer_up_to(most).await?,
    };
    if let Err(error) = fill(&mut writer, body, most).await {
        writer.abort().await;
        return Err(error);
    }
    let written = writer.written();
    let sealed = writer.seal().await?;
    if announced.sha256.is_some_and(|stated| stated != *sealed.sha256()) {
        sealed.discard().await;
        return Err(DIGEST_MISMATCH.into());
    }
    // What is refused now is no object yet, and leaves nothing.
    if let Err(error) = quota::foresee(app, build, &announced.name, written).await {
        sealed.discard().await;
        return Err(error);
    }
    let stored = sealed.keep().await?;
    files::put(app, build, &announced.name, &stored).await
}

async fn fill<E: StdError + 'static>(
    writer: &mut Writer,
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    most: u64,
) -> Result<()> {
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|error| interruption(&error))?;
        if writer.written() + bytes.len() as u64 > most {
            return Err(PAYLOAD_TOO_LARGE.into());
        }
        writer.write(bytes).await?;
    }
    Ok(())
}

/// Why a body broke off: 408 when it paused too long, else 400.
pub(super) fn interruption(error: &(dyn StdError + 'static)) -> Error {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TimeoutError>() {
            return IDLE.into();
        }
        cause = error.source();
    }
    INCOMPLETE.into()
}

/// Reads on for a moment: a connection that is closed on unread bytes takes the answer with it.
pub(super) async fn linger<E>(body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin)) {
    let mut left = LINGER_BYTES;
    let read = async {
        while let Some(Ok(bytes)) = body.next().await {
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                break;
            }
        }
    };
    // Best effort: whether the sender finished or not, it is answered now.
    drop(tokio::time::timeout(LINGER, read).await);
}
