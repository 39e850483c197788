//! The service before all others: gives a stranger the answer that is there, and keeps the one that is made.
use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
};
use futures::{
    FutureExt,
    future::{BoxFuture, Either, Ready, ready},
};
use http::{HeaderValue, Method, header};
use http_body_util::BodyExt;
use tower::{Service, ServiceExt};

use super::{Asked, Kept};
use crate::{
    app::App,
    error::{Error, Result},
    web::{
        admission::{RATE_LIMIT, RATE_LIMIT_POLICY},
        layers::{self, REQUEST_ID},
    },
};

/// The store's router behind the answers that are kept. It stands outside of every layer, so that one that is there
/// costs no more than its look-up: it has passed them all when it was made.
#[derive(Clone)]
pub struct Front {
    app: App,
    router: Router,
}

impl Front {
    /// Before a router.
    pub fn new(app: App, router: Router) -> Self {
        Self { app, router }
    }

    /// Answers what is not there, and keeps it if it may be kept.
    async fn fill(self, asked: Asked, route: &'static str, mut request: Request) -> Result<Response> {
        let (method, headers) = (request.method().clone(), request.headers().clone());
        request.headers_mut().insert(header::ACCEPT_ENCODING, asked.encoding.only());
        if method == Method::GET {
            // Asked in full, so that there is something to keep.
            request.headers_mut().remove(header::IF_NONE_MATCH);
        }
        let (generation, now) = (self.app.answers.generation(), self.app.clock.now());
        let Ok(response) = self.router.oneshot(request).await;
        let lifetime = Kept::lifetime(response.status(), response.headers());
        let Some(seconds) = lifetime.filter(|_| method == Method::GET) else { return Ok(response) };
        let id = response.headers().get(&REQUEST_ID).cloned().unwrap_or_else(|| HeaderValue::from_static(""));
        let (mut parts, body) = response.into_parts();
        // What is left to one who asks is nobody else's.
        parts.headers.remove(RATE_LIMIT);
        parts.headers.remove(RATE_LIMIT_POLICY);
        let body = body.collect().await.map_err(Error::unexpected)?.to_bytes();
        let kept = Kept::new(route, generation, (now, seconds), parts.headers, body);
        let kept = Arc::new(kept.ok_or_else(|| Error::unexpected("an answer lost its entity tag"))?);
        self.app.answers.keep(asked, Arc::clone(&kept));
        Ok(kept.give(&method, &headers, id, now))
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<
        Ready<std::result::Result<Response, Infallible>>,
        BoxFuture<'static, std::result::Result<Response, Infallible>>,
    >;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let began = Instant::now();
        let Some((asked, route)) = Asked::of(&request) else {
            return Either::Right(self.router.clone().oneshot(request).boxed());
        };
        let now = self.app.clock.now();
        let Some(kept) = self.app.answers.get(&asked, now) else {
            metrics::counter!("mist_answers_made_total", "route" => route).increment(1);
            let front = self.clone();
            let filled = front.fill(asked, route, request);
            return Either::Right(filled.map(|outcome| Ok(outcome.into_response())).boxed());
        };
        let id = layers::request_id(request.headers());
        let id = id.unwrap_or_else(|| self.app.clock.new_id().to_string());
        let value = HeaderValue::try_from(&id).unwrap_or_else(|_| HeaderValue::from_static(""));
        let response = kept.give(request.method(), request.headers(), value, now);
        let elapsed = began.elapsed();
        let status = response.status();
        tracing::debug!(%id, route, status = status.as_u16(), elapsed_us = elapsed.as_micros(), "answered again");
        kept.count(status, elapsed);
        Either::Left(ready(Ok(response)))
    }
}
