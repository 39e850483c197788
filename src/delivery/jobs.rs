//! The jobs of delivery: reading what came past the store, and having files looked through.
use queue::Handlers;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    direct_uploads::{self, VERIFY},
    scans::{self, SCAN},
};
use crate::app::App;

#[derive(Deserialize)]
struct VerifyJob {
    upload_id: Uuid,
}

#[derive(Deserialize)]
struct ScanJob {
    object_key: String,
}

/// Adds the handlers of delivery's jobs.
pub fn handle(handlers: Handlers, app: &App) -> Handlers {
    let (verifying, scanning) = (app.clone(), app.clone());
    let handlers = handlers.on_attempt(VERIFY, move |attempt, payload| {
        let app = verifying.clone();
        async move {
            let job: VerifyJob = serde_json::from_value(payload)?;
            Ok(direct_uploads::verify(&app, job.upload_id, attempt.last).await?)
        }
    });
    handlers.on_attempt(SCAN, move |attempt, payload| {
        let app = scanning.clone();
        async move {
            let job: ScanJob = serde_json::from_value(payload)?;
            Ok(scans::scan(&app, &job.object_key, attempt.last).await?)
        }
    })
}
