//! The event log and the work that is done beside the requests.
use chrono::Duration;
use entity::event;
use futures::FutureExt;
use mist::{
    app::App,
    background,
    clock::Clock,
    db::Db,
    error::Error,
    events::{self, Event, Reader},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::support::{TestApp, noon};

/// Records an event without an actor, as that clock tells its time and its id.
async fn record(app: &App, clock: &Clock, kind: &'static str) {
    let event = Event::new(kind, Uuid::from_u128(1));
    app.db.write(async |tx| Ok(event.clone().record(tx, clock).await?)).await.unwrap();
}

/// The kinds of all numbered events with their numbers, in that order.
async fn numbered(app: &App) -> Vec<(i64, String)> {
    let rows = event::Entity::find().filter(event::Column::Seq.is_not_null());
    let rows = rows.order_by_asc(event::Column::Seq).all(&app.db.read).await.unwrap();
    rows.into_iter().map(|row| (row.seq.unwrap(), row.kind)).collect()
}

async fn kept_events(app: &App) -> u64 {
    event::Entity::find().count(&app.db.read).await.unwrap()
}

/// Another process over the same database.
async fn second_copy(app: &TestApp) -> App {
    let config = app.app.config.clone();
    let db = Db::connect(&config.database).await.unwrap();
    App::open(config, app.clock.clone(), db, 0).await.unwrap()
}

/// A reader that writes nothing and fails on `poison`.
const PICKY: Reader = Reader {
    name: "picky",
    apply: |_, _, events| {
        async move {
            match events.iter().any(|event| event.kind == "test.poison") {
                true => Err(Error::unexpected("poison")),
                false => Ok(()),
            }
        }
        .boxed()
    },
};

#[tokio::test]
async fn an_event_that_commits_late_is_numbered_behind_those_already_read() {
    let app = TestApp::new().await;
    record(&app.app, &app.clock, "test.first").await;
    assert_eq!(events::number(&app.app.db).await.unwrap(), 1);
    assert_eq!(PICKY.catch_up(&app.app).await.unwrap(), 1);
    // Its id is older than that of the first: its transaction began earlier and took longer.
    record(&app.app, &Clock::fixed(noon() - Duration::minutes(1)), "test.late").await;
    assert_eq!(events::number(&app.app.db).await.unwrap(), 1);
    assert_eq!(PICKY.catch_up(&app.app).await.unwrap(), 1);
    assert_eq!(numbered(&app.app).await, [(1, "test.first".to_owned()), (2, "test.late".to_owned())]);
}

#[tokio::test]
async fn copies_that_number_at_once_never_give_one_number_twice() {
    let app = TestApp::new().await;
    let other = second_copy(&app).await;
    for _ in 0..40 {
        record(&app.app, &app.clock, "test.happened").await;
    }
    let (one, two) = tokio::join!(events::number(&app.app.db), events::number(&other.db));
    assert_eq!(one.unwrap() + two.unwrap(), 40);
    let numbers: Vec<i64> = numbered(&app.app).await.into_iter().map(|(seq, _)| seq).collect();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    let (one, two) = tokio::join!(PICKY.catch_up(&app.app), PICKY.catch_up(&other));
    assert_eq!(one.unwrap() + two.unwrap(), 40);
}

#[tokio::test]
async fn a_reader_that_fails_stays_where_it_was() {
    let app = TestApp::new().await;
    for kind in ["test.fine", "test.poison"] {
        record(&app.app, &app.clock, kind).await;
    }
    events::number(&app.app.db).await.unwrap();
    PICKY.catch_up(&app.app).await.unwrap_err();
    let lag = events::lags(&app.app).await.unwrap();
    assert!(lag.iter().all(|lag| lag.reader != "picky" || lag.events == 2), "{lag:?}");
    let patient = Reader { apply: |_, _, _| async { Ok(()) }.boxed(), ..PICKY };
    assert_eq!(patient.catch_up(&app.app).await.unwrap(), 2);
    let lag = events::lags(&app.app).await.unwrap();
    assert_eq!(lag, [events::Lag { reader: "picky".to_owned(), events: 0 }]);
}

#[tokio::test]
async fn events_are_removed_after_thirty_days_once_everybody_has_read_them() {
    let app = TestApp::new().await;
    record(&app.app, &app.clock, "test.old").await;
    app.advance(Duration::days(31));
    record(&app.app, &app.clock, "test.new").await;

    assert!(background::tick(&app.app, "retention").await.unwrap());
    assert_eq!(kept_events(&app.app).await, 2, "nobody has read them");

    background::tick(&app.app, "events").await.unwrap();
    app.advance(Duration::hours(1));
    assert!(background::tick(&app.app, "retention").await.unwrap());
    assert_eq!(numbered(&app.app).await, [(2, "test.new".to_owned())]);

    // Numbers go on after all that was removed.
    app.advance(Duration::days(31));
    background::tick(&app.app, "retention").await.unwrap();
    assert_eq!(kept_events(&app.app).await, 0);
    record(&app.app, &app.clock, "test.newest").await;
    background::tick(&app.app, "events").await.unwrap();
    assert_eq!(numbered(&app.app).await, [(3, "test.newest".to_owned())]);
}

#[tokio::test]
async fn of_several_copies_one_takes_the_turn() {
    let app = TestApp::new().await;
    let other = second_copy(&app).await;
    let (one, two) =
        tokio::join!(background::tick(&app.app, "retention"), background::tick(&other, "retention"));
    assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|ran| **ran).count(), 1);
    assert!(!background::tick(&other, "retention").await.unwrap(), "the turn lasts until the next is due");
    app.advance(Duration::hours(1));
    assert!(background::tick(&other, "retention").await.unwrap());
}

#[tokio::test]
async fn done_jobs_can_be_looked_at_for_a_week() {
    let app = TestApp::new().await;
    let job = queue::NewJob::new(app.clock.new_id(), "test", &());
    let now = app.clock.now();
    let id = queue::enqueue(app.app.db.writer(), job, now).await.unwrap().unwrap();
    queue::discard(app.app.db.writer(), id, now).await.unwrap();
    app.advance(Duration::days(6));
    background::tick(&app.app, "retention").await.unwrap();
    assert!(queue::get(&app.app.db.read, id).await.unwrap().is_some());
    app.advance(Duration::days(2));
    background::tick(&app.app, "retention").await.unwrap();
    assert!(queue::get(&app.app.db.read, id).await.unwrap().is_none());
}
