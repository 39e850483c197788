//! What many are told at once, and who does not wait for it.
use std::time::Duration as Wait;

use mist::{
    background,
    config::{MailKind, Secret},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{lower, shop_with, wish, wishers};
use crate::checkout::shop::buy;

/// Longer than the store takes for a mail, and shorter than it waits for the server with those that many are sent.
const PATIENCE: Wait = Wait::from_secs(30);
/// What stands in the mail of a lower price.
const NEWS: &str = "costs less";

/// A mail server that comes to no end with mails of a lower price.
struct Server {
    address: String,
    /// That such a mail has come.
    stuck: mpsc::UnboundedReceiver<()>,
    /// The mails that it took.
    taken: mpsc::UnboundedReceiver<String>,
}

impl Server {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sticks, stuck) = mpsc::unbounded_channel();
        let (takes, taken) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(talk(stream, sticks.clone(), takes.clone()));
            }
        });
        Self { address, stuck, taken }
    }

    /// Waits until it took a mail that says something.
    async fn takes(&mut self, words: &str) {
        let come = async { while !self.taken.recv().await.unwrap().contains(words) {} };
        timeout(PATIENCE, come).await.unwrap_or_else(|_| panic!("no mail says `{words}`"));
    }
}

/// Whoever has heard enough may go.
async fn talk(stream: TcpStream, sticks: mpsc::UnboundedSender<()>, takes: mpsc::UnboundedSender<String>) {
    let (read, mut write) = stream.into_split();
    let (mut lines, mut mail) = (BufReader::new(read).lines(), None::<String>);
    let mut answer = "220 here";
    loop {
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        answer = loop {
            let Ok(Some(line)) = lines.next_line().await else { return };
            match &mut mail {
                Some(text) if line == "." => {
                    if text.contains(NEWS) {
                        let _gone = sticks.send(());
                        return std::future::pending().await;
                    }
                    let _gone = takes.send(std::mem::take(text));
                    mail = None;
                    break "250 taken";
                }
                Some(text) => text.push_str(&line),
                None if line == "DATA" => {
                    mail = Some(String::new());
                    break "354 go on";
                }
                None => break "250 well",
            }
        };
    }
}

#[tokio::test]
async fn neither_receipts_nor_what_keeps_an_account_safe_wait_for_the_mails_that_many_are_sent() {
    let mut server = Server::new().await;
    let shop = shop_with(|config| {
        config.mail.kind = MailKind::Smtp;
        config.mail.smtp.url = Some(Secret::new(format!("smtp://{}", server.address)));
    })
    .await;
    let (game, other) = (shop.sell("Celeste", 1000).await, shop.sell("Hades", 900).await);
    let _people = wishers(&shop, "wisher", 12, game).await;
    wish(&shop.ada, game).await;
    shop.app.run_jobs().await;
    lower(&shop, game, 800).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(background::run(shop.app.app.clone(), stop.clone()));
    // Ada's is among the first.
    for _ in 0..4 {
        timeout(PATIENCE, server.stuck.recv()).await.unwrap();
    }
    buy(&shop.ada, &[other]).await;
    server.takes("receipt for order").await;
    let key = serde_json::json!({"name": "lamp", "scopes": ["orders:read"]});
    assert_eq!(shop.ada.post("/api/v1/me/api-keys", key).await.status, 201);
    server.takes("An API key was made").await;
    // It would wait for the mails that nobody takes.
    running.abort();
}
