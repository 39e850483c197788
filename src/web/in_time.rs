//! How long a request may take, and whose fault it is when it takes longer: 408 of the client that is still sending, 503 of
//! the store that has what it needs.
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};

use crate::error::{Error, Refusal, UNAVAILABLE};

/// 408: what was sent did not arrive in time.
pub const REQUEST_TIMEOUT: Refusal = Refusal::with_status(
    StatusCode::REQUEST_TIMEOUT,
    "request_timeout",
    "The request did not arrive in time.",
);

/// Answers within the limit: 408 `request_timeout` if the body was awaited at its end, else 503 `unavailable`.
pub async fn within(limit: Duration, request: Request, next: Next) -> Response {
    let awaited = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| Body::new(Watched { body, awaited: Arc::clone(&awaited) }));
    let Ok(response) = tokio::time::timeout(limit, next.run(request)).await else {
        let late = if awaited.load(Ordering::Relaxed) { REQUEST_TIMEOUT } else { UNAVAILABLE };
        return Error::from(late).into_response();
    };
    response
}

/// A body that tells whether somebody waits for more of it.
struct Watched {
    body: Body,
    awaited: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        self.awaited.store(frame.is_pending(), Ordering::Relaxed);
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
