//! Mail by Amazon SES, against moto.
use mist::{
    config::Secret,
    mail::{self, Attachment, Mail},
};

use crate::support::{
    Letter, TestApp,
    aws::{SENDER, Server},
};

/// Something that is sent along, of bytes that are no text.
fn note() -> Attachment {
    Attachment { name: "note.pdf".to_owned(), kind: "application/pdf", bytes: vec![0, 13, 10, 46, 255] }
}

fn mail_to(app: &TestApp, to: &str) -> Mail {
    let letter = mail::Letter {
        subject: "Grüße".to_owned(),
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

#[tokio::test]
async fn a_mail_reaches_ses_whole_and_signed() {
    let aws = Server::start();
    let app = TestApp::with(|config| aws.configure(config)).await;
    let mail = mail_to(&app, "ada@example.com");
    mail::send(&app.app, mail.clone()).await.unwrap();
    let taken = aws.mails().await;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0]["source"], SENDER);
    assert_eq!(taken[0]["destinations"][0], "ada@example.com");
    let raw = taken[0]["raw_data"].as_str().unwrap();
    assert!(raw.contains(&format!("Message-ID: <{}@localhost>", mail.id)), "{raw}");
    assert!(raw.contains("From: Mist <store@example.com>\r\n"), "{raw}");
    let read = Letter::read(raw);
    assert_eq!(read.text, mail.letter.text.trim_end());
    assert_eq!(read.files, [("note.pdf".to_owned(), note().bytes)]);
}

#[tokio::test]
async fn what_ses_never_takes_is_told_from_what_somebody_can_cure() {
    let aws = Server::start();
    let app = TestApp::with(|config| {
        aws.configure(config);
        config.mail.from = "Eve <eve@example.com>".to_owned();
    })
    .await;
    let rejected = mail::send(&app.app, mail_to(&app, "ada@example.com")).await.unwrap_err();
    assert_eq!(rejected.code(), "mail_rejected");

    let unsigned = app.another_copy_with(|config| {
        config.mail.ses.secret_access_key = Some(Secret::new("another"));
    });
    let unsigned = unsigned.await;
    let refused = mail::send(&unsigned.app, mail_to(&app, "ada@example.com")).await.unwrap_err();
    assert_eq!(refused.code(), "unavailable");
    assert!(refused.to_string().contains("403"), "{refused}");

    let lonely = app.another_copy_with(|config| {
        config.mail.ses.endpoint = Some("http://127.0.0.1:1".parse().unwrap());
    });
    let lonely = lonely.await;
    let silent = mail::send(&lonely.app, mail_to(&app, "ada@example.com")).await.unwrap_err();
    assert_eq!(silent.code(), "unavailable");
    assert!(!format!("{rejected} {refused} {silent}").contains("ada@"), "an address would stay with the job");
    assert_eq!(aws.mails().await.len(), 0);
}
