//! The command line of Mist.
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use mist::config::{self, BackupPlace, Config};

mod cli;
mod open_files;

/// How long what still runs on threads of its own may take once a command has ended: it waits for a disk or for nobody.
const ENDS: Duration = Duration::from_secs(2);

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A store that sells, owns and delivers games, software and e-books.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The settings file; default: mist.toml in the working directory, if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of everything this copy keeps on disk.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Here(Here),
    /// Send files or a folder to a store, as a build.
    Push(cli::push::Push),
    /// Fetch what is owned in a store, and keep it up to date.
    Pull(cli::pull::Pull),
}

/// What is done with the store that the settings describe.
#[derive(Subcommand)]
enum Here {
    /// Serve the store (the default).
    Serve(Serve),
    /// Apply the migrations that the database lacks.
    Migrate,
    /// Make and update products from a file of JSON, one a line.
    Import {
        /// The file; `-` for standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Make accounts.
    #[command(subcommand)]
    Account(cli::account::Command),
    /// Judge whether everything holds that must: money, ownership, files.
    Check,
    /// Say whether the store that runs beside is ready: for the health checks of containers.
    Health {
        /// Whether it is alive, whatever becomes of its database: for those that start it again otherwise.
        #[arg(long)]
        live: bool,
    },
    /// Look at everything that a store needs around it, and say what to do about what is wrong.
    Doctor,
    /// Ask the payment providers what they never told, and settle it.
    Reconcile,
    /// Back the store up into a folder or a bucket, while it serves.
    Backup(cli::backup::Backup),
    /// Restore a backup into an empty database, of either kind.
    Restore {
        /// The folder of the backup, or s3://BUCKET/PREFIX, by the settings of storage.s3.
        #[arg(value_name = "PLACE")]
        place: BackupPlace,
    },
    /// Look after background jobs.
    #[command(subcommand)]
    Jobs(cli::jobs::Command),
    /// Look after the keys of the access tokens.
    #[command(subcommand)]
    Keys(cli::keys::Command),
    /// Look after the addresses that bounced or complained.
    #[command(subcommand)]
    Mail(cli::mail::Command),
    /// The index that the public catalog is answered from.
    #[command(subcommand)]
    Index(cli::index::Command),
    /// Look after the bytes of files and pictures: look for them, remove what nobody has, move them.
    #[command(subcommand)]
    Objects(cli::objects::Command),
    /// Count downloads that went past the store by the logs of what sent them.
    #[command(subcommand)]
    Logs(cli::logs::Command),
    /// Print who may do what.
    Roles,
    /// Print the OpenAPI document.
    Openapi,
    /// Print the effective settings, secrets masked.
    Config,
}

#[derive(Args, Default)]
struct Serve {
    /// Where to listen, such as 127.0.0.1:8080.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Fill an empty store with a demo catalog and print its sign-ins.
    #[arg(long)]
    demo: bool,
}

fn main() -> ExitCode {
    spare_memory();
    open_files::raise();
    let Cli { config, data_dir, command } = Cli::parse();
    match command.unwrap_or_else(|| Command::Here(Here::Serve(Serve::default()))) {
        Command::Here(command) => here(command, config.as_deref(), data_dir),
        Command::Push(push) => cli::push::run(push),
        Command::Pull(pull) => cli::pull::run(pull),
    }
}

fn here(command: Here, file: Option<&Path>, data_dir: Option<String>) -> ExitCode {
    let settings = match settings(&command, file, data_dir) {
        Ok(settings) => settings,
        Err(problem) => {
            cli::say_error(&format!("The settings can't be used:\n{problem}"));
            return ExitCode::from(2);
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            cli::say_error(&format!("no threads: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(run(command, settings));
    runtime.shutdown_timeout(ENDS);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::say_error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Keeps Linux from backing the allocator's arena with pages of 2 MiB: an idle store would hold 20 MiB of them that it
/// never uses, and its reads are no faster for it. Best effort: a kernel that refuses costs memory, nothing else.
fn spare_memory() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

fn settings(
    command: &Here,
    file: Option<&Path>,
    data_dir: Option<String>,
) -> Result<Config, config::Problem> {
    let mut flags = Vec::new();
    flags.extend(data_dir.map(|folder| ("data_dir", folder)));
    if let Here::Serve(Serve { listen: Some(listen), .. }) = command {
        flags.push(("http.listen", listen.clone()));
    }
    config::load(
        file,
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        &flags,
    )
}

async fn run(command: Here, settings: Config) -> Result<(), String> {
    match command {
        Here::Serve(serve) => cli::serve::run(settings, serve.demo).await,
        Here::Migrate => cli::migrate(settings).await,
        Here::Import { file } => cli::import::run(settings, &file).await,
        Here::Account(command) => cli::account::run(settings, command).await,
        Here::Check => cli::check::run(settings).await,
        Here::Health { live } => cli::health::run(settings, live).await,
        Here::Doctor => cli::doctor::run(settings).await,
        Here::Reconcile => cli::reconcile::run(settings).await,
        Here::Backup(backup) => cli::backup::make(settings, backup).await,
        Here::Restore { place } => cli::backup::restore(settings, &place).await,
        Here::Jobs(command) => cli::jobs::run(settings, command).await,
        Here::Keys(command) => cli::keys::run(settings, command).await,
        Here::Mail(command) => cli::mail::run(settings, command).await,
        Here::Index(command) => cli::index::run(settings, command).await,
        Here::Objects(command) => cli::objects::run(settings, command).await,
        Here::Logs(command) => cli::logs::run(settings, command).await,
        Here::Roles => {
            cli::roles();
            Ok(())
        }
        Here::Openapi => cli::openapi(settings),
        Here::Config => cli::config(&settings),
    }
}
