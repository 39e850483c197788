//! What Prometheus scrapes, on a listener of its own: requests as they are answered, and what waits.
use std::{io::Write, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::header;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::{net::TcpListener, task::spawn_blocking, time::interval};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    checkout,
    clock::Clock,
    config,
    error::{Error, Result},
    events,
    serve::serve,
};

mod emf;

use emf::Emf;

/// Seconds of an answer by which requests are counted: from a cached read to the request time-out.
const REQUEST_SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
/// How often what was measured is folded into the buckets, so that it doesn't pile up between scrapes.
const UPKEEP: Duration = Duration::from_secs(5);
/// Prometheus' text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The listener of the metrics.
pub struct Exporter {
    /// Where it listens.
    pub address: SocketAddr,
    listener: TcpListener,
    handle: PrometheusHandle,
}

impl Exporter {
    /// Listens and begins to record, once per process. None where another process has the port: metrics are not worth
    /// a store that doesn't start.
    pub async fn open(listen: SocketAddr, clock: &Clock) -> Result<Option<Self>> {
        let listener = match TcpListener::bind(listen).await {
            Ok(listener) => listener,
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                tracing::warn!(%listen, "metrics.listen: another process listens there, so there are no metrics");
                return Ok(None);
            }
            Err(error) => return Err(Error::unexpected(format!("metrics.listen {listen}: {error}"))),
        };
        let address = listener.local_addr().map_err(Error::unexpected)?;
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("mist_http_request_seconds".to_owned()), &REQUEST_SECONDS)
            .and_then(|builder| {
                let shed = Matcher::Full("mist_request_shed_seconds".to_owned());
                builder.set_buckets_for_metric(shed, &REQUEST_SECONDS)
            })
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(Error::unexpected)?;
        let started = clock.now().timestamp_micros() as f64 / 1e6;
        metrics::gauge!("process_start_time_seconds").set(started);
        Ok(Some(Self { address, listener, handle }))
    }

    /// Answers scrapes until `stop` is cancelled, and writes lines for CloudWatch where the settings ask for them.
    pub async fn run(self, app: App, stop: CancellationToken) {
        let upkeep = async {
            let mut tick = interval(UPKEEP);
            loop {
                tick.tick().await;
                self.handle.run_upkeep();
            }
        };
        let router = Router::new().route("/metrics", get(scrape)).with_state(self.handle.clone());
        let lines = write_lines(&self.handle, &app.config.metrics, &app.clock);
        tokio::select! {
            () = serve(self.listener, None, router, &app.config.http, stop) => {}
            () = upkeep => {}
            () = lines => {}
        }
    }
}

/// Writes what was measured to standard output, again and again; never ends.
async fn write_lines(handle: &PrometheusHandle, settings: &config::Metrics, clock: &Clock) {
    if settings.emf_seconds == 0 {
        return std::future::pending().await;
    }
    let mut emf = Emf::new(settings.emf_namespace.clone());
    let mut tick = interval(Duration::from_secs(settings.emf_seconds.into()));
    loop {
        tick.tick().await;
        let mut lines = emf.lines(&handle.render(), clock.now().timestamp_millis()).join("\n");
        lines.push('\n');
        // Whoever reads them slowly holds up nothing else.
        let written = spawn_blocking(move || std::io::stdout().write_all(lines.as_bytes()));
        if let Err(error) = written.await.map_err(std::io::Error::other).flatten() {
            tracing::warn!(%error, "metrics could not be written");
        }
    }
}

async fn scrape(State(handle): State<PrometheusHandle>) -> Response {
    ([(header::CONTENT_TYPE, TEXT)], handle.render()).into_response()
}

/// Sets the gauges of what waits: jobs by state, and how far the readers of the event log are behind.
pub async fn measure(app: &App) -> Result<()> {
    let counts = queue::counts(&app.db.read).await?;
    let states =
        [("ready", counts.ready), ("running", counts.running), ("done", counts.done), ("dead", counts.dead)];
    for (state, jobs) in states {
        metrics::gauge!("mist_jobs", "state" => state).set(jobs as f64);
    }
    let waiting = counts.oldest_ready.map_or(0, |since| (app.clock.now() - since).num_milliseconds().max(0));
    metrics::gauge!("mist_jobs_oldest_ready_seconds").set(waiting as f64 / 1e3);
    metrics::gauge!("mist_events_unnumbered").set(events::unnumbered(app).await? as f64);
    for lag in events::lags(app).await? {
        metrics::gauge!("mist_events_behind", "reader" => lag.reader).set(lag.events as f64);
    }
    match app.db.look_at_replica().await {
        Some(Ok(lag)) => metrics::gauge!("mist_replica_lag_seconds").set(lag),
        // What is not known is not shown as nought.
        Some(Err(error)) => {
            metrics::gauge!("mist_replica_lag_seconds").set(f64::NAN);
            tracing::warn!(%error, "the replica of the database does not answer: the primary is asked");
        }
        None => {}
    }
    app.answers.measure();
    app.read_model.measure(events::newest(app).await?);
    app.identity.hashing.measure();
    checkout::measure();
    Ok(())
}
