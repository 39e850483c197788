//! `mist serve`: a store until it is told to stop.
use std::io::IsTerminal;

use mist::{
    app::App,
    config::{self, Config, LogFormat},
    demo,
    metrics::Exporter,
    store::Store,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::{clock, told};
use crate::open_files;

pub(crate) async fn run(mut settings: Config, demo: bool) -> Result<(), String> {
    log(settings.logs);
    bound_connections(&mut settings.http);
    let stop = CancellationToken::new();
    tokio::spawn(cancel_on_signal(stop.clone())?);
    let traces = trace(&settings.traces);
    let exporter = match settings.metrics.listen {
        Some(listen) => Exporter::open(listen, &clock()).await.map_err(told)?,
        None => None,
    };
    // Who is told to stop before the store is there has nothing to finish.
    let Some(store) = stop.run_until_cancelled(Store::open(settings, clock())).await else { return Ok(()) };
    let store = store.map_err(told)?;
    let app = store.app.clone();
    if demo {
        fill_demo(&app).await?;
    }
    println!("Mist is ready at {}", app.public_url("/"));
    println!("  API reference  {}", app.public_url("/docs"));
    println!("  Catalog        {}", app.public_url("/api/v1/products"));
    println!("  Data           {}", app.config.data_dir.display());
    println!("  Make an admin  mist account create --email you@example.com --role admin --password-stdin");
    if let Some(exporter) = &exporter {
        println!("  Metrics        http://{}/metrics", exporter.address);
    }
    if let Some(exporter) = exporter {
        tokio::spawn(exporter.run(app.clone(), stop.clone()));
    }
    let outcome = store.run(stop).await.map_err(told);
    if let Some(traces) = traces {
        traces.end().await;
    }
    outcome
}

/// Serves no more connections at once than there may be files open.
fn bound_connections(settings: &mut config::Http) {
    let wished = settings.max_connections;
    let connections = open_files::connections(wished);
    if connections < wished {
        tracing::warn!(wished, connections, "http.max_connections: this process may open too few files");
        settings.max_connections = connections;
    }
}

/// Writes the log to standard error.
fn log(settings: config::Logs) {
    let filter = EnvFilter::try_from_env("RUST_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).init(),
    }
}

/// Traces, where there is a collector. Traces are not worth a store that doesn't start.
fn trace(settings: &config::Traces) -> Option<traces::Traces> {
    let begun = traces::begin(traces::Settings {
        endpoint: settings.endpoint()?,
        headers: settings.headers()?,
        sample: settings.sample,
        service: "mist",
        version: env!("CARGO_PKG_VERSION"),
        instance: clock().new_id().to_string(),
    });
    begun.inspect_err(|error| tracing::error!(%error, "nothing is traced")).ok()
}

/// Fills an empty store and prints who can sign in.
async fn fill_demo(app: &App) -> Result<(), String> {
    match demo::fill(app).await.map_err(told)? {
        Some(people) => {
            println!("The demo catalog is in. Sign in as:");
            for person in people {
                println!("  {:<9} {}  password {}", person.role, person.email, person.password);
            }
        }
        None => println!("This store has data already: it is served as it is, without the demo."),
    }
    Ok(())
}

/// Cancels at SIGTERM or Ctrl-C.
pub(crate) fn cancel_on_signal(
    stop: CancellationToken,
) -> Result<impl Future<Output = ()> + Send + 'static, String> {
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
