//! What is sent to end a line ends none: neither of the log, nor of a header, nor of a mail.
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{
    PASSWORD, Reply, TestApp, everything,
    logs::{self, foreign_lines},
};

/// Carriage return, line feed, NUL, and Unicode's separators of lines and paragraphs.
const BREAKS: [&str; 6] = ["\r\n", "\n", "\r", "\0", "\u{2028}", "\u{2029}"];
/// What would follow if one of them ended a header.
const FORGED: &str = "Bcc: eve@example.com";

#[tokio::test]
async fn no_name_holds_more_than_one_line() {
    let app = TestApp::new().await;
    let (ada, editor) = (app.account("ada").await, app.editor().await);
    let product = editor.post("/api/v1/admin/products", json!({"kind": "game", "title": "One"})).await.json();
    let product = format!("/api/v1/admin/products/{}", product["id"].as_str().unwrap());
    let build =
        editor.post(&format!("{product}/builds"), json!({"version": "1", "platform": "any"})).await.json();
    let files = format!("/api/v1/admin/builds/{}/files", build["id"].as_str().unwrap());
    let before = everything::rows(&app.app.db.read).await;
    for end in BREAKS {
        let name = format!("Ada{end}{FORGED}");
        let account = json!({"email": "eve@example.com", "password": PASSWORD, "display_name": name});
        let at = json!({"email": format!("eve@example.com{end}{FORGED}"), "password": PASSWORD, "display_name": "Eve"});
        let (title, tag) = (json!({"kind": "game", "title": name}), json!({"slug": "tag", "name": name}));
        let key = json!({"name": name, "scopes": ["orders:read"]});
        let replies = [
            app.nobody().post("/api/v1/auth/register", account).await,
            app.nobody().post("/api/v1/auth/register", at).await,
            Reply::of(ada.request(Method::PATCH, "/api/v1/me").json(&json!({"display_name": name}))).await,
            ada.post("/api/v1/me/api-keys", key).await,
            editor.post("/api/v1/admin/products", title).await,
            editor.patch(&product, "*", json!({"title": name})).await,
            editor.put(&format!("{product}/translations/de"), json!({"title": name})).await,
            editor.post("/api/v1/admin/tags", tag).await,
        ];
        for (nth, reply) in replies.into_iter().enumerate() {
            assert_eq!(reply.status, 422, "the request {nth} with {end:?}: {}", reply.text());
        }
        let escaped: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let file = Reply::of(editor.request(Method::PUT, &format!("{files}/{escaped}")).body("bytes")).await;
        assert!([404, 422].contains(&file.status), "a file with {end:?}: {}", file.text());
    }
    assert_eq!(everything::changed(&before, &everything::rows(&app.app.db.read).await), Vec::<String>::new());
}

/// Sends these bytes as the value of a header of a sign-in, and gives the whole answer.
async fn sign_in_with(app: &TestApp, header: &str, value: &str) -> String {
    let body = json!({"email": "ada@example.com", "password": PASSWORD}).to_string();
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}: {value}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A head that is refused may be answered by a reset after the answer.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn no_header_makes_a_line_of_the_log_a_header_or_a_recipient() {
    let app = TestApp::new().await;
    app.account("ada").await;
    for header in ["User-Agent", "X-Request-Id"] {
        for end in ["\r", "\0", "\u{2028}", "\u{2029}", "\u{85}", "\t"] {
            let answer = sign_in_with(&app, header, &format!("x{end}Forged: y")).await;
            let whole = answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 400");
            assert!(whole && !answer.contains("Forged"), "{header} with {end:?}: {answer}");
        }
    }
    for letter in app.letters("ada@example.com").await {
        let named = |name: &str| letter.headers.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!((named("To:"), named("Bcc:"), named("Forged:")), (1, 0, 0), "{}", letter.headers);
    }
    let log = logs::logged();
    assert_eq!(foreign_lines(&log), Vec::<String>::new());
    assert!(log.contains("answered") && !log.contains("Forged"), "what was sent is in the log");
    assert!(BREAKS[2..].iter().all(|end| !log.contains(end)), "the log holds what ends a line elsewhere");
}
