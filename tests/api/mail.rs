//! Mail, by file and by SMTP.
use std::path::PathBuf;

use chrono::Duration;
use mist::{
    config::{Config, MailKind, Secret},
    mail::{self, Attachment, Mail},
};

use serde_json::json;

use crate::support::{Client, Letter, PASSWORD, TestApp};

const HINT: &str =
    "the SMTP server for tests; `cargo xtask test` and `cargo xtask smtp` start one and set it";

/// Something that is sent along, of bytes that are no text.
fn note() -> Attachment {
    Attachment { name: "note.pdf".to_owned(), kind: "application/pdf", bytes: vec![0, 13, 10, 46, 255] }
}

fn mail_to(app: &TestApp, to: &str) -> Mail {
    let letter = mail::Letter {
        subject: "Grüße\r\nBcc: eve@example.com".to_owned(),
        text: "Dear Ada,\n.\nthis line followed a dot.\n".to_owned(),
        html: "<p>Dear Ada</p>".to_owned(),
    };
    Mail {
        id: app.clock.new_id(),
        to: to.parse().unwrap(),
        letter,
        attachments: vec![note()],
        unsubscribe: None,
    }
}

/// Settings of the test server, with a user and `?tls=` if they are given.
fn smtp(user: &str, tls: &str) -> impl FnOnce(&mut Config) {
    let url = server().replace("//", &format!("//{user}"));
    let url = Secret::new(format!("{url}{tls}"));
    |config| {
        config.mail.kind = MailKind::Smtp;
        config.mail.smtp.url = Some(url);
    }
}

/// The address of the test server.
pub(super) fn server() -> String {
    std::env::var("MIST_TEST_SMTP_URL").expect(HINT)
}

/// The last mail to somebody that it took.
pub(super) fn arrived(recipient: &str) -> PathBuf {
    PathBuf::from(std::env::var("MIST_TEST_SMTP_FOLDER").expect(HINT)).join(format!("{recipient}.eml"))
}

/// An address that no other test writes to.
pub(super) fn somebody() -> String {
    #[expect(clippy::disallowed_methods, reason = "an address for a test, not an id of a row")]
    let name = uuid::Uuid::new_v4().simple();
    format!("{name}@example.com")
}

#[tokio::test]
async fn a_mail_becomes_one_file_however_often_it_is_sent() {
    let app = TestApp::new().await;
    let (first, second) = (mail_to(&app, "ada@example.com"), mail_to(&app, "bob@example.com"));
    mail::send(&app.app, second).await.unwrap();
    mail::send(&app.app, first.clone()).await.unwrap();
    app.advance(Duration::minutes(1));
    mail::send(&app.app, first.clone()).await.unwrap();

    let mails = app.mails();
    assert_eq!(mails.len(), 2);
    let lines: Vec<&str> = mails[0].lines().collect();
    assert!(lines.contains(&"To: ada@example.com"), "names sort in the order of the ids: {lines:#?}");
    assert!(lines.contains(&format!("Message-ID: <{}@localhost>", first.id).as_str()), "{lines:#?}");
    assert!(lines.contains(&"From: Mist <store@localhost>"), "{lines:#?}");
    assert!(lines.contains(&"Date: Sun, 22 Nov 2026 12:01:00 +0000"), "{lines:#?}");
    let name = app.path("mail").join(format!("20261122T120000.000Z-{}.eml", first.id));
    assert!(name.is_file());
}

#[tokio::test]
async fn no_text_of_a_mail_becomes_a_header() {
    let app = TestApp::new().await;
    mail::send(&app.app, mail_to(&app, "ada@example.com")).await.unwrap();
    let mail = &app.mails()[0];
    let (headers, _) = mail.split_once("\r\n\r\n").unwrap();
    assert!(headers.lines().all(|line| !line.starts_with("Bcc")), "{headers}");
}

#[tokio::test]
async fn a_mail_reaches_an_smtp_server_whole() {
    let app = TestApp::with(smtp("", "")).await;
    let to = somebody();
    let mail = mail_to(&app, &to);
    mail::send(&app.app, mail.clone()).await.unwrap();
    let received = std::fs::read_to_string(arrived(&to)).unwrap();
    assert!(received.contains(&format!("Message-ID: <{}@localhost>", mail.id)), "{received}");
    assert!(received.contains("Dear Ada,\r\n.\r\nthis line followed a dot.\r\n"), "{received}");
    assert!(received.contains("<p>Dear Ada</p>"), "{received}");
    assert_eq!(Letter::read(&received).files, [("note.pdf".to_owned(), note().bytes)]);
}

#[tokio::test]
async fn who_registers_proves_the_address_by_the_mail_that_a_server_took() {
    let app = TestApp::with(smtp("", "")).await;
    let to = somebody();
    let body = json!({"email": to, "password": PASSWORD, "display_name": "Ada"});
    let session = app.nobody().post("/api/v1/auth/register", body).await.json();
    app.run_jobs().await;
    let received = std::fs::read_to_string(arrived(&to)).unwrap();
    let (_, token) = Letter::read(&received).link();
    let reply = app.nobody().post("/api/v1/auth/email/verify", json!({"token": token})).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
    let account = Client::signed_in(&app.url, &session).get("/api/v1/me").await.json();
    assert_eq!(account["email_verified"], true);
}

#[tokio::test]
async fn who_the_server_never_takes_is_told_from_who_is_busy() {
    let app = TestApp::with(smtp("", "")).await;
    let rejected = mail::send(&app.app, mail_to(&app, "rejected@example.com")).await.unwrap_err();
    assert_eq!(rejected.code(), "mail_rejected");
    let busy = mail::send(&app.app, mail_to(&app, "busy@example.com")).await.unwrap_err();
    assert_eq!(busy.code(), "unavailable");
    assert!(!format!("{rejected} {busy}").contains("example.com"), "an address would stay with the job");
}

#[tokio::test]
async fn a_password_is_used_and_never_sent_unencrypted_unasked() {
    let to = somebody();
    let app = TestApp::with(smtp("mist:secret@", "?tls=opportunistic")).await;
    mail::send(&app.app, mail_to(&app, &to)).await.unwrap();
    assert!(arrived(&to).is_file());

    let to = somebody();
    for (user, tls) in [("mist:secret@", ""), ("", "?tls=required"), ("mist:wrong@", "?tls=opportunistic")] {
        let app = TestApp::with(smtp(user, tls)).await;
        let error = mail::send(&app.app, mail_to(&app, &to)).await.unwrap_err();
        assert_eq!(error.code(), "unavailable", "{user} {tls}");
        assert!(!arrived(&to).exists(), "{user} {tls}");
    }
}

#[tokio::test]
async fn mail_waits_while_no_server_answers() {
    let app = TestApp::with(|config| {
        config.mail.kind = MailKind::Smtp;
        config.mail.smtp.url = Some(Secret::new("smtp://127.0.0.1:1"));
    })
    .await;
    let error = mail::send(&app.app, mail_to(&app, "ada@example.com")).await.unwrap_err();
    assert_eq!(error.code(), "unavailable");
}
