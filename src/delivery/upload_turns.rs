//! Whose turn it is to write an upload, where the bytes themselves lock nobody out.
//!
//! A turn is held in the upload's row and renewed while it lasts. It keeps two writers from doing the work of one; that each
//! byte counts once is held by the row's offset, which only one of them moves.
use std::time::Duration;

use tokio::{runtime::Handle, task::JoinHandle, time::sleep};
use uuid::Uuid;

use super::upload_queries as queries;
use crate::{app::App, error::Result};

/// For how long a turn is held; after this a copy that died stands in nobody's way. Clients of tus ask again for some ten
/// seconds before they give up.
const HELD: Duration = Duration::from_secs(9);
/// A turn is renewed when this fraction of it has gone.
const RENEWED: u32 = 3;

/// A turn; dropping it gives it back.
pub(super) struct Turn {
    app: App,
    upload: Uuid,
    writer: Uuid,
    renewing: JoinHandle<()>,
    ended: bool,
}

impl Turn {
    /// Takes the turn; none when it is another's.
    pub(super) async fn take(app: &App, upload: Uuid) -> Result<Option<Self>> {
        let (app, writer) = (app.clone(), app.clock.new_id());
        if !hold(&app, upload, writer).await? {
            return Ok(None);
        }
        let renewed = app.clone();
        let renewing = tokio::spawn(async move {
            loop {
                sleep(HELD / RENEWED).await;
                match hold(&renewed, upload, writer).await {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => tracing::warn!(%error, %upload, "a turn to write could not be renewed"),
                }
            }
        });
        Ok(Some(Self { app, upload, writer, renewing, ended: false }))
    }

    /// Gives the turn back before anybody is answered.
    pub(super) async fn end(mut self) {
        self.renewing.abort();
        self.ended = true;
        give_back(&self.app, self.upload, self.writer).await;
    }
}

impl Drop for Turn {
    /// Whoever asked is gone: what was done for them ends here.
    fn drop(&mut self) {
        self.renewing.abort();
        let (false, Ok(runtime)) = (self.ended, Handle::try_current()) else { return };
        let (app, upload, writer) = (self.app.clone(), self.upload, self.writer);
        runtime.spawn(async move { give_back(&app, upload, writer).await });
    }
}

async fn hold(app: &App, upload: Uuid, writer: Uuid) -> Result<bool> {
    let now = app.clock.now();
    app.db.write(async |tx| Ok(queries::take_turn(tx, upload, writer, now, now + HELD).await?)).await
}

/// Best effort: a turn that is not given back ends by itself.
async fn give_back(app: &App, upload: Uuid, writer: Uuid) {
    let given = app.db.write(async |tx| Ok(queries::end_turn(tx, upload, writer).await?));
    if let Err(error) = given.await {
        tracing::warn!(%error, %upload, "a turn to write was not given back");
    }
}
