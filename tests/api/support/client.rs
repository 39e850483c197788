//! A person with an HTTP client.
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use uuid::Uuid;

use super::logs;

/// Somebody who sends requests, signed in or not.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    session: Option<Value>,
    headers: HeaderMap,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new(url: &str, session: Option<Value>) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        if let Some(session) = &session {
            logs::note(session);
        }
        Self { http, url: url.to_owned(), session, headers: HeaderMap::new() }
    }

    /// The same client as a proxy announces it: its address, and the name it gives itself.
    pub fn coming_from(mut self, ip: &str, user_agent: &str) -> Self {
        self.headers.insert("x-forwarded-for", ip.parse().unwrap());
        self.headers.insert("user-agent", user_agent.parse().unwrap());
        self
    }

    /// The same client, signed in.
    pub fn with_session(mut self, session: &Value) -> Self {
        logs::note(session);
        self.session = Some(session.clone());
        self
    }

    /// Somebody who holds a Session as register, login and refresh answer it.
    pub fn signed_in(url: &str, session: &Value) -> Self {
        Self::new(url, Some(session.clone()))
    }

    /// The same person, asking another copy of the store.
    pub fn on(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// The Session this client signed in with.
    pub fn session(&self) -> &Value {
        self.session.as_ref().unwrap()
    }

    pub fn account_id(&self) -> Uuid {
        self.session()["account"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// The `sid` of the access token.
    pub fn session_id(&self) -> Uuid {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let token = self.session()["access_token"].as_str().unwrap();
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&claims).unwrap()["sid"].as_str().unwrap().parse().unwrap()
    }

    /// A request to a path of the store, or to a whole address, with this client's credential.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let request = self.http.request(method, url).headers(self.headers.clone());
        match &self.session {
            Some(session) => request.bearer_auth(session["access_token"].as_str().unwrap()),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        logs::note(&body);
        Reply::of(self.request(Method::POST, path).json(&body)).await
    }

    /// An action: POST without a body.
    pub async fn act(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::POST, path)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        logs::note(&body);
        Reply::of(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::DELETE, path)).await
    }

    /// PATCH of the version that `If-Match` names.
    pub async fn patch(&self, path: &str, if_match: &str, body: Value) -> Reply {
        Reply::of(self.request(Method::PATCH, path).header("if-match", if_match).json(&body)).await
    }
}

impl Reply {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // What goes on for as long as somebody listens is not waited for.
        let endless = headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = if endless { Vec::new() } else { response.bytes().await.unwrap().to_vec() };
        let reply = Self { status, headers, body };
        if let Ok(answer) = serde_json::from_slice(&reply.body) {
            logs::note(&answer);
        }
        reply
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `code` of a problem document.
    pub fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{} {}",
            self.status,
            self.text()
        );
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// The `code` if this is a problem document.
    pub fn code_if_refused(&self) -> Option<String> {
        (self.header("content-type") == "application/problem+json").then(|| self.code())
    }

    /// Field and code of every fault of a 422.
    pub fn faults(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.json()["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| (text(&fault["field"]), text(&fault["code"])))
            .collect()
    }
}
