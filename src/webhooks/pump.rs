//! What sends deliveries: each endpoint by itself, so that a slow one delays no other.
use std::{collections::HashMap, panic::AssertUnwindSafe, time::Duration};

use entity::webhook_delivery::Model;
use futures::FutureExt;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{attempts, queries};
use crate::{app::App, error::Result};

/// How long is waited before the next look for what is due.
const POLL: Duration = Duration::from_millis(250);
/// How long is waited when the database did not answer.
const RETRY: Duration = Duration::from_secs(5);
/// Deliveries that one copy sends to one endpoint at once.
const AT_ONCE: usize = 4;
/// How much longer than an attempt its lease lasts. Who died while sending is stood in for after it.
const LEASE_BEYOND: chrono::Duration = chrono::Duration::seconds(30);
/// How long what is on its way may take when the process is told to stop.
const GRACE: Duration = Duration::from_secs(20);

/// What is on its way.
#[derive(Default)]
struct Pump {
    sending: JoinSet<Uuid>,
    /// How much of it, by endpoint.
    to: HashMap<Uuid, usize>,
}

impl Pump {
    /// Sends what is due, as far as its endpoints have room.
    async fn start_due(&mut self, app: &App) -> Result<()> {
        for webhook in queries::enabled(&app.db.read).await? {
            let room = AT_ONCE.saturating_sub(self.to.get(&webhook).copied().unwrap_or_default());
            if room == 0 {
                continue;
            }
            for delivery in claim(app, webhook, room).await? {
                *self.to.entry(webhook).or_default() += 1;
                let app = app.clone();
                self.sending.spawn(async move {
                    send(&app, &delivery).await;
                    webhook
                });
            }
        }
        Ok(())
    }

    /// Waits until something has arrived or failed; at once when nothing is on its way.
    async fn ended(&mut self) {
        if let Some(Ok(webhook)) = self.sending.join_next().await
            && let Some(sending) = self.to.get_mut(&webhook)
        {
            *sending -= 1;
            if *sending == 0 {
                self.to.remove(&webhook);
            }
        }
    }

    async fn drain(&mut self) {
        while !self.sending.is_empty() {
            self.ended().await;
        }
    }
}

/// Takes what is due for an endpoint. Another copy may be quicker: then it has it.
async fn claim(app: &App, webhook: Uuid, room: usize) -> Result<Vec<Model>> {
    let now = app.clock.now();
    let limit = u64::try_from(room).unwrap_or(u64::MAX);
    let due = queries::due(&app.db.read, webhook, now, limit).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let until = now + chrono::Duration::seconds(app.config.webhooks.timeout.get().into()) + LEASE_BEYOND;
    let token = app.clock.new_id();
    app.db
        .write(async |tx| {
            let mut claimed = Vec::new();
            for id in &due {
                claimed.extend(queries::claim(tx, *id, now, until, token).await?);
            }
            Ok(claimed)
        })
        .await
}

/// Sends one. What can't be written down is sent again when its lease is over.
async fn send(app: &App, delivery: &Model) {
    let attempt = AssertUnwindSafe(attempts::attempt(app, delivery)).catch_unwind().await;
    match attempt {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(delivery = %delivery.id, %error, "a webhook could not be sent"),
        Err(_) => tracing::error!(delivery = %delivery.id, "sending a webhook panicked"),
    }
}

/// Sends what becomes due until `stop` is cancelled, and then waits for what is on its way.
pub async fn run(app: &App, stop: &CancellationToken) {
    let mut pump = Pump::default();
    loop {
        let pause = match pump.start_due(app).await {
            Ok(()) => POLL,
            Err(error) => {
                tracing::error!(%error, "could not look for webhooks to be sent");
                RETRY
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = pump.ended(), if !pump.sending.is_empty() => {}
            () = sleep(pause) => {}
        }
    }
    if timeout(GRACE, pump.drain()).await.is_err() {
        tracing::warn!("webhooks were cut off by the shutdown; they are sent again");
    }
}

/// Sends everything that is due now, for tests that move the clock, and for one-off commands.
pub async fn send_due(app: &App) -> Result<()> {
    let mut pump = Pump::default();
    loop {
        pump.start_due(app).await?;
        if pump.sending.is_empty() {
            return Ok(());
        }
        pump.ended().await;
    }
}
