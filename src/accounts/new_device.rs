//! Telling an account of a device that it was never used on.
use entity::session;
use sea_orm::ConnectionTrait;

use super::{notices::Notice, queries};
use crate::{app::App, error::Result, events::Event};

/// Records `session.new_device` and enqueues a mail unless an earlier session came from the same address and names itself alike. Call it before the
/// session is written.
pub(super) async fn tell(tx: &impl ConnectionTrait, app: &App, session: &session::Model) -> Result<()> {
    if queries::knows_device(tx, session.account_id, &session.ip, &session.user_agent).await? {
        return Ok(());
    }
    Event::new("session.new_device", session.id).account(session.account_id).record(tx, &app.clock).await?;
    Notice::NewDevice.enqueue(tx, app, session.account_id, session.id).await
}
