//! What runs beside the requests: the job runner with every slice's handlers, and scheduled work.
use std::sync::Arc;

use queue::{Handlers, Runner, RunnerSettings, Sources};
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// The handlers of every job kind; each slice adds its own.
pub fn handlers(_app: &App) -> Handlers {
    Handlers::new()
}

/// The runner of this process.
pub fn runner(app: &App) -> Runner {
    let (clock, ids) = (app.clock.clone(), app.clock.clone());
    let sources = Sources {
        clock: Arc::new(move || clock.now()),
        ids: Arc::new(move || ids.new_id()),
        chance: Arc::new(crate::keys::chance),
    };
    Runner::new(app.db.writer().clone(), handlers(app), RunnerSettings::default(), sources, app.wake.clone())
}

/// Runs jobs until `stop` is cancelled.
pub async fn run(app: App, stop: CancellationToken) {
    runner(&app).run(stop).await;
}
