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

use super::room::OVERLOADED;
use crate::{error::Result, web::in_time::REQUEST_TIMEOUT};

/// Memory is counted in pieces of so many bytes. The first is everybody's own: hardly a request is larger.
const PIECE: usize = 16 * 1024;
/// Further pieces that are shared by all that are being sent: 64 MiB.
const SHARED: usize = 4096;

/// The memory of all that are being sent.
pub(super) fn memory() -> Semaphore {
    Semaphore::new(SHARED)
}

/// A request whose body has arrived, or more of it than is taken, or what came before it broke off: whoever reads it says
/// what is wrong with it. 408 `request_timeout` for who takes longer; 503 `overloaded` for what finds no memory left.
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
    let received = tokio::time::timeout(limit, received(body, memory, most)).await;
    Ok(Request::from_parts(parts, received.map_err(|_| REQUEST_TIMEOUT)??))
}

async fn received(mut body: Body, memory: &Semaphore, most: usize) -> Result<Body> {
    let mut bytes = BytesMut::new();
    let mut pieces = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => bytes.extend_from_slice(&data),
            // Trailers are nothing that is read.
            Ok(Err(_)) => {}
            Err(error) => return Ok(begun(bytes, StreamExt::boxed(stream::iter([Err(error)])))),
        }
        if bytes.len() > most {
            return Ok(begun(bytes, StreamExt::boxed(body.into_data_stream())));
        }
        while bytes.len() > (pieces.len() + 1) * PIECE {
            pieces.push(memory.try_acquire().map_err(|_| OVERLOADED)?);
        }
    }
    Ok(bytes.freeze().into())
}

fn begun(bytes: BytesMut, rest: stream::BoxStream<'static, std::result::Result<Bytes, axum::Error>>) -> Body {
    Body::from_stream(stream::iter([Ok(bytes.freeze())]).chain(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_large_shares_memory_and_what_is_small_needs_none() {
        let memory = Semaphore::new(1);
        let send = async |bytes: usize| {
            let request = Request::post("/").body(Body::from(vec![b' '; bytes])).unwrap();
            let arrived = arrived(request, &memory, 4 * PIECE, Duration::from_secs(60)).await?;
            Ok::<_, crate::error::Error>(arrived.into_body().collect().await.unwrap().to_bytes().len())
        };
        assert_eq!(send(2 * PIECE).await.unwrap(), 2 * PIECE);
        assert_eq!(send(3 * PIECE).await.unwrap_err().code(), "overloaded");
        let _all = memory.acquire().await.unwrap();
        assert_eq!(send(PIECE).await.unwrap(), PIECE);
    }
}
