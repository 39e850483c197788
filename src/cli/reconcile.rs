//! `mist reconcile`: asks the payment providers what they never told.
use mist::{app::App, checkout, config::Config, store};

use super::{clock, told};

pub(crate) async fn run(settings: Config) -> Result<(), String> {
    let db = store::connect(&settings).await.map_err(told)?;
    let port = settings.http.listen.port();
    let app = App::open(settings, clock(), db, port).await.map_err(told)?;
    let run = checkout::reconcile(&app).await.map_err(told)?;
    println!(
        "{} open payments were looked at, {} settled or closed; {} refunds and {} returns were asked for again; {} events are applied anew",
        run.looked_at, run.settled, run.refunds, run.returns, run.events
    );
    match run.unreachable {
        0 => Ok(()),
        count => Err(format!("{count} could not be asked at present.")),
    }
}
