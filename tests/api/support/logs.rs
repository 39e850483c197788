//! What stores log while the tests use them, and what must never be in there. Each store looks when it is dropped, so
//! every test of the API is a test of the log.
use std::{
    collections::BTreeSet,
    io::{self, Write},
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use serde_json::Value;
use tracing_subscriber::EnvFilter;

use super::PASSWORD;

/// Everything of ours, and of others more than an operator lets them say.
pub const FILTER: &str = "debug,mist=trace,queue=trace,objects=trace,payments=trace";
/// Members of requests and answers that nobody but the client and the store may ever see.
const SECRET_MEMBERS: [&str; 14] = [
    "access_token",
    "client_secret",
    "current_password",
    "key",
    "new_password",
    "otpauth_uri",
    "password",
    "recovery_code",
    "recovery_codes",
    "refresh_token",
    "secret",
    "ticket",
    "token",
    "url",
];
/// What gives a secret away by its form: tokens, hashes, signed links, headers of credentials.
const SECRET_FORMS: [&str; 8] =
    ["eyJ", "$argon2", "signature=", "whsec_", "otpauth:", "#code=", "bearer ", "authorization:"];
/// The addresses of everybody in the tests: in no log, though an operator is told those that they typed.
const ADDRESS: &str = "@example.";
/// How an API key begins; names of metrics and of databases do so too, but not with so many letters and digits.
const API_KEY: &str = "mist_";
const API_KEY_LETTERS: usize = 20;
/// A text that is shorter is found by accident.
const SHORTEST_SECRET: usize = 8;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Ear;

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        held(&LOG).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes down whatever this process logs from now on, in the program's own format.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lines = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(FILTER)).with_ansi(false);
        lines.with_writer(|| Ear).init();
    });
}

/// Takes down what another process of the store logged.
pub fn take_down(log: &str) {
    held(&LOG).extend_from_slice(log.as_bytes());
}

/// What was logged so far.
pub fn logged() -> String {
    String::from_utf8_lossy(&held(&LOG)).into_owned()
}

/// Forgets what was logged so far.
pub fn forget() {
    held(&LOG).clear();
}

/// Remembers the secrets of a request or an answer.
pub fn note(body: &Value) {
    match body {
        Value::Object(members) => {
            for (name, value) in members {
                if SECRET_MEMBERS.contains(&name.as_str()) {
                    note_texts(value);
                }
                note(value);
            }
        }
        Value::Array(items) => items.iter().for_each(note),
        _ => {}
    }
}

fn note_texts(value: &Value) {
    match value {
        Value::String(text) => note_secret(text),
        Value::Array(items) => items.iter().for_each(note_texts),
        _ => {}
    }
}

/// Remembers a secret.
pub fn note_secret(text: &str) {
    if text.len() >= SHORTEST_SECRET {
        held(&SECRETS).insert(text.to_owned());
    }
}

/// Remembers the tokens of the links in a mail.
pub fn note_mail(mail: &str) {
    let text = mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
    for (at, name) in text.match_indices("token=") {
        let token = &text[at + name.len()..];
        note_secret(token.split(|c: char| !c.is_alphanumeric() && !"-_.".contains(c)).next().unwrap());
    }
}

/// The lines of the log that tell a secret.
pub fn leaks() -> Vec<String> {
    leaks_in(&logged(), &held(&SECRETS))
}

/// The lines of a text that tell one of these secrets, or anything of a secret's form.
pub fn leaks_in(log: &str, secrets: &BTreeSet<String>) -> Vec<String> {
    let tells = |line: &&str| line.to_lowercase().contains(ADDRESS) || tells_a_secret(line, secrets);
    log.lines().filter(tells).map(str::to_owned).collect()
}

/// The lines of what the program told its operator that tell a secret.
pub fn leaks_in_answer(said: &str) -> Vec<String> {
    let secrets = held(&SECRETS);
    said.lines().filter(|line| tells_a_secret(line, &secrets)).map(str::to_owned).collect()
}

fn tells_a_secret(line: &str, secrets: &BTreeSet<String>) -> bool {
    let lower = line.to_lowercase();
    line.contains(PASSWORD)
        || SECRET_FORMS.iter().any(|form| line.contains(form) || lower.contains(form))
        || line.split(API_KEY).skip(1).any(begins_a_key)
        || secrets.iter().any(|secret| line.contains(secret.as_str()))
}

fn begins_a_key(rest: &str) -> bool {
    rest.chars().take_while(char::is_ascii_alphanumeric).count() >= API_KEY_LETTERS
}

/// The lines that don't begin as a line of the log does: somebody else wrote their beginning.
pub fn foreign_lines(log: &str) -> Vec<String> {
    let ours = |line: &str| {
        let mut words = line.split_whitespace();
        let time = words.next().is_some_and(|time| chrono::DateTime::parse_from_rfc3339(time).is_ok());
        let level = words.next();
        time && ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"].map(Some).contains(&level)
    };
    log.lines().filter(|line| !ours(line)).map(str::to_owned).collect()
}
