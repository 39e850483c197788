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

pub(crate) async fn run(settings: Config, demo: bool) -> Result<(), String> {
    log(settings.logs);
    let traces = trace(&settings.traces);
    let exporter = match settings.metrics.listen {
        Some(listen) => Exporter::open(listen, &clock()).await.map_err(told)?,
        None => None,
    };
    let store = Store::open(settings, clock()).await.map_err(told)?;
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
    let stop = CancellationToken::new();
    if let Some(exporter) = exporter {
        tokio::spawn(exporter.run(app.clone(), stop.clone()));
    }
    tokio::spawn(stop_on_signal(stop.clone())?);
    let outcome = store.run(stop).await.map_err(told);
    if let Some(traces) = traces {
        traces.end().await;
    }
    outcome
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
