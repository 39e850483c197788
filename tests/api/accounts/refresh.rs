use chrono::Duration;
use serde_json::json;

use super::{ME, REFRESH, events, refresh};
use crate::support::{Client, TestApp};

#[tokio::test]
async fn a_refresh_token_is_swapped_for_a_new_session_answer() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let reply = refresh(&app, ada.session()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let next = Client::signed_in(&app.url, &reply.json());
    assert_ne!(next.session()["refresh_token"], ada.session()["refresh_token"]);
    assert_eq!(next.session_id(), ada.session_id());
    assert_eq!(next.get(ME).await.status, 200);
    assert_eq!(refresh(&app, next.session()).await.status, 200);
}

#[tokio::test]
async fn a_token_that_comes_twice_ends_the_session_for_whoever_holds_it() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let next = refresh(&app, ada.session()).await.json();
    let reply = refresh(&app, ada.session()).await;
    assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_refresh_token"));
    assert_eq!(refresh(&app, &next).await.status, 401);
    assert_eq!(Client::signed_in(&app.url, &next).get(ME).await.status, 401);
    assert_eq!(ada.get(ME).await.status, 401);
    assert_eq!(events(&app, "session.reuse_detected").await, 1);
    // Once revoked, it is neither detected nor told again.
    assert_eq!(refresh(&app, ada.session()).await.status, 401);
    assert_eq!(events(&app, "session.reuse_detected").await, 1);
}

#[tokio::test]
async fn of_twenty_who_use_one_token_at_once_at_most_one_succeeds() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    let replies = futures::future::join_all((0..20).map(|_| refresh(&app, ada.session()))).await;
    let swapped = replies.iter().filter(|reply| reply.status == 200).count();
    let refused = replies.iter().filter(|reply| reply.status == 401).count();
    assert_eq!((swapped, refused), (1, 19));
    assert_eq!(ada.get(ME).await.status, 401);
}

#[tokio::test]
async fn a_session_lives_thirty_days_from_its_last_refresh() {
    let app = TestApp::new().await;
    let ada = app.account("ada").await;
    app.advance(Duration::days(29));
    let next = refresh(&app, ada.session()).await.json();
    app.advance(Duration::days(29));
    let last = refresh(&app, &next).await.json();
    app.advance(Duration::days(30));
    let reply = refresh(&app, &last).await;
    assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_refresh_token"));
}

#[tokio::test]
async fn a_session_ends_a_year_after_its_sign_in_however_often_it_is_refreshed() {
    let app = TestApp::new().await;
    let mut session = app.account("ada").await.session().clone();
    for _ in 0..18 {
        app.advance(Duration::days(20));
        session = refresh(&app, &session).await.json();
    }
    app.advance(Duration::days(5) - Duration::seconds(1));
    session = refresh(&app, &session).await.json();
    assert_eq!(Client::signed_in(&app.url, &session).get(ME).await.status, 200);
    app.advance(Duration::seconds(1));
    assert_eq!(Client::signed_in(&app.url, &session).get(ME).await.status, 401, "its access token ends too");
    let reply = refresh(&app, &session).await;
    assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_refresh_token"));
}

#[tokio::test]
async fn what_was_never_given_out_is_refused() {
    let app = TestApp::new().await;
    let reply = app.nobody().post(REFRESH, json!({"refresh_token": "made-up"})).await;
    assert_eq!((reply.status, reply.code().as_str()), (401, "invalid_refresh_token"));
    let reply = app.nobody().post(REFRESH, json!({})).await;
    assert_eq!((reply.status, reply.code().as_str()), (422, "required"));
}
