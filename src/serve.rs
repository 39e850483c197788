//! The listener: HTTP/1.1, private where the settings name a certificate, with time-outs that work, and a shutdown that lets
//! requests finish.
mod files;
mod heads;
mod tls;

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{extract::Request, response::Response};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::{either::Either, sync::CancellationToken};
use tower::{Service, ServiceBuilder};

use self::heads::{Heads, Requests};
pub use self::tls::Tls;
use crate::{config, web::peer::PeerAddress};

/// How long requests in flight may take once the process was told to stop.
const GRACE: Duration = Duration::from_secs(25);
/// Pause after the system refused a connection, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Bytes of a request's head that hyper reads at most; `web::layers` refuses less with a problem document.
const HEAD_BUFFER: usize = 128 * 1024;

/// Serves, privately where there is an acceptor, until `stop` is cancelled, then lets requests in flight finish.
pub async fn serve<S>(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    service: S,
    settings: &config::Http,
    stop: CancellationToken,
) where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(settings.keep_alive.max(settings.header_timeout)))
        .max_buf_size(HEAD_BUFFER)
        .half_close(false);
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(settings.max_connections));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, peer, slot)) = accepted else { continue };
        let stream = files::Connection::new(stream);
        // What is to be encrypted must be read.
        let outlet = (files::SENT && tls.is_none()).then(|| stream.outlet().clone());
        let requests = Requests::default();
        let (begun, ended) = (requests.clone(), requests.clone());
        let answers = ServiceBuilder::new()
            .map_request(move |mut request: http::Request<hyper::body::Incoming>| {
                begun.begin();
                request.extensions_mut().insert(PeerAddress(peer));
                if let Some(outlet) = &outlet {
                    request.extensions_mut().insert(outlet.clone());
                }
                request.map(axum::body::Body::new)
            })
            .map_response(move |response: Response| {
                ended.end();
                response
            })
            .service(service.clone());
        // A client that stops reading gives its connection back. Reading has time-outs of its own, by request.
        let mut stream = Box::pin(TimeoutStream::new(stream));
        stream.as_mut().set_write_timeout_pinned(Some(Duration::from_secs(settings.write_idle_timeout)));
        let (http, watcher, tls) = (http.clone(), graceful.watcher(), tls.clone());
        let in_time = Duration::from_secs(settings.header_timeout);
        tokio::spawn(async move {
            let stream = match tls {
                None => Either::Left(stream),
                Some(tls) => match tokio::time::timeout(in_time, tls.accept(stream)).await {
                    Ok(Ok(stream)) => Either::Right(stream),
                    Ok(Err(error)) => return tracing::debug!(%error, "no private connection"),
                    Err(_) => return tracing::debug!("no private connection in time"),
                },
            };
            let stream = Heads::new(stream, requests, in_time);
            let answers = TowerToHyperService::new(answers);
            let connection = watcher.watch(http.serve_connection(TokioIo::new(stream), answers));
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(slot);
        });
    }
    let mut closing = pin!(graceful.shutdown());
    // Every connection is told before the address is gone: nobody who sees that is answered by one that stays open.
    let told = futures::poll!(closing.as_mut());
    drop(listener);
    if told.is_pending() && tokio::time::timeout(GRACE, closing).await.is_err() {
        tracing::warn!("some requests were cut off at shutdown");
    }
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "no TCP_NODELAY");
            }
            Some((stream, peer, slot))
        }
        Err(error) => {
            tracing::warn!(%error, "could not accept a connection");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}
