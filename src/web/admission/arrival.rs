//! Waiting for what is still being sent, so that a slow sender takes nobody's place.
use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    extract::Request,
};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http_body_util::BodyExt;
use tokio::sync::Semaphore;

use crate::{error::Result, web::in_time::REQUEST_TIMEOUT};

/// Memory is counted in pieces of so many bytes.
const PIECE: usize = 16 * 1024;
/// So many pieces are shared by all that are being sent: 64 MiB.
const MOST_PIECES: u32 = 4096;

/// The memory of all that are being sent.
pub(super) fn memory() -> Semaphore {
    Semaphore::new(MOST_PIECES as usize)
}

/// A request whose body has arrived, or more of it than is taken, or what came before it broke off: whoever reads it says
/// what is wrong with it. 408 `request_timeout` for who takes longer.
///
/// All that are still being sent share so much memory; who finds none left waits for it as for the rest.
pub(super) async fn arrived(
    request: Request,
    memory: &Semaphore,
    most: usize,
    limit: Duration,
) -> Result<Request> {
    // Nothing that only reads looks at a body.
    if request.body().is_end_stream() || request.method().is_safe() {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let bytes =
        body.size_hint().upper().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(most).min(most);
    let pieces = u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX).clamp(1, MOST_PIECES);
    let arriving = async {
        let _room = memory.acquire_many(pieces).await;
        received(body, most).await
    };
    let body = tokio::time::timeout(limit, arriving).await.map_err(|_| REQUEST_TIMEOUT)?;
    Ok(Request::from_parts(parts, body))
}

async fn received(mut body: Body, most: usize) -> Body {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => bytes.extend_from_slice(&data),
            // Trailers are nothing that is read.
            Ok(Err(_)) => {}
            Err(error) => return begun(bytes, StreamExt::boxed(stream::iter([Err(error)]))),
        }
        if bytes.len() > most {
            return begun(bytes, StreamExt::boxed(body.into_data_stream()));
        }
    }
    bytes.freeze().into()
}

fn begun(bytes: BytesMut, rest: stream::BoxStream<'static, std::result::Result<Bytes, axum::Error>>) -> Body {
    Body::from_stream(stream::iter([Ok(bytes.freeze())]).chain(rest))
}
