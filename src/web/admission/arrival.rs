//! Waiting for what is still being sent, so that a slow sender takes nobody's place.
use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    extract::Request,
};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http_body_util::BodyExt;

use crate::{error::Result, web::in_time::REQUEST_TIMEOUT};

/// A request whose body has arrived, or more of it than is taken, or what came before it broke off: whoever reads it says
/// what is wrong with it. 408 `request_timeout` for who takes longer.
pub(super) async fn arrived(request: Request, most: usize, limit: Duration) -> Result<Request> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let body = tokio::time::timeout(limit, received(body, most)).await.map_err(|_| REQUEST_TIMEOUT)?;
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
