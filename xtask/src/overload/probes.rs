//! What must be answered however many ask, and how much memory is used meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;
use standin::StandIn;
use tokio::task::JoinHandle;

use crate::process::Result;
use crate::server::{Caller, Server};
use crate::{stock, stripe};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a balancer or a payment service waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A payment at Stripe of which the store is told again and again.
#[derive(Clone)]
pub(super) struct Payment {
    stripe: StandIn,
    session: String,
}

impl Payment {
    /// Of something that somebody buys.
    pub(super) async fn make(stripe: StandIn, server: &Server, admin: &Caller) -> Result<Self> {
        let product = stock::product(admin, "Paid at Stripe", 1999).await?;
        let buyer = server.register("payer@example.com").await?;
        let body = json!({
            "items": [{"product_id": product}], "accept_immediate_delivery": true, "provider": "stripe",
        });
        let order = buyer.call(Method::POST, "/api/v1/checkout", Some(body)).await?;
        let session = stripe::session(&order)?;
        stripe.pay(&session);
        Ok(Self { stripe, session })
    }
}

/// What is asked all along.
enum What {
    Health,
    Readiness,
    Webhook(Payment),
}

/// How one of them was answered.
pub(super) struct Probe {
    pub(super) name: &'static str,
    pub(super) asked: usize,
    pub(super) failed: usize,
    pub(super) slowest: Duration,
}

/// What was seen.
pub(super) struct Watched {
    pub(super) probes: Vec<Probe>,
    /// Anonymous, MiB.
    pub(super) memory: Vec<f64>,
}

/// Looks until it is told to end.
pub(super) struct Probes {
    over: Arc<AtomicBool>,
    asking: Vec<JoinHandle<Probe>>,
    memory: JoinHandle<Result<Vec<f64>>>,
}

impl Probes {
    pub(super) fn begin(server: &Server, pid: u32, payment: &Payment) -> Result<Self> {
        let over = Arc::<AtomicBool>::default();
        // Each over a connection of its own, as they come who are new.
        let client = Client::builder().timeout(PATIENCE).pool_max_idle_per_host(0).build()?;
        let caller = Caller::at(&server.url, client);
        let asking = [What::Health, What::Readiness, What::Webhook(payment.clone())];
        let asking = asking.map(|what| tokio::spawn(look(what, caller.clone(), Arc::clone(&over))));
        let memory = tokio::spawn(sample(pid, Arc::clone(&over)));
        Ok(Self { over, asking: asking.into(), memory })
    }

    pub(super) async fn end(self) -> Result<Watched> {
        self.over.store(true, Ordering::Relaxed);
        let mut probes = Vec::new();
        for asking in self.asking {
            probes.push(asking.await?);
        }
        Ok(Watched { probes, memory: self.memory.await?? })
    }
}

async fn sample(pid: u32, over: Arc<AtomicBool>) -> Result<Vec<f64>> {
    let mut samples = Vec::new();
    while !over.load(Ordering::Relaxed) {
        samples.push(super::memory(pid)?);
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(samples)
}

async fn look(what: What, caller: Caller, over: Arc<AtomicBool>) -> Probe {
    let mut probe = Probe { name: what.name(), asked: 0, failed: 0, slowest: Duration::ZERO };
    while !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        let answered = what.request(&caller).send().await;
        probe.asked += 1;
        if !answered.is_ok_and(|reply| reply.status().is_success()) {
            probe.failed += 1;
        }
        probe.slowest = probe.slowest.max(began.elapsed());
        tokio::time::sleep(LOOK_EVERY).await;
    }
    probe
}

impl What {
    fn name(&self) -> &'static str {
        match self {
            Self::Health => "/healthz",
            Self::Readiness => "/readyz",
            Self::Webhook(_) => "signed webhook",
        }
    }

    fn request(&self, caller: &Caller) -> RequestBuilder {
        match self {
            Self::Health => caller.request(Method::GET, "/healthz"),
            Self::Readiness => caller.request(Method::GET, "/readyz"),
            Self::Webhook(Payment { stripe, session }) => {
                // Each is another event, which is kept and found to be applied.
                let body = stripe.session_event("checkout.session.completed", session).to_string();
                let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
                let signature = standin::signature(standin::SECRET, now.cast_signed(), &body);
                let request = caller.request(Method::POST, "/api/v1/webhooks/stripe");
                let request = request.header("stripe-signature", signature);
                request.header("content-type", "application/json").body(body)
            }
        }
    }
}
