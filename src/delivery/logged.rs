//! Counting downloads that went past the store by the logs of what sent them.
//!
//! Each request counts once, whichever files it is found in and however often they are read.
use std::io::BufRead;

use chrono::Duration;
use entity::download_grant::Model as Grant;
use uuid::Uuid;

use super::{
    access_logs::{Logged, Reader},
    deliveries, logged_queries as queries,
    queries::grant,
    stamping,
};
use crate::{
    app::App,
    error::{Error, Refusal, Result},
    library,
};

/// Lines that are counted in one transaction.
const BATCH: usize = 200;
/// Bytes of a line at most; longer ones are of nothing that counts.
const LINE: u64 = 64 * 1024;
/// How long it is known which requests were counted; what is older counts no more.
const KEPT: Duration = Duration::days(31);

const NOT_BY_LOGS: Refusal = Refusal::conflict(
    "not_by_logs",
    "Downloads count when their links are given out; set delivery.count_by_logs to count them by logs.",
);

/// What [`count_logged`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Requests that count from now on.
    pub counted: u64,
    /// Those that did already.
    pub known: u64,
    /// Those that are too old, or of links that nobody has any more.
    pub passed_over: u64,
}

/// Counts what an access log tells. Lines that tell of something else are passed over without a word.
pub async fn count_logged(app: &App, log: &mut (dyn BufRead + Send)) -> Result<Counted> {
    if !app.config.delivery.count_by_logs {
        return Err(NOT_BY_LOGS.into());
    }
    let (mut reader, mut counted) = (Reader::default(), Counted::default());
    let mut batch = Vec::new();
    while let Some(line) = line(log)? {
        batch.extend(reader.read(&line));
        if batch.len() >= BATCH {
            count(app, &std::mem::take(&mut batch), &mut counted).await?;
        }
    }
    count(app, &batch, &mut counted).await?;
    Ok(counted)
}

/// The next line, cut where it is too long.
fn line(log: &mut (dyn BufRead + Send)) -> Result<Option<String>> {
    let mut line = Vec::new();
    let read =
        std::io::Read::take(&mut *log, LINE).read_until(b'\n', &mut line).map_err(Error::unexpected)?;
    if read == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        log.skip_until(b'\n').map_err(Error::unexpected)?;
    }
    Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()))
}

async fn count(app: &App, batch: &[Logged], counted: &mut Counted) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let oldest = app.clock.now() - KEPT;
    let of_batch = app
        .db
        .write(async |tx| {
            let (mut counted, mut found) = (Counted::default(), Vec::new());
            for logged in batch {
                match grant(tx, logged.grant).await?.filter(|_| logged.at >= oldest) {
                    Some(grant) => found.push((grant, logged)),
                    None => counted.passed_over += 1,
                }
            }
            // What is owned is locked in one order, so that two who count at once don't wait for each other.
            found.sort_by_key(|(grant, _)| (grant.account_id, grant.product_id));
            for (grant, logged) in found {
                match count_one(app, tx, &grant, logged).await? {
                    Some(true) => counted.counted += 1,
                    Some(false) => counted.known += 1,
                    None => counted.passed_over += 1,
                }
            }
            Ok(counted)
        })
        .await?;
    counted.counted += of_batch.counted;
    counted.known += of_batch.known;
    counted.passed_over += of_batch.passed_over;
    Ok(())
}

/// Whether a request counts from now on; none when it never will.
async fn count_one(
    app: &App,
    tx: &sea_orm::DatabaseTransaction,
    grant: &Grant,
    logged: &Logged,
) -> Result<Option<bool>> {
    let Some(file) = stamping::granted(tx, grant).await? else { return Ok(None) };
    // Before the request is remembered, for another may be remembering it.
    library::lock_owned(tx, grant.account_id, grant.product_id).await?;
    if !queries::remember(tx, &logged.request, logged.at).await? {
        return Ok(Some(false));
    }
    // Clocks elsewhere may be ahead of this one, and no download is older than its link.
    let at = logged.at.clamp(grant.created_at, app.clock.now().max(grant.created_at));
    let bytes = i64::try_from(logged.bytes).unwrap_or(i64::MAX);
    deliveries::note_in(tx, grant, file.size, bytes.min(file.size), at).await?;
    Ok(Some(true))
}

/// Forgets the requests that are too old to be counted, and says how many.
pub async fn forget_logged(app: &App) -> Result<u64> {
    let before = app.clock.now() - KEPT;
    app.db.write(async |tx| Ok(queries::forget(tx, before).await?)).await
}

/// The parameter by which the log of a link's request names its grant.
pub(super) fn parameter(grant: Uuid) -> (&'static str, String) {
    (super::access_logs::GRANT, grant.to_string())
}
