//! A replica takes what may be late, and is never needed.
use chrono::Duration;
use mist::{background, config::Secret};
use sea_orm::ConnectionTrait;

use crate::{
    checkout::shop::{Shop, buy, id},
    support::{
        Client,
        replica::{Pair, asked},
        said,
    },
};

/// How many orders the statistics count.
async fn counted(admin: &Client) -> i64 {
    let reply =
        admin.get("/api/v1/admin/stats/sales?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let rows = reply.json();
    rows["items"].as_array().unwrap().iter().map(|row| row["orders"].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn what_may_be_late_is_asked_of_the_replica_and_everything_else_of_the_primary() {
    let mut pair = Pair::start().await;
    let (primary, replica) = (pair.primary.url(), pair.replica.url());
    let shop = Shop::with(|config| {
        // One address for all copies, or none believes the tokens of another.
        config.http.public_url = Some("http://localhost:8080".parse().unwrap());
        config.database.url = Secret::new(primary);
        config.database.pgbouncer = false;
        config.database.read_url = Some(Secret::new(replica));
    })
    .await;
    let admin = shop.app.admin().await;
    let (first, second) = (shop.sell("Celeste", 1999).await, shop.sell("Towerfall", 900).await);
    buy(&shop.ada, &[first]).await;
    while counted(&admin).await < 1 {
        tokio::task::yield_now().await;
    }

    // As if it were far behind: it applies nothing any more.
    let behind = pair.replica.connect().await;
    behind.execute_unprepared("SELECT pg_wal_replay_pause()").await.unwrap();
    while asked(&behind, "SELECT pg_get_wal_replay_pause_state()").await != "paused" {
        tokio::task::yield_now().await;
    }
    let order = buy(&shop.ada, &[second]).await;
    assert_eq!(shop.ada.get(&format!("/api/v1/orders/{}", id(&order))).await.json()["status"], "paid");
    assert_eq!(
        shop.ada.get(&format!("/api/v1/library/{second}")).await.status,
        200,
        "what was just bought is owned"
    );
    assert_eq!(counted(&admin).await, 1, "the statistics are those of the replica");

    // The nightly check reads what is behind, and finds nothing wrong in it.
    shop.app.advance(Duration::hours(15));
    assert!(background::tick(&shop.app.app, "all invariants").await.unwrap());
    assert_eq!(background::violations(&shop.app.app).await.unwrap(), []);
    let admin = shop.app.nobody().with_session(&signed_in(&shop).await);

    let strict = shop.app.another_copy_with(|config| config.database.read_max_lag = 0).await;
    assert_eq!(counted(&admin.on(&strict.url)).await, 2, "one that is too far behind is passed over");
    behind.execute_unprepared("SELECT pg_wal_replay_resume()").await.unwrap();
    while counted(&admin).await < 2 {
        tokio::task::yield_now().await;
    }

    drop(behind);
    pair.replica.stop();
    assert_eq!(counted(&admin).await, 2, "one that is away is not needed");
    assert_eq!(shop.app.nobody().get("/readyz").await.status, 200);
    background::tick(&shop.app.app, "measures").await.unwrap();
    assert_eq!(counted(&admin).await, 2);
    let begun = shop.app.another_copy().await;
    assert_eq!(counted(&admin.on(&begun.url)).await, 2, "a store starts without it");
    let mut doctor = shop.app.program();
    doctor.env("MIST_DATABASE__READ_URL", pair.replica.url()).arg("doctor");
    let (_, told) = said(doctor.output().await.unwrap());
    assert!(told.contains("the replica does not answer"), "{told}");
}

/// The admin, signed in anew: a token is good for a short time.
async fn signed_in(shop: &Shop) -> serde_json::Value {
    let body = serde_json::json!({"email": "admin@example.com", "password": crate::support::PASSWORD});
    let reply = shop.app.nobody().post("/api/v1/auth/login", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}
