//! What becomes of mails while the server that takes them is down.
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::Duration;
use mist::{
    background,
    config::{MailKind, Secret},
};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use crate::{
    checkout::shop::{Shop, buy},
    mail::{arrived, server, somebody},
    support::{Client, PASSWORD},
};

/// Between a store and the server of the tests: a way that somebody closes and opens.
struct Way {
    address: String,
    open: Arc<AtomicBool>,
}

impl Way {
    async fn closed() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = server().replace("smtp://", "");
        let open = Arc::<AtomicBool>::default();
        let is_open = Arc::clone(&open);
        tokio::spawn(async move {
            loop {
                let (mut store, _) = listener.accept().await.unwrap();
                if is_open.load(Ordering::SeqCst) {
                    let mut server = TcpStream::connect(&server).await.unwrap();
                    tokio::spawn(async move {
                        // Whoever hangs up first ends it.
                        let _ended = tokio::io::copy_bidirectional(&mut store, &mut server).await;
                    });
                }
            }
        });
        Self { address, open }
    }
}

/// The mails to somebody that the server took: Message-ID and subject of each, in the order in which they came.
pub(super) fn taken(recipient: &str) -> Vec<(String, String)> {
    let journal = std::fs::read_to_string(arrived(recipient).with_file_name("journal")).unwrap_or_default();
    let lines = journal.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    lines.filter(|line| line[0] == recipient).map(|line| (line[1].clone(), line[3].clone())).collect()
}

pub(super) async fn registered(shop: &Shop, address: &str) {
    let body = json!({"email": address, "password": PASSWORD, "display_name": "Somebody"});
    assert_eq!(shop.app.nobody().post("/api/v1/auth/register", body).await.status, 201);
}

pub(super) async fn signed_in(shop: &Shop, address: &str) -> Client {
    let body = json!({"email": address, "password": PASSWORD});
    Client::signed_in(&shop.app.url, &shop.app.nobody().post("/api/v1/auth/login", body).await.json())
}

#[tokio::test]
async fn after_an_hour_without_a_server_each_mail_comes_once_and_in_its_order_within_ten_minutes() {
    let way = Way::closed().await;
    let shop = Shop::with(|config| {
        config.mail.kind = MailKind::Smtp;
        config.mail.smtp.url = Some(Secret::new(format!("smtp://{}", way.address)));
    })
    .await;
    let mut products = Vec::new();
    for number in 0..12 {
        products.push(shop.sell(&format!("Game {number}"), 900).await);
    }
    let buyers = [somebody(), somebody()];
    for buyer in &buyers {
        registered(&shop, buyer).await;
    }
    let mut numbers = [Vec::new(), Vec::new()];
    for product in products {
        for (buyer, numbers) in buyers.iter().zip(&mut numbers) {
            let order = buy(&signed_in(&shop, buyer).await, &[product]).await;
            numbers.push(order["number"].as_str().unwrap().to_owned());
        }
        background::tick(&shop.app.app, "events").await.unwrap();
        shop.app.run_jobs().await;
        shop.app.advance(Duration::minutes(5));
    }
    assert!(buyers.iter().all(|buyer| taken(buyer).is_empty()), "nobody took anything");

    way.open.store(true, Ordering::SeqCst);
    for _ in 0..10 {
        shop.app.run_jobs().await;
        shop.app.advance(Duration::minutes(1));
    }
    for (buyer, numbers) in buyers.iter().zip(numbers) {
        let came = taken(buyer);
        assert!(
            came.windows(2).all(|two| two[0].0 < two[1].0),
            "each once, in the order in which they were asked for: {came:#?}"
        );
        let subjects = came.iter().map(|(_, subject)| subject.as_str());
        let receipts = subjects.filter_map(|subject| subject.split("receipt for order ").nth(1));
        assert_eq!(receipts.collect::<Vec<_>>(), numbers);
    }
    let dead = queue::Filter { state: Some(queue::State::Dead), ..queue::Filter::default() };
    assert_eq!(queue::list(&shop.app.app.db.read, &dead).await.unwrap(), []);
    shop.is_sound().await;
}

#[tokio::test]
async fn a_mailbox_that_is_busy_holds_nobody_up() {
    let shop = Shop::with(|config| {
        config.mail.kind = MailKind::Smtp;
        config.mail.smtp.url = Some(Secret::new(server()));
    })
    .await;
    let other = somebody();
    registered(&shop, "busy@example.com").await;
    registered(&shop, &other).await;
    shop.app.run_jobs().await;
    assert_eq!(taken(&other).len(), 1);
    let ready = queue::Filter { state: Some(queue::State::Ready), ..queue::Filter::default() };
    let tried = queue::list(&shop.app.app.db.read, &ready).await.unwrap();
    let tried: Vec<_> = tried.iter().filter(|job| job.last_error.is_some()).collect();
    assert!(tried.len() == 1 && tried[0].attempts == 1, "what is its own fault is counted: {tried:#?}");
}
