//! `mist jobs`: what waits, what died, and what is to become of it; whether or not the store is running.
use clap::{Args, Subcommand};
use mist::{config::Config, db::Db, error::Result, events::Event, store};
use queue::{Change, Filter, Job, LIST_MAX, State};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{clock, told};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List jobs, newest first.
    List(List),
    /// Give dead jobs a new set of attempts, due at once.
    Retry(Retry),
    /// End a ready or dead job without running it.
    Discard {
        /// The job.
        id: Uuid,
    },
    /// Count the jobs in each state.
    Counts,
}

#[derive(Args)]
pub(crate) struct List {
    /// Only those that are ready, running, done or dead.
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// Only those of this kind, such as receipt_mail.
    #[arg(long)]
    kind: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = queue::LIST_DEFAULT, value_parser = clap::value_parser!(u64).range(1..=LIST_MAX))]
    limit: u64,
    /// Only those older than this one: the last of the list before.
    #[arg(long, value_name = "ID")]
    after: Option<Uuid>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Retry {
    /// The job.
    id: Option<Uuid>,
    /// Every dead job.
    #[arg(long)]
    all_dead: bool,
}

fn state(name: &str) -> Result<State, String> {
    State::parse(name).ok_or_else(|| "a job is ready, running, done or dead".to_owned())
}

pub(crate) async fn run(settings: Config, command: Command) -> Result<(), String> {
    let db = store::connect(&settings).await.map_err(told)?;
    let outcome = match command {
        Command::List(list) => print_list(&db, list).await,
        Command::Retry(Retry { id: Some(id), .. }) => retry(&db, id).await,
        Command::Retry(_) => retry_all_dead(&db).await,
        Command::Discard { id } => discard(&db, id).await,
        Command::Counts => print_counts(&db).await,
    };
    db.close().await.map_err(|error| error.to_string())?;
    outcome
}

async fn print_list(db: &Db, list: List) -> Result<(), String> {
    let List { state, kind, limit, after } = list;
    let jobs = queue::list(&db.read, &Filter { state, kind, limit, after }).await.map_err(database)?;
    for job in &jobs {
        println!("{}", line(job));
    }
    if u64::try_from(jobs.len()).is_ok_and(|count| count == limit)
        && let Some(last) = jobs.last()
    {
        println!("There may be more: --after {}", last.id);
    }
    Ok(())
}

fn line(job: &Job) -> String {
    let time = job.run_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let (state, attempts) = (job.state.as_str(), format!("{}/{}", job.attempts, job.max_attempts));
    let error = job.last_error.as_deref().unwrap_or_default();
    format!("{}  {state:<7}  {}  {time}  {attempts}  {}  {error}", job.id, job.kind, job.payload)
        .trim_end()
        .to_owned()
}

async fn retry(db: &Db, id: Uuid) -> Result<(), String> {
    let now = clock().now();
    let change = db
        .write(async |tx| noted(tx, "job.retried", id, queue::retry(tx, id, now).await?).await)
        .await
        .map_err(told)?;
    made(id, change)?;
    println!("Job {id} is due again.");
    Ok(())
}

/// Page by page, for there is no bound on how many died; one that can't be retried stops no other.
async fn retry_all_dead(db: &Db) -> Result<(), String> {
    let (mut retried, mut after) = (0_u64, None);
    loop {
        let filter = Filter { state: Some(State::Dead), kind: None, limit: LIST_MAX, after };
        let dead = queue::list(&db.read, &filter).await.map_err(database)?;
        let Some(last) = dead.last() else { break };
        after = Some(last.id);
        for job in &dead {
            let now = clock().now();
            let change = db
                .write(async |tx| {
                    noted(tx, "job.retried", job.id, queue::retry(tx, job.id, now).await?).await
                })
                .await
                .map_err(told)?;
            match made(job.id, change) {
                Ok(()) => retried += 1,
                Err(why) => super::say_error(&why),
            }
        }
    }
    println!("{retried} jobs are due again.");
    Ok(())
}

async fn discard(db: &Db, id: Uuid) -> Result<(), String> {
    let now = clock().now();
    let change = db
        .write(async |tx| noted(tx, "job.discarded", id, queue::discard(tx, id, now).await?).await)
        .await
        .map_err(told)?;
    made(id, change)?;
    println!("Job {id} is discarded.");
    Ok(())
}

/// Notes for the audit log what the operator did to a job.
async fn noted(
    tx: &impl ConnectionTrait,
    kind: &'static str,
    id: Uuid,
    change: Change,
) -> mist::error::Result<Change> {
    if change == Change::Made {
        Event::new(kind, id).by_operator().record(tx, &clock()).await?;
    }
    Ok(change)
}

async fn print_counts(db: &Db) -> Result<(), String> {
    let counts = queue::counts(&db.read).await.map_err(database)?;
    println!("ready    {}", counts.ready);
    println!("running  {}", counts.running);
    println!("done     {}", counts.done);
    println!("dead     {}", counts.dead);
    if let Some(since) = counts.oldest_ready.filter(|since| *since <= clock().now()) {
        let since = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        println!("The oldest has been due since {since}.");
    }
    Ok(())
}

fn made(id: Uuid, change: Change) -> Result<(), String> {
    match change {
        Change::Made => Ok(()),
        Change::Missing => Err(format!("There is no job {id}.")),
        Change::WrongState(state) => Err(format!("Job {id} is {}.", state.as_str())),
        Change::KeyTaken => Err(format!("Another unfinished job does the work of job {id}.")),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn database(error: sea_orm::DbErr) -> String {
    error.to_string()
}
