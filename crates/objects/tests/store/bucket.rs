//! What a server of S3 may answer beside what it should, and what it is asked.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use objects::{Asked, Error, Key, Objects, S3Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers as it is told, and remembers what it was asked.
struct Stub {
    objects: Objects,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    async fn new(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, heard) = (Arc::new(answer), Arc::clone(&asked));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (answer, heard) = (Arc::clone(&answer), Arc::clone(&heard));
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
                        if stream.read_buf(&mut head).await.unwrap() == 0 {
                            return;
                        }
                    }
                    let line = String::from_utf8_lossy(&head).lines().next().unwrap().to_owned();
                    let (status, body) = answer(&line);
                    heard.lock().unwrap().push(line);
                    let length = body.len();
                    let reply = format!(
                        "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                    );
                    // Whoever sends a body may be gone before it has read the answer.
                    drop(stream.write_all(reply.as_bytes()).await);
                });
            }
        });
        let objects = Objects::s3(&settings(Some(endpoint), None), true, None).unwrap();
        Self { objects, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn settings(endpoint: Option<String>, session_token: Option<&str>) -> S3Settings {
    S3Settings {
        bucket: "mist".to_owned(),
        region: Some("eu-central-1".to_owned()),
        path_style: endpoint.is_some(),
        endpoint,
        credentials: Some(("key".to_owned(), "secret".to_owned())),
        session_token: session_token.map(str::to_owned),
    }
}

fn key() -> Key {
    Key::parse("ab".repeat(32)).unwrap()
}

fn fault(code: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>x</Message></Error>")
}

#[tokio::test]
async fn a_server_that_fails_is_unavailable_however_it_fails() {
    for (status, code) in
        [(500, "InternalError"), (503, "SlowDown"), (403, "AccessDenied"), (404, "NoSuchBucket")]
    {
        let stub = Stub::new(move |_| (status, fault(code))).await;
        let read = stub.objects.read(&key(), 0..3).await;
        assert!(matches!(read, Err(Error::Unavailable(_))), "{code}");
        let mut writer = stub.objects.writer().await.unwrap();
        writer.write(Bytes::from_static(b"abc")).await.unwrap();
        assert!(matches!(writer.finish().await, Err(Error::Unavailable(_))), "{code}");
        assert!(matches!(stub.objects.probe().await, Err(Error::Unavailable(_))), "{code}");
        assert!(stub.asked().len() <= 12, "{code}: tried again {} times", stub.asked().len());
    }
}

#[tokio::test]
async fn an_object_that_is_not_there_is_not_found() {
    let stub = Stub::new(|_| (404, fault("NoSuchKey"))).await;
    assert!(matches!(stub.objects.read(&key(), 0..3).await, Err(Error::NotFound)));
    assert!(matches!(stub.objects.size(&key()).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn uploads_that_were_left_open_are_aborted_when_they_are_old() {
    let upload = |key: &str, id: &str, day: &str| {
        format!(
            "<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>{day}T00:00:00.000Z</Initiated></Upload>"
        )
    };
    let first = format!(
        "<ListMultipartUploadsResult><NextKeyMarker>objects/b</NextKeyMarker><NextUploadIdMarker>new</NextUploadIdMarker>\
         <IsTruncated>true</IsTruncated>{}{}</ListMultipartUploadsResult>",
        upload("objects/a", "old", "2026-01-01"),
        upload("objects/b", "new", "2026-01-03"),
    );
    let second = format!(
        "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>{}{}</ListMultipartUploadsResult>",
        upload("objects/c", "older", "2025-01-01"),
        upload("of/others", "older", "2025-01-01"),
    );
    let stub = Stub::new(move |line| match line {
        line if line.starts_with("DELETE ") => (204, String::new()),
        line if line.contains("key-marker=objects%2Fb") => (200, second.clone()),
        _ => (200, first.clone()),
    })
    .await;
    let before = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_312_000);
    assert_eq!(stub.objects.abort_uploads_older(before).await.unwrap(), Some(2));
    let deleted = stub.asked().into_iter().filter(|line| line.starts_with("DELETE "));
    let deleted: Vec<String> = deleted.map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(deleted, ["/mist/objects/a?uploadId=old", "/mist/objects/c?uploadId=older"]);
    // One that knows no such list.
    let stub = Stub::new(|_| (501, fault("NotImplemented"))).await;
    assert_eq!(stub.objects.abort_uploads_older(before).await.unwrap(), None);
}

#[tokio::test]
async fn a_link_lives_no_longer_than_what_signs_it() {
    let (minute, week) = (Duration::from_secs(60), Duration::from_secs(7 * 24 * 3600));
    for (token, wanted, life) in [
        (None, 10 * minute, 10 * minute),
        (None, 2 * week, week),
        (Some("token"), 10 * minute, 5 * minute),
        (Some("token"), minute, minute),
    ] {
        let objects = Objects::s3(&settings(None, token), true, None).unwrap();
        assert_eq!(objects.link_life(wanted).await.unwrap(), Some(life));
        let asked = Asked {
            disposition: "attachment",
            media_type: "application/zip",
            life,
            expires: 0,
            address: None,
            noted: None,
        };
        let url = objects.link(&key(), &asked).await.unwrap();
        assert!(url.starts_with("https://mist.s3.eu-central-1.amazonaws.com/objects/ab/ab/"), "{url}");
        assert_eq!(url.contains("X-Amz-Security-Token=token"), token.is_some());
        assert!(url.contains(&format!("X-Amz-Expires={}", life.as_secs())), "{url}");
    }
    let through = Objects::s3(&settings(None, None), false, None).unwrap();
    assert_eq!(through.link_life(minute).await.unwrap(), None);
}
