//! Running other programs: said before it runs, waited for, and ended with us when we are asked to end.

use std::error::Error;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

pub type Result<T = ExitCode> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

static INTERRUPTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

const POLL: Duration = Duration::from_millis(20);

/// From here on Ctrl-C and a request to end are noticed by whoever waits, so that guards still clean up.
pub fn watch_signals() -> Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&INTERRUPTED))?;
    }
    Ok(())
}

/// Sleeps; an error when we are asked to end.
pub fn pause(time: Duration) -> Result<()> {
    let until = Instant::now() + time;
    while !INTERRUPTED.load(Ordering::Relaxed) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(POLL));
    }
    Err("interrupted".into())
}

/// The project's folder.
pub fn root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// A command that will run in the project's folder.
pub fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// Runs it and sees it succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let line = announce(command);
    let status = wait(&mut spawn(command)?)?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})").into()) }
}

/// Runs it and gives how it ended and what it said on standard error, which is shown as it comes.
pub fn run_and_listen(command: &mut Command) -> Result<(ExitStatus, String)> {
    announce(command);
    let mut child = spawn(command.stderr(Stdio::piped()))?;
    let said = child.stderr.take().map(|pipe| thread::spawn(move || echo(BufReader::new(pipe))));
    let status = wait(&mut child)?;
    let said = said.and_then(|thread| thread.join().ok()).unwrap_or_default();
    Ok((status, said))
}

/// What a short question answers on standard output; nothing if it can't be asked or fails.
pub fn ask(program: &str, args: &[&str]) -> Option<String> {
    let output = command(program, args).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Waits for a program; when we are asked to end it is asked to end first.
pub fn wait(child: &mut Child) -> Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            // The terminal sends Ctrl-C to the program as well: then its end is ours.
            return pause(Duration::ZERO).map(|()| status);
        }
        if let Err(interrupted) = pause(POLL) {
            end(child, Signal::TERM, Duration::from_secs(10));
            return Err(interrupted);
        }
    }
}

/// Asks a program to end, and ends it when it takes too long.
pub fn end(child: &mut Child, signal: Signal, patience: Duration) {
    let asked = Instant::now();
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        kill_process(pid, signal).ok();
    }
    while matches!(child.try_wait(), Ok(None)) {
        if asked.elapsed() > patience {
            child.kill().ok();
        }
        thread::sleep(POLL);
    }
}

fn announce(command: &Command) -> String {
    let words: Vec<_> = [command.get_program()]
        .into_iter()
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    let line = words.join(" ");
    println!("$ {line}");
    line
}

fn spawn(command: &mut Command) -> Result<Child> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.spawn().map_err(|error| format!("can't run {program}: {error}").into())
}

fn echo(mut from: impl BufRead) -> String {
    let (mut all, mut line) = (String::new(), Vec::new());
    while from.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        std::io::stderr().write_all(&line).ok();
        all.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    all
}

/// What `--color` should be where our own output goes, for a program that writes into our pipe.
pub fn color() -> &'static str {
    if std::io::stderr().is_terminal() { "always" } else { "never" }
}
