//! `mist serve`: a store until it is told to stop.
use mist::{config::Config, metrics::Exporter, store::Store};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::{clock, told};

pub(crate) async fn run(settings: Config) -> Result<(), String> {
    let filter = EnvFilter::try_from_env("RUST_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let exporter = match settings.metrics.listen {
        Some(listen) => Exporter::open(listen, &clock()).await.map_err(told)?,
        None => None,
    };
    let store = Store::open(settings, clock()).await.map_err(told)?;
    let app = store.app.clone();
    println!("Mist is ready at {}", app.public_url("/"));
    println!("  API reference  {}", app.public_url("/docs"));
    println!("  Catalog        {}", app.public_url("/api/v1/products"));
    println!("  Data           {}", app.config.data_dir.display());
    println!("  Make an admin  mist account create --email you@example.com --role admin --password-stdin");
    if let Some(exporter) = &exporter {
        println!("  Metrics        http://{}/metrics", exporter.address);
    }
    let stop = CancellationToken::new();
    if let Some(exporter) = exporter {
        tokio::spawn(exporter.run(app.config.http.clone(), stop.clone()));
    }
    tokio::spawn(stop_on_signal(stop.clone())?);
    store.run(stop).await.map_err(told)
}

/// Cancels at SIGTERM or Ctrl-C.
fn stop_on_signal(stop: CancellationToken) -> Result<impl Future<Output = ()> + Send + 'static, String> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    })
}
