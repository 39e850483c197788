//! What Amazon SNS tells of bounces and complaints, and whom nothing is mailed to since.
use chrono::Duration;
use mist::mail::{self, Reason};
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    checkout::shop::{Shop, buy},
    support::{
        PASSWORD, Reply, TestApp,
        sns::{CERTIFICATE, EXPIRED, Sns, TOPIC, bounce, complaint, tell},
    },
};

const ADA: &str = "ada@example.com";

async fn reason(app: &TestApp, address: &str) -> Option<Reason> {
    mail::suppressed(&app.app.db.read, &app.app.keys, &address.parse().unwrap()).await.unwrap()
}

async fn suppressed(app: &TestApp) -> u64 {
    entity::suppressed_address::Entity::find().count(&app.app.db.read).await.unwrap()
}

async fn noted(app: &TestApp) -> u64 {
    let noted = entity::event::Entity::find().filter(entity::event::Column::Kind.eq("mail.suppressed"));
    noted.count(&app.app.db.read).await.unwrap()
}

fn changed(message: &Value, member: &str, value: &str) -> Value {
    let mut message = message.clone();
    message[member] = json!(value);
    message
}

/// An operator asks the program, which answers.
async fn says(app: &TestApp, asked: &str, answer: &str) {
    let (succeeded, said) = app.run(&["mail", asked, ADA]).await;
    assert!(succeeded && said.contains(answer), "{said}");
}

#[tokio::test]
async fn both_versions_of_signatures_are_believed_however_often_they_come() {
    let sns = Sns::start().await;
    let app = TestApp::with(|config| sns.configure(config)).await;
    for (version, address) in [("1", "bob@example.com"), ("2", "eve@example.com")] {
        let message = sns.message(&bounce("Permanent", address).to_string());
        let mut message = changed(&message, "SignatureVersion", version);
        message.as_object_mut().unwrap().remove("Subject");
        let message = sns.signed(message);
        for _ in 0..2 {
            let reply = tell(&app, &message).await;
            assert_eq!(reply.status, 200, "{version}: {}", reply.text());
        }
        assert_eq!(reason(&app, address).await, Some(Reason::Bounce));
    }
    assert_eq!(suppressed(&app).await, 2);
    assert_eq!(sns.asked(), ["/SimpleNotificationService-0a1b.pem"], "a certificate is kept");
    assert_eq!(noted(&app).await, 0, "no account has these addresses");
}

#[tokio::test]
async fn what_sns_did_not_say_of_the_stores_topics_lately_is_refused() {
    let sns = Sns::start().await;
    let app = TestApp::with(|config| sns.configure(config)).await;
    let message = sns.message(&bounce("Permanent", ADA).to_string());
    let good = sns.signed(message.clone());
    let elsewhere = "https://sns.eu-central-1.amazonaws.com.example/SimpleNotificationService-0a1b.pem";
    let missing = CERTIFICATE.replace("0a1b", "0a1c");
    let refused = [
        changed(&good, "Message", &bounce("Permanent", "bob@example.com").to_string()),
        changed(&good, "MessageId", "another"),
        changed(&good, "Signature", "AAAA"),
        changed(&good, "Signature", "not base64"),
        changed(&good, "SignatureVersion", "1"),
        changed(&good, "SignatureVersion", "3"),
        changed(&good, "SigningCertURL", elsewhere),
        changed(&good, "SigningCertURL", &missing),
        changed(&good, "SigningCertURL", EXPIRED),
        changed(&good, "Timestamp", "yesterday"),
        sns.signed(changed(&message, "TopicArn", &format!("{TOPIC}s"))),
        sns.signed(changed(&message, "Timestamp", "2026-11-22T10:59:59.000Z")),
        sns.signed(changed(&message, "Timestamp", "2026-11-22T13:00:01.000Z")),
        sns.signed_too_late(changed(&message, "SigningCertURL", EXPIRED)),
        json!({"Type": "Notification"}),
        json!([]),
    ];
    for message in refused {
        let reply = tell(&app, &message).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_signature"), "{message}");
    }
    assert!(!sns.asked().is_empty());
    let closed = app.another_copy_with(|config| config.mail.sns.topics.clear()).await;
    assert_eq!(tell(&closed, &good).await.code(), "invalid_signature", "no topic is believed");
    assert_eq!(suppressed(&app).await, 0);

    assert_eq!(tell(&app, &good).await.status, 200);
    app.advance(Duration::minutes(61));
    assert_eq!(tell(&app, &good).await.code(), "invalid_signature", "it was said too long ago");
}

#[tokio::test]
async fn a_message_waits_while_its_certificate_cannot_be_had() {
    let sns = Sns::start().await;
    let app = TestApp::with(|config| {
        sns.configure(config);
        config.mail.sns.certificates = Some("http://127.0.0.1:1".parse().unwrap());
    })
    .await;
    let reply = tell(&app, &sns.signed(sns.message(&bounce("Permanent", ADA).to_string()))).await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "unavailable"));
}

#[tokio::test]
async fn a_subscription_to_a_topic_of_the_settings_is_confirmed_at_sns_alone() {
    let sns = Sns::start().await;
    let app = TestApp::with(|config| sns.configure(config)).await;
    let asked = |url: &str| {
        let mut message = sns.message("You have chosen to subscribe to the topic.");
        message["Type"] = json!("SubscriptionConfirmation");
        message["Token"] = json!("2336412f37");
        message["SubscribeURL"] = json!(url);
        message.as_object_mut().unwrap().remove("Subject");
        message
    };
    let confirming = format!("{}/?Action=ConfirmSubscription&Token=2336412f37", sns.url);
    let reply = tell(&app, &sns.signed(asked(&confirming))).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let confirmed =
        |sns: &Sns| sns.asked().iter().filter(|path| path.starts_with("/?Action=Confirm")).count();
    assert_eq!(confirmed(&sns), 1);

    for url in ["http://127.0.0.1:1/", "https://example.com/?Action=ConfirmSubscription", "nonsense"] {
        let reply = tell(&app, &sns.signed(asked(url))).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_signature"), "{url}");
    }
    let other = changed(&asked(&confirming), "TopicArn", "arn:aws:sns:eu-central-1:1:other");
    assert_eq!(tell(&app, &sns.signed(other)).await.status, 400);
    assert_eq!(tell(&app, &asked(&confirming)).await.status, 400, "it is not signed");
    assert_eq!(confirmed(&sns), 1);
}

#[tokio::test]
async fn who_bounced_for_good_or_complained_is_mailed_no_more_until_they_are_let_off() {
    let sns = Sns::start().await;
    let shop = Shop::with(|config| sns.configure(config)).await;
    let app = &shop.app;
    let before = app.letters(ADA).await.len();
    let games = [shop.sell("One", 100).await, shop.sell("Two", 100).await, shop.sell("Three", 100).await];

    sns.tell(app, &bounce("Transient", ADA)).await;
    sns.tell(app, &json!({"eventType": "Delivery", "delivery": {"recipients": [ADA]}})).await;
    assert_eq!(reason(app, ADA).await, None);
    buy(&shop.ada, &games[..1]).await;
    assert_eq!(app.letters(ADA).await.len(), before + 1, "a mailbox that is full has room some day");

    sns.tell(app, &bounce("Permanent", "Ada <ADA@Example.com>")).await;
    assert_eq!((reason(app, ADA).await, noted(app).await), (Some(Reason::Bounce), 1));
    buy(&shop.ada, &games[1..2]).await;
    assert_eq!(app.letters(ADA).await.len(), before + 1);
    says(app, "suppressed", "yes: bounce").await;

    says(app, "allow", "Mail leaves again.").await;
    says(app, "allow", "It was not stopped.").await;
    says(app, "suppressed", "no: mail leaves").await;
    buy(&shop.ada, &games[2..]).await;
    assert_eq!(app.letters(ADA).await.len(), before + 2);

    sns.tell(app, &complaint(ADA)).await;
    sns.tell(app, &bounce("Permanent", ADA)).await;
    assert_eq!(reason(app, ADA).await, Some(Reason::Complaint), "the first reason stays");
    assert_eq!((suppressed(app).await, noted(app).await), (1, 2));
}

#[tokio::test]
async fn that_an_address_is_suppressed_is_exported_and_erased_with_its_account() {
    let sns = Sns::start().await;
    let app = TestApp::with(|config| sns.configure(config)).await;
    let ada = app.account("ada").await;
    let export = async || ada.get("/api/v1/me/export").await.json()["mail_suppressed"].clone();
    assert_eq!(export().await, json!([]));
    sns.tell(&app, &complaint(ADA)).await;
    assert_eq!(export().await, json!([{"suppressed": "complaint"}]));

    let erased = ada.request(Method::DELETE, "/api/v1/me").json(&json!({"password": PASSWORD}));
    assert_eq!(Reply::of(erased).await.status, 204);
    assert_eq!(suppressed(&app).await, 0);
}
