//! Whether what a store needs around it answers: looked at by one at a time, however many ask.
use std::time::Duration;

use tokio::{sync::Mutex, time::Instant};

use crate::{
    app::App,
    error::{Error, Result},
};

/// How long what was found counts: anybody may ask, and each look costs a question to the database and one to the storage.
const COUNTS: Duration = Duration::from_secs(1);

/// What was found last.
#[derive(Default)]
pub struct Surroundings(Mutex<Option<Found>>);

struct Found {
    at: Instant,
    lack: Option<String>,
}

impl Surroundings {
    /// Whether the database and the storage answer and every migration is applied, as it was a second ago at most; 503.
    pub async fn look(&self, app: &App) -> Result<()> {
        // Whoever comes while somebody looks waits for what that finds.
        let mut last = self.0.lock().await;
        let lack = match &*last {
            Some(found) if found.at.elapsed() < COUNTS => found.lack.clone(),
            _ => {
                let lack = looked(app).await.err().map(|error| error.to_string());
                *last = Some(Found { at: Instant::now(), lack: lack.clone() });
                lack
            }
        };
        match lack {
            None => Ok(()),
            Some(lack) => Err(Error::unavailable(lack)),
        }
    }
}

async fn looked(app: &App) -> Result<()> {
    let pending = migration::pending(&app.db.read).await?;
    if pending > 0 {
        return Err(Error::unavailable(format!("{pending} migrations are not applied")));
    }
    app.objects.probe().await?;
    Ok(())
}
