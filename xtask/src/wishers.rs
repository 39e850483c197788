//! `cargo xtask wishers`: how long it takes to tell a hundred thousand accounts of one lower price, and what buyers notice of it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::postgres::{self, Postgres, psql};
use crate::process::Result;
use crate::server::{Caller, Server, chosen};
use crate::{stock, tools};

/// In which time everybody's notification and mail must be there to be sent.
const QUEUED: Duration = Duration::from_secs(60);
/// How much slower buying may get meanwhile, at the 99th percentile, and up to which time it is no matter.
const SLOWER: f64 = 1.5;
const UNNOTICED: Duration = Duration::from_millis(50);
/// Who buys at once, and what each of them can buy.
const BUYERS: usize = 4;
const PRODUCTS: usize = 600;
/// How long people buy before the price is lowered.
const QUIET: Duration = Duration::from_secs(10);
/// After which everything is given up.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Lower the price of something that 100,000 accounts wish for, on PostgreSQL, while people buy.
#[derive(clap::Args)]
pub struct Args {
    /// How many wish for it.
    #[arg(long, default_value_t = 100_000)]
    wishers: u32,
    /// A quick build instead of a release build.
    #[arg(long)]
    debug: bool,
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    tools::need_postgres()?;
    let binary = chosen(args.binary.as_deref(), !args.debug)?;
    let database = Postgres::start()?;
    tokio::runtime::Runtime::new()?.block_on(measure(args, &binary, &database.url()))
}

async fn measure(args: &Args, binary: &Path, database: &str) -> Result {
    let mut server = Server::new(binary, Some(database)).await?;
    server.start(&[]).await?;
    let database = server.database().ok_or("no database")?.to_owned();
    let admin = server.admin().await?;
    let wished = stock::product(&admin, "Wished for", 900).await?;
    wish(&database, &wished, args.wishers)?;
    let mut products = Vec::new();
    for number in 0..PRODUCTS {
        products.push(stock::product(&admin, &format!("Bought {number}"), 0).await?);
    }
    let products = Arc::new(products);
    let mut buyers = Vec::new();
    for number in 0..BUYERS * 2 {
        buyers.push(server.register(&format!("buyer{number}@example.com")).await?);
    }
    let (first, second) = buyers.split_at(BUYERS);
    let before = Load::begin(first, &products);
    tokio::time::sleep(QUIET).await;
    let before = before.end().await?;

    let meanwhile = Load::begin(second, &products);
    let began = Instant::now();
    let path = format!("/api/v1/admin/products/{wished}/prices");
    admin.call(Method::PUT, &path, Some(json!([{"currency": "USD", "amount": 100}]))).await?;
    while count(&database, "notification_fan_out WHERE finished_at IS NOT NULL")? == 0 {
        if began.elapsed() > PATIENCE {
            return Err("nobody was told in time".into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let queued = began.elapsed();
    let meanwhile = meanwhile.end().await?;
    let notified = count(&database, "notification WHERE kind = 'wishlist_price_drop'")?;
    let mails = count(&database, "job WHERE kind = 'notification_mail'")?;

    let (quiet, busy) = (p99(&before)?, p99(&meanwhile)?);
    let most = quiet.mul_f64(SLOWER).max(UNNOTICED);
    println!(
        "{notified} notifications and {mails} mails queued in {:.1} s (at most {} s); checkout p99 {:.1} ms before ({} of them), \
         {:.1} ms meanwhile ({} of them; at most {:.1} ms)",
        queued.as_secs_f64(),
        QUEUED.as_secs(),
        millis(quiet),
        before.len(),
        millis(busy),
        meanwhile.len(),
        millis(most)
    );
    let all = u64::from(args.wishers);
    let holds = notified == all && mails == all && queued <= QUEUED && busy <= most;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes accounts that wish for a product; nobody signs in to them.
fn wish(database: &str, product: &str, wishers: u32) -> Result<()> {
    psql(
        database,
        &format!(
            "INSERT INTO account (id, email, email_verified, password_hash, display_name, editor, support, admin, totp_enabled, \
             status, created_at, updated_at) SELECT gen_random_uuid(), 'wisher' || number || '@example.com', true, 'none', \
             'Somebody', false, false, false, false, 'active', now(), now() FROM generate_series(1, {wishers}) AS number"
        ),
    )?;
    psql(
        database,
        &format!(
            "INSERT INTO wishlist_item (account_id, product_id, added_at) SELECT id, '{product}', now() FROM account \
             WHERE email LIKE 'wisher%'"
        ),
    )?;
    psql(database, "ANALYZE")
}

fn count(database: &str, of: &str) -> Result<u64> {
    Ok(postgres::asked(database, &format!("SELECT count(*) FROM {of}"))?.parse()?)
}

fn p99(times: &[Duration]) -> Result<Duration> {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() * 99 / 100).copied().ok_or_else(|| "nothing was bought".into())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// People who buy until they are told to end.
struct Load {
    over: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Result<Vec<Duration>>>>,
}

impl Load {
    fn begin(buyers: &[Caller], products: &Arc<Vec<String>>) -> Self {
        let over = Arc::<AtomicBool>::default();
        let buy = |buyer: &Caller| tokio::spawn(buy(buyer.clone(), Arc::clone(products), Arc::clone(&over)));
        Self { tasks: buyers.iter().map(buy).collect(), over }
    }

    /// How long each checkout took.
    async fn end(self) -> Result<Vec<Duration>> {
        self.over.store(true, Ordering::Relaxed);
        let mut times = Vec::new();
        for task in self.tasks {
            times.extend(task.await??);
        }
        Ok(times)
    }
}

async fn buy(buyer: Caller, products: Arc<Vec<String>>, over: Arc<AtomicBool>) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for product in products.iter() {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let body = json!({"items": [{"product_id": product}], "accept_immediate_delivery": true});
        let began = Instant::now();
        buyer.call(Method::POST, "/api/v1/checkout", Some(body)).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}
