//! A store that is told to stop finishes what it began.
use std::{process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

use crate::support::{TestApp, Wire, program};

/// A test ends by it, if the store doesn't.
const LONG: Duration = Duration::from_secs(60);

/// How long the end of a store may take at most: whoever runs it kills it after that.
const ENDS: Duration = Duration::from_secs(30);

/// The program serving an empty store, and where it listens.
async fn serving(command: &mut Command) -> (Child, String) {
    let mut child = command.arg("serve").stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let address = first.split("localhost:").nth(1).unwrap().trim_end_matches('/');
    // The rest is read, so that nothing waits for a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, format!("127.0.0.1:{address}"))
}

fn tell_to_stop(child: &Child) {
    let id = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
}

#[tokio::test]
async fn the_program_finishes_what_it_is_asked_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .current_dir(folder.path())
        .args(["--data-dir", "data"])
        .env("MIST_HTTP__LISTEN", "127.0.0.1:0")
        .env("MIST_METRICS__LISTEN", "off");
    let (mut child, address) = serving(&mut command).await;
    let mut asking = TcpStream::connect(&address).await.unwrap();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: mist\r\nContent-Type: application/json\r\n\
                Content-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    asking.write_all(head.as_bytes()).await.unwrap();
    let mut going_on = [0; 25];
    asking.read_exact(&mut going_on).await.unwrap();
    assert!(going_on.starts_with(b"HTTP/1.1 100"), "it is being read");

    tell_to_stop(&child);
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    asking.write_all(b"{}").await.unwrap();
    let mut answer = String::new();
    asking.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    let ended = tokio::time::timeout(LONG, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn a_copy_that_leaves_says_so_at_once_and_answers_until_nobody_is_sent_to_it() {
    let app = TestApp::with(|config| config.http.drain_seconds = 300).await;
    assert_eq!(app.nobody().get("/readyz").await.status, 200);
    app.tell_to_stop();
    while app.nobody().get("/readyz").await.status == 200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(app.nobody().get("/readyz").await.status, 503);
    assert_eq!(app.nobody().get("/healthz").await.status, 200, "the process is up");
    assert_eq!(app.nobody().get("/api/v1/products").await.status, 200);
}

#[tokio::test]
async fn a_store_ends_in_time_whose_database_answers_no_more() {
    let app = TestApp::new().await;
    let Ok(mut url) = url::Url::parse(app.app.config.database.url.as_str()) else { return };
    if url.scheme().starts_with("sqlite") {
        // It has no server that could hang.
        return;
    }
    let wire = Wire::to(format!("127.0.0.1:{}", url.port().unwrap()), 0).await;
    url.set_port(Some(wire.port)).unwrap();
    let mut command = app.program();
    command
        .env("MIST_HTTP__LISTEN", "127.0.0.1:0")
        .env("MIST_METRICS__LISTEN", "off")
        .env("MIST_DATABASE__URL", url.as_str());
    let (mut child, address) = serving(&mut command).await;
    let ready = format!("http://{address}/readyz");
    assert_eq!(reqwest::get(&ready).await.unwrap().status(), 200);
    wire.hang();
    tell_to_stop(&child);
    let ended = tokio::time::timeout(ENDS, child.wait()).await.expect("it waits for the database");
    assert_eq!(ended.unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_store_that_is_told_to_stop_before_it_serves_ends_too() {
    let app = TestApp::new().await;
    let url = url::Url::parse(app.app.config.database.url.as_str()).unwrap();
    if url.scheme().starts_with("sqlite") {
        return;
    }
    let mut wire = Wire::to(format!("127.0.0.1:{}", url.port().unwrap()), 0).await;
    let mut away = url.clone();
    away.set_port(Some(wire.port)).unwrap();
    wire.hang();
    for command in ["serve", "migrate"] {
        let mut command_line = app.program();
        command_line.arg(command).env("MIST_HTTP__LISTEN", "127.0.0.1:0").env("MIST_METRICS__LISTEN", "off");
        command_line.env("MIST_DATABASE__URL", away.as_str()).kill_on_drop(true);
        let mut child = command_line.spawn().unwrap();
        wire.asked().await;
        tell_to_stop(&child);
        tokio::time::timeout(ENDS, child.wait()).await.expect("it waits for the database").unwrap();
    }
}
