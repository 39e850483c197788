//! `cargo xtask race`: what must happen once is tried many times at once, against a store in a process of its own: one order
//! of a key, one paid order of a product, one owner of a gift, one order by a wallet of credit, one account of an address,
//! one use of a token, a link and a code.

mod accounts;
mod authenticator;
mod checkouts;
mod credit;
mod gifts;

use std::process::ExitCode;

use crate::postgres::Postgres;
use crate::process::Result;
use crate::server::{ADMIN, Server, build};
use crate::tools;

/// The buyer signs in anew after so many rounds, before its token is too old.
const ROUNDS_PER_TOKEN: u32 = 20;
const BUYER: &str = "buyer@example.com";

/// Check out, register, and use tokens, links and codes many times at once: each happens once.
#[derive(clap::Args)]
pub struct Args {
    /// How often.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// On PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
}

pub fn run(args: &Args) -> Result {
    if args.postgres {
        tools::need_postgres()?;
    }
    let binary = build(false)?;
    let database = if args.postgres { Some(Postgres::start()?) } else { None };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(rounds(args, &binary, database.as_ref().map(Postgres::url)))
}

async fn rounds(args: &Args, binary: &std::path::Path, postgres: Option<String>) -> Result {
    let mut server = Server::new(binary, postgres.as_deref()).await?;
    server.set("MIST_CHECKOUT__GIFTS_PER_ACCOUNT", "100000/60");
    server.start(&[]).await?;
    let mut admin = server.admin().await?;
    let mut buyer = server.register(BUYER).await?;
    gifts::prove(&server, BUYER).await?;
    let people = gifts::Claimants::register(&server).await?;
    let mut claimants = people.sign_in(&server).await?;
    let (mut tally, mut shelf) = (Tally::default(), credit::Shelf::new());
    for round in 1..=args.rounds {
        if round % ROUNDS_PER_TOKEN == 0 {
            (admin, buyer) = (server.sign_in(ADMIN).await?, server.sign_in(BUYER).await?);
            claimants = people.sign_in(&server).await?;
            println!("round {round}: {} violations so far", tally.violations());
        }
        let product = checkouts::stock(&admin, &format!("Once {round}")).await?;
        let key = format!("race-{round}");
        tally.note("one key, one order", checkouts::with_one_key(&buyer, &product, &key).await);
        let product = checkouts::stock(&admin, &format!("Many {round}")).await?;
        tally.note("one paid order without a key", checkouts::without_keys(&buyer, &product).await);
        let product = checkouts::stock(&admin, &format!("Given {round}")).await?;
        tally.note("one link of a gift", gifts::one_link(&server, &buyer, &claimants, &product).await);
        tally.note("credit spent once", credit::spend(&admin, &buyer, &mut shelf).await);
        one_person(&server, round, &mut tally).await?;
    }
    tally.note("what `mist check` proves", server.run(&["check"], "").map(drop));
    tally.print();
    println!("{} rounds, {} violations", args.rounds, tally.violations());
    Ok(if tally.violations() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
