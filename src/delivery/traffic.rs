//! How many bytes an account may download in a day.
use chrono::Duration;
use http::StatusCode;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::queries;
use crate::{
    app::App,
    error::{Error, Refusal, Result},
};

/// The time over which bytes are counted, from when a link was made.
const DAY: Duration = Duration::hours(24);

const TOO_MANY_BYTES: Refusal = Refusal::with_status(
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_bytes",
    "This account downloaded as many bytes as a day allows.",
);

/// 429 when the account has had a day's bytes. What is on its way goes on to its end.
pub(super) async fn require_allowance(app: &App, db: &impl ConnectionTrait, account: Uuid) -> Result<()> {
    let most = app.config.delivery.bytes_per_day;
    if most == 0 {
        return Ok(());
    }
    let now = app.clock.now();
    let Some(traffic) = queries::traffic(db, account, now - DAY).await? else { return Ok(()) };
    if u64::try_from(traffic.bytes).map_err(Error::unexpected)? < most {
        return Ok(());
    }
    // As soon as the first link is a day old there may be room.
    let wait = traffic.first.map_or(0, |first| (first + DAY - now).num_seconds()) + 1;
    Err(TOO_MANY_BYTES.after(wait.unsigned_abs()).into())
}
