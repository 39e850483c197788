//! Copies of a store over one database: they share what is to be told.
use std::collections::HashSet;

use chrono::Duration;
use mist::{
    background,
    config::{MailKind, Secret},
    webhooks,
};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    checkout::shop::{Shop, buy},
    mail::{server, somebody},
    mail_down::{registered, signed_in, taken},
    support::TestApp,
    webhooks::receiver::{Manner, Receiver},
};

/// Whatever runs beside the requests, once.
async fn work(app: &TestApp) {
    background::tick(&app.app, "events").await.unwrap();
    app.run_jobs().await;
    webhooks::send_due(&app.app).await.unwrap();
}

#[tokio::test]
async fn two_copies_at_work_at_once_tell_each_thing_once() {
    let shop = Shop::with(|config| {
        config.mail.kind = MailKind::Smtp;
        config.mail.smtp.url = Some(Secret::new(server()));
        config.webhooks.allow_private = true;
    })
    .await;
    let receiver = Receiver::new(Manner::Status(200)).await;
    let admin = shop.app.admin().await;
    let endpoint = json!({"url": receiver.url, "events": ["order.paid"]});
    assert_eq!(admin.post("/api/v1/admin/webhooks", endpoint).await.status, 201);
    let other = shop.app.another_copy().await;
    let products = [shop.sell("Celeste", 900).await, shop.sell("Hades", 900).await];
    let buyers: Vec<String> = (0..4).map(|_| somebody()).collect();
    for buyer in &buyers {
        registered(&shop, buyer).await;
        let client = signed_in(&shop, buyer).await;
        for product in products {
            buy(&client, &[product]).await;
        }
    }
    for _ in 0..3 {
        tokio::join!(work(&shop.app), work(&other));
        shop.app.advance(Duration::seconds(10));
    }
    for buyer in &buyers {
        let came = taken(buyer);
        let ids: HashSet<&String> = came.iter().map(|(id, _)| id).collect();
        assert_eq!(came.len(), ids.len(), "{came:#?}");
        assert_eq!(came.iter().filter(|(_, subject)| subject.contains("receipt")).count(), 2, "{came:#?}");
        let told = signed_in(&shop, buyer).await.get("/api/v1/notifications?limit=100").await.json();
        let told: Vec<String> = told["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!("{} {}", one["kind"], one["subject"]))
            .collect();
        assert_eq!(told.iter().filter(|one| one.contains("order_paid")).count(), 2, "{told:#?}");
        assert_eq!(told.len(), told.iter().collect::<HashSet<_>>().len(), "{told:#?}");
    }
    let messages = receiver.messages();
    let ids: HashSet<&str> = messages.iter().map(|message| message.id()).collect();
    assert_eq!((messages.len(), ids.len()), (8, 8));
}

#[tokio::test]
async fn what_a_copy_that_died_was_sending_another_sends_within_a_minute() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shop = Shop::with(|config| {
        config.mail.kind = MailKind::Smtp;
        config.mail.smtp.url = Some(Secret::new(format!("smtp://{}", silent.local_addr().unwrap())));
    })
    .await;
    let other = shop.app.another_copy_with(|config| config.mail.smtp.url = Some(Secret::new(server()))).await;
    other.run_jobs().await;
    let buyer = somebody();
    registered(&shop, &buyer).await;
    let app = shop.app.app.clone();
    let sending = tokio::spawn(async move { background::run_due(&app).await });
    let _connection = silent.accept().await.unwrap();
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
    other.run_jobs().await;
    assert_eq!(taken(&buyer).len(), 0, "somebody may still be sending it");
    shop.app.advance(Duration::seconds(60));
    other.run_jobs().await;
    other.run_jobs().await;
    assert_eq!(taken(&buyer).len(), 1);
}
