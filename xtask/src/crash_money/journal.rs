//! What the store said yes to, and what of it was not kept.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Method;

use crate::process::Result;
use crate::server::{Caller, text};

/// What an order was acknowledged to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    /// It is there.
    Placed,
    /// Stripe's event that it is paid was taken.
    Told,
    /// Some of it is refunded.
    PartlyRefunded,
    /// It is refunded.
    Refunded,
}

struct Acknowledged {
    /// Which of the buyers.
    buyer: usize,
    said: Said,
    at: Instant,
    verified: Option<Said>,
}

/// Whether the store is still being killed: each kill may hit the job that applies an acknowledged event or refund, whose lease
/// then ends before it is tried again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kills {
    GoOn,
    AreOver,
}

/// What was acknowledged of each order, and the violations so far.
#[derive(Default)]
pub(super) struct Journal(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    orders: HashMap<String, Acknowledged>,
    violations: u32,
    counted: [u64; 4],
    /// The longest that an acknowledged event took between kills until its order was seen to be paid.
    applied_after: Duration,
}

impl Journal {
    pub(super) fn note(&self, buyer: usize, order: &str, said: Said) {
        let mut notes = self.lock();
        if let Some(count) = notes.counted.get_mut(said as usize) {
            *count += 1;
        }
        let now = Instant::now();
        let fresh = || Acknowledged { buyer, said, at: now, verified: None };
        let known = notes.orders.entry(order.to_owned()).or_insert_with(fresh);
        if said > known.said {
            (known.said, known.at) = (said, now);
        }
    }

    pub(super) fn violation(&self, what: String) {
        println!("VIOLATION: {what}");
        self.lock().violations += 1;
    }

    pub(super) fn violations(&self) -> u32 {
        self.lock().violations
    }

    pub(super) fn tally(&self) -> String {
        let notes = self.lock();
        let [placed, told, partly, refunded] = notes.counted;
        format!(
            "{placed} orders, {told} events, {partly} refunds in part and {refunded} of the rest acknowledged, events applied \
             within {} s, {} violations",
            notes.applied_after.as_secs(),
            notes.violations
        )
    }

    /// Looks at what was acknowledged since it was looked at last.
    pub(super) async fn verify_new(&self, buyers: &[Caller]) {
        let is_new = |known: &Acknowledged| known.verified.is_none_or(|verified| verified < known.said);
        self.verify(buyers, Kills::GoOn, is_new).await;
    }

    /// Looks at everything once more.
    pub(super) async fn verify_all(&self, buyers: &[Caller]) {
        self.verify(buyers, Kills::AreOver, |_| true).await;
    }

    async fn verify(&self, buyers: &[Caller], kills: Kills, wanted: impl Fn(&Acknowledged) -> bool) {
        let chosen: Vec<(String, usize, Said, Instant)> = {
            let notes = self.lock();
            let chosen = notes.orders.iter().filter(|(_, known)| wanted(known));
            chosen.map(|(order, known)| (order.clone(), known.buyer, known.said, known.at)).collect()
        };
        for (order, buyer, said, at) in chosen {
            let Some(buyer) = buyers.get(buyer) else { continue };
            match is_kept(buyer, &order, said).await {
                Ok(true) => {
                    let mut notes = self.lock();
                    if let Some(known) = notes.orders.get_mut(&order)
                        && known.verified.replace(said).is_none_or(|verified| verified < said)
                        && (said, kills) == (Said::Told, Kills::GoOn)
                    {
                        notes.applied_after = notes.applied_after.max(at.elapsed());
                    }
                }
                Ok(false) if kills == Kills::GoOn => {}
                Ok(false) => self.violation(format!("order {order} was {said:?} and is not")),
                Err(error) => self.violation(format!("order {order} was {said:?}: {error}")),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an order is what it was said to be; of an event not yet, as long as it is being applied.
async fn is_kept(buyer: &Caller, order: &str, said: Said) -> Result<bool> {
    let found = buyer.call(Method::GET, &format!("/api/v1/orders/{order}"), None).await?;
    let status = text(&found, "/status")?;
    if text(&found, "/payment/status")? == "declined" {
        return Err("nobody declined it, and it says so".into());
    }
    match said {
        Said::Placed => Ok(true),
        // Called off before the event came: its money goes back, which the comparison shows.
        Said::Told => {
            Ok(["paid", "partially_refunded", "refunded", "cancelled", "expired"].contains(&status))
        }
        Said::PartlyRefunded => Ok(["partially_refunded", "refunded"].contains(&status)),
        Said::Refunded if status == "refunded" => Ok(true),
        Said::Refunded => Err(format!("it is {status}").into()),
    }
}
