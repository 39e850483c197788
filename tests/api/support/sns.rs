//! Amazon SNS for one test: an independent party makes its key and signs its messages, and loopback has its certificate.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::SecondsFormat;
use mist::config::Config;
use serde_json::{Value, json};

use super::{Reply, TestApp, judge::judge, noon};

pub const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:mail";
/// Where the certificate is said to be.
pub const CERTIFICATE: &str = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a1b.pem";
/// A certificate that is good no more.
pub const EXPIRED: &str = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-dead.pem";

/// What is at each path, and how often each was asked for.
#[derive(Default)]
struct Pages {
    pages: HashMap<String, String>,
    asked: Vec<String>,
}

/// A running stand-in.
pub struct Sns {
    pages: Arc<Mutex<Pages>>,
    pub url: String,
    key: String,
    expired_key: String,
}

async fn page(State(pages): State<Arc<Mutex<Pages>>>, uri: Uri) -> Result<String, StatusCode> {
    let mut pages = pages.lock().unwrap();
    pages.asked.push(uri.to_string());
    pages.pages.get(uri.path()).cloned().ok_or(StatusCode::NOT_FOUND)
}

impl Sns {
    pub async fn start() -> Self {
        let made = |year: i32| judge(&json!({"judge": "sns_certificate", "year": year}))["answer"].clone();
        let text = |made: &Value, name: &str| made[name].as_str().unwrap().to_owned();
        let (good, expired) = (made(2026), made(2025));
        let place = |url: &str| url.split_once(".com").unwrap().1.to_owned();
        let known = HashMap::from([
            (place(CERTIFICATE), text(&good, "certificate")),
            (place(EXPIRED), text(&expired, "certificate")),
            ("/".to_owned(), "<ConfirmSubscriptionResponse/>".to_owned()),
        ]);
        let pages = Arc::new(Mutex::new(Pages { pages: known, asked: Vec::new() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(page).with_state(Arc::clone(&pages));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { pages, url, key: text(&good, "key"), expired_key: text(&expired, "key") }
    }

    /// Lets a store believe the topic.
    pub fn configure(&self, config: &mut Config) {
        config.mail.sns.topics = vec![TOPIC.to_owned()];
        config.mail.sns.certificates = Some(self.url.parse().unwrap());
    }

    /// What was asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.pages.lock().unwrap().asked.clone()
    }

    /// A message as it is before it is signed.
    pub fn message(&self, text: &str) -> Value {
        json!({
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Subject": "Amazon SES Email Event Notification",
            "Message": text,
            "Timestamp": noon().to_rfc3339_opts(SecondsFormat::Millis, true),
            "SignatureVersion": "2",
            "SigningCertURL": CERTIFICATE,
            "UnsubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
        })
    }

    /// It, signed.
    pub fn signed(&self, message: Value) -> Value {
        self.signed_by(&self.key, message)
    }

    /// It, signed by the key of the certificate that is good no more.
    pub fn signed_too_late(&self, message: Value) -> Value {
        self.signed_by(&self.expired_key, message)
    }

    fn signed_by(&self, key: &str, mut message: Value) -> Value {
        let asked = json!({"judge": "sns_signature", "key": key, "message": message});
        message["Signature"] = judge(&asked)["answer"].clone();
        message
    }

    /// SES tells of a mail that came back, or was complained of.
    pub async fn tell(&self, app: &TestApp, text: &Value) {
        let reply = tell(app, &self.signed(self.message(&text.to_string()))).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

/// Posts a message as SNS does.
pub async fn tell(app: &TestApp, message: &Value) -> Reply {
    let request = app.nobody().request(reqwest::Method::POST, "/api/v1/webhooks/sns");
    let request = request.header("content-type", "text/plain; charset=UTF-8");
    let kind = message["Type"].as_str().unwrap_or_default().to_owned();
    Reply::of(request.header("x-amz-sns-message-type", kind).body(message.to_string())).await
}

/// Mail to an address came back.
pub fn bounce(kind: &str, address: &str) -> Value {
    json!({
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": kind, "bounceSubType": "General", "timestamp": "2026-11-22T11:59:00.000Z",
            "bouncedRecipients": [{"emailAddress": address, "action": "failed", "status": "5.1.1"}],
        },
        "mail": {"messageId": "0102", "destination": [address]},
    })
}

/// Somebody complained of mail.
pub fn complaint(address: &str) -> Value {
    json!({
        "eventType": "Complaint",
        "complaint": {
            "complainedRecipients": [{"emailAddress": address}], "complaintFeedbackType": "abuse",
            "timestamp": "2026-11-22T11:59:00.000Z",
        },
        "mail": {"messageId": "0103", "destination": [address]},
    })
}
