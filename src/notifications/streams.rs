//! What an account is told, as it comes: server-sent events that are read from the table, so that whoever resumes with the
//! last position it saw has missed nothing, on whichever copy and after whatever restart.
use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{Stream, stream};
use http::StatusCode;
use moka::future::Cache;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    queries,
    shown::{Reader, shown},
};
use crate::{
    accounts,
    app::App,
    error::{Error, Refusal, Result},
    places::{Place, Places},
};

/// How often it is looked whether there is something new: one look of a copy serves all its streams.
const POLL: Duration = Duration::from_millis(500);
/// How often it is looked whether the credential still stands.
const CREDENTIAL: Duration = Duration::from_secs(3);
/// Rows read at once.
const BATCH: u64 = 50;
/// Milliseconds after which a browser connects again.
const RETRY: u64 = 2_000;

const TOO_MANY_STREAMS: Refusal = Refusal::with_status(
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_streams",
    "As many streams of this account are open as may be; close one first.",
);

/// The streams that this copy has open.
pub struct Streams {
    open: Places,
    /// The last position that was given, as of at most [`POLL`] ago.
    latest: Cache<(), i64>,
    bell: Notify,
    stop: CancellationToken,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            open: Places::default(),
            latest: Cache::builder().max_capacity(1).time_to_live(POLL).build(),
            bell: Notify::new(),
            stop: CancellationToken::new(),
        }
    }
}

impl Streams {
    /// Says that there may be something new. What rings on another copy is found by the next look.
    pub async fn ring(&self) {
        self.latest.invalidate(&()).await;
        self.bell.notify_waiters();
    }

    /// Ends every stream, now and from now on: the process is told to stop.
    pub fn end(&self) {
        self.stop.cancel();
    }

    async fn latest(&self, app: &App) -> Result<i64> {
        let read = async { queries::mark(&app.db.read, queries::POSITION).await };
        self.latest.try_get_with((), read).await.map_err(Error::unavailable)
    }
}

/// Who listens, and for how long at most.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) reader: Reader,
    /// The session or API key: with it the stream ends.
    pub(super) credential: Uuid,
    /// UTC, when the credential ends in any case.
    pub(super) until: Option<DateTime<Utc>>,
}

/// The place of one more stream of an account, for as long as it is held; 429 `too_many_streams`.
pub(super) fn place(app: &App, account: Uuid) -> Result<Place> {
    let most = usize::from(app.config.notifications.streams_per_account.get());
    Ok(app.streams.open.take(account, most).ok_or(TOO_MANY_STREAMS)?)
}

/// What is told to an account from behind a position on, or from now on.
pub(super) async fn open(
    app: &App,
    listener: Listener,
    place: Place,
    last_seen: Option<i64>,
) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static> {
    let latest = app.streams.latest(app).await?;
    let listening = Listening {
        app: app.clone(),
        listener,
        // A database that was put back has given fewer positions than it once had.
        place: last_seen.map_or(latest, |seen| seen.min(latest)),
        heartbeat: Duration::from_secs(app.config.notifications.heartbeat.get().into()),
        looked: None,
        queue: VecDeque::from([Bytes::from(format!("retry: {RETRY}\n\n"))]),
        spoke: Instant::now(),
        judged: Instant::now(),
        _place: place,
    };
    Ok(stream::unfold(listening, |mut listening| async move {
        let next = listening.next().await?;
        Some((Ok(next), listening))
    }))
}

/// An open stream.
struct Listening {
    app: App,
    listener: Listener,
    /// The position that was told last.
    place: i64,
    /// How long nothing is sent before a sign of life is.
    heartbeat: Duration,
    /// The last position there was when nothing was left to tell.
    looked: Option<i64>,
    queue: VecDeque<Bytes>,
    spoke: Instant,
    judged: Instant,
    _place: Place,
}

impl Listening {
    /// The next piece; none at the end. What fails ends it too: the client comes again and resumes.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.queue.pop_front() {
                self.spoke = Instant::now();
                return Some(piece);
            }
            match self.look().await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    tracing::warn!(%error, "a stream of notifications ends");
                    return None;
                }
            }
            if !self.queue.is_empty() {
                continue;
            }
            if self.spoke.elapsed() >= self.heartbeat {
                self.queue.push_back(Bytes::from_static(b": alive\n\n"));
                continue;
            }
            self.wait().await;
        }
    }

    async fn wait(&self) {
        tokio::select! {
            () = self.app.streams.stop.cancelled() => {}
            () = self.app.streams.bell.notified() => {}
            () = sleep(POLL) => {}
        }
    }

    /// Fetches what is new; false: the stream is over.
    async fn look(&mut self) -> Result<bool> {
        if self.app.streams.stop.is_cancelled() || !self.still_stands().await? {
            return Ok(false);
        }
        let latest = self.app.streams.latest(&self.app).await?;
        if self.looked.is_some_and(|looked| looked >= latest) {
            return Ok(true);
        }
        let account = self.listener.reader.account;
        let rows = queries::after(&self.app.db.read, account, self.place, BATCH).await?;
        match rows.last() {
            Some(last) => self.place = last.position,
            None => self.looked = Some(latest),
        }
        let positions: HashMap<Uuid, i64> = rows.iter().map(|row| (row.id, row.position)).collect();
        for told in shown(&self.app, &self.listener.reader, rows).await? {
            let position = positions.get(&told.id).copied().unwrap_or(self.place);
            let data = serde_json::to_string(&told).map_err(Error::unexpected)?;
            let event = format!("id: {position}\nevent: notification\ndata: {data}\n\n");
            self.queue.push_back(Bytes::from(event));
        }
        Ok(true)
    }

    async fn still_stands(&mut self) -> Result<bool> {
        let Listener { reader, credential, until } = &self.listener;
        if until.is_some_and(|until| until <= self.app.clock.now()) {
            return Ok(false);
        }
        if self.judged.elapsed() < CREDENTIAL {
            return Ok(true);
        }
        self.judged = Instant::now();
        let account = accounts::standing(&self.app, *credential).await?;
        Ok(account.is_some_and(|account| account.id == reader.account))
    }
}
