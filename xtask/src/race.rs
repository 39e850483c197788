//! `cargo xtask race`: what must happen once is tried many times at once, against a store in a process of its own, which takes
//! its money at the mock provider and at a stand-in for Stripe: one order of a key, one paid order of a product, one effect of
//! an event, one refund, one owner of a gift, one order by a wallet of credit, one use of a coupon, a licence key and a seat, one account of an address, one use of a token, a link
//! and a code.

mod accounts;
mod authenticator;
mod buyers;
mod checkouts;
mod credit;
mod gifts;
mod payments;
mod scarce;

use std::path::PathBuf;
use std::process::ExitCode;

use futures::future::join_all;
use standin::StandIn;

use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{ADMIN, Caller, Server, chosen};
use crate::{mailed, stripe, tools};
use buyers::Buyers;
use payments::{DISPUTED, Till, VERDICTS, permutations};

/// After so many rounds the store is restarted, and everybody gets a new token before the old one is too old.
const ROUNDS_PER_TOKEN: u32 = 20;
/// Who wants what there is not enough of.
const BUYERS: usize = 50;

/// Check out, pay, refund, register, and use coupons, keys, tokens, links and codes many times at once: each happens once.
#[derive(clap::Args)]
pub struct Args {
    /// How often.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// A program that is built already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    if args.postgres {
        tools::need_postgres()?;
    }
    let binary = chosen(args.binary.as_deref(), false)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(rounds(args, &binary, database.as_ref().map(Postgres::url)))
}

async fn rounds(args: &Args, binary: &std::path::Path, postgres: Option<String>) -> Result {
    let stripe = StandIn::start().await;
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    stripe::configure(&stripe, &mut server, "mock,stripe");
    server.set("MIST_CHECKOUT__COUPON_TRIES_PER_ACCOUNT", "100000/60");
    // Many sign in at once here, and each of them must be judged.
    server.set("MIST_LOAD__QUEUE_MS", "20000");
    server.set("MIST_ACCOUNTS__HASHING_WAIT_MS", "20000");
    server.set("MIST_LICENSES__CALLS_PER_ADDRESS", "100000/60");
    server.set("MIST_CHECKOUT__GIFTS_PER_ACCOUNT", "100000/60");
    server.start(&[]).await?;
    let mut admin = server.admin().await?;
    let mut buyers = Buyers::register(&server, BUYERS).await?;
    mailed::prove(&server, &buyers::address(0)).await?;
    let mut till = Till::new(stripe, &server.url);
    let (mut tally, mut shelf) = (Tally::default(), credit::Shelf::new());
    for round in 1..=args.rounds {
        orders(&admin, &buyers, round, &mut tally).await?;
        gifts_and_credit(&server, &admin, &buyers, &mut shelf, round, &mut tally).await?;
        news(&admin, &buyers, &mut till, round, &mut tally).await?;
        one_person(&server, round, &mut tally).await?;
        if round % ROUNDS_PER_TOKEN == 0 || round == args.rounds {
            server.kill()?;
            server.start(&[]).await?;
            tally.note("one effect of what is told again after a restart", till.again().await.map(drop));
            admin = server.sign_in(ADMIN).await?;
            buyers.renew().await?;
            println!("round {round}: {} violations so far", tally.violations());
        }
    }
    tally.note("every order that Stripe told of is paid", all_are_paid(&admin).await);
    tally.note("what `mist check` proves", server.run(&["check"], "").map(drop));
    tally.print();
    println!("{} rounds, {} violations", args.rounds, tally.violations());
    Ok(if tally.violations() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The races for orders, and for what there is not enough of.
async fn orders(admin: &Caller, buyers: &Buyers, round: u32, tally: &mut Tally) -> Result<()> {
    let buyer = buyers.all.first().ok_or("no buyers")?;
    let stock = async |what: &str| checkouts::stock(admin, &format!("{what} {round}")).await;
    let (product, key) = (stock("Once").await?, format!("race-{round}"));
    tally.note("one key, one order", checkouts::with_one_key(buyer, &product, &key).await);
    let product = stock("Many").await?;
    tally.note("one paid order without a key", checkouts::without_keys(buyer, &product).await);
    let (product, code) = (stock("Coupon").await?, format!("RACE-{round}"));
    tally.note("one use of a coupon", scarce::coupon(admin, &buyers.all, &product, &code).await);
    let product = stock("Keys").await?;
    tally.note("one buyer of a licence key", scarce::keys(admin, &buyers.all, &product, round).await);
    let product = stock("Seat").await?;
    tally.note("one device on a seat", scarce::seat(admin, buyer, &product, round).await);
    Ok(())
}

/// The races for a gift, and for what a wallet holds.
async fn gifts_and_credit(
    server: &Server,
    admin: &Caller,
    buyers: &Buyers,
    shelf: &mut credit::Shelf,
    round: u32,
    tally: &mut Tally,
) -> Result<()> {
    let [buyer, others @ ..] = buyers.all.as_slice() else { return Err("no buyers".into()) };
    let product = checkouts::stock(admin, &format!("Given {round}")).await?;
    tally.note("one link of a gift", gifts::one_link(server, buyer, others, &product).await);
    tally.note("credit spent once", credit::spend(admin, buyer, shelf).await);
    Ok(())
}

/// The races of what Stripe tells, and of what it is asked to give back.
async fn news(admin: &Caller, buyers: &Buyers, till: &mut Till, round: u32, tally: &mut Tally) -> Result<()> {
    let buyer = buyers.all.first().ok_or("no buyers")?;
    let stock = async |what: &str| checkouts::stock(admin, &format!("{what} {round}")).await;
    let product = stock("Return").await?;
    tally.note("one payment by return and event", till.with_the_return(buyer, &product).await);
    let product = stock("Often").await?;
    tally.note("one effect of an event told 20 times", till.often(buyer, &product).await);
    let product = stock("Orders").await?;
    let in_orders = permutations().into_iter().zip(&buyers.all);
    let in_orders = in_orders.map(|(order, buyer)| till.in_order(buyer, &product, order));
    for outcome in join_all(in_orders).await {
        tally.note("one payment of four events in each of 24 orders", outcome);
    }
    let product = stock("Disputed").await?;
    let in_orders = VERDICTS.into_iter().flat_map(|verdict| DISPUTED.map(|order| (order, verdict)));
    let in_orders = in_orders.zip(&buyers.all);
    let in_orders = in_orders.map(|((order, verdict), buyer)| till.disputed(buyer, &product, order, verdict));
    for outcome in join_all(in_orders).await {
        tally.note("one end of a dispute told in each of 6 orders", outcome);
    }
    let product = stock("Refund").await?;
    tally.note("one refund", till.refunds(buyer, &product).await);
    Ok(())
}

/// What came after the payment in some order took nothing back.
async fn all_are_paid(admin: &Caller) -> Result<()> {
    for order in stripe::orders(admin).await? {
        let paid = ["/payment/provider", "/status"].map(|member| order.pointer(member));
        let unpaid = |status: &str| !["paid", "refunded"].contains(&status);
        if let [Some(provider), Some(status)] = paid
            && provider == "stripe"
            && status.as_str().is_none_or(unpaid)
        {
            return Err(format!("{order}").into());
        }
    }
    Ok(())
}

/// The races of one account, from its registration to its new password.
async fn one_person(server: &Server, round: u32, tally: &mut Tally) -> Result<()> {
    let Some(mut person) = tally.note("registration of one address", accounts::register(server, round).await)
    else {
        return Ok(());
    };
    tally.note("one refresh token", accounts::refresh(server, &person).await);
    let factor = accounts::second_factor(server, &mut person).await?;
    tally.note("one time code", accounts::time_code(&person, &factor).await);
    tally.note("one recovery code", accounts::recovery_code(&person, &factor).await);
    tally.note("one link to reset a password", accounts::reset(server, &person).await);
    Ok(())
}

/// How often each kind was tried, and how often it was violated.
#[derive(Default)]
struct Tally(Vec<(&'static str, u32, u32)>);

impl Tally {
    fn note<T>(&mut self, kind: &'static str, outcome: Result<T>) -> Option<T> {
        let known = self.0.iter().position(|(known, ..)| *known == kind);
        let at = known.unwrap_or_else(|| {
            self.0.push((kind, 0, 0));
            self.0.len() - 1
        });
        if let Some((_, tried, violated)) = self.0.get_mut(at) {
            *tried += 1;
            *violated += u32::from(outcome.is_err());
        }
        outcome.inspect_err(|broken| println!("{kind}: {broken}")).ok()
    }

    fn violations(&self) -> u32 {
        self.0.iter().map(|(_, _, violated)| violated).sum()
    }

    fn print(&self) {
        for (kind, tried, violated) in &self.0 {
            println!("{kind}: tried {tried} times, {violated} violations");
        }
    }
}
