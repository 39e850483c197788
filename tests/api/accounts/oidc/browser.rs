//! A person's browser: follows redirects, keeps cookies, fills in the provider's forms.
use std::collections::BTreeMap;

use reqwest::{Client, Method, header, redirect::Policy};
use url::Url;

use crate::support::{Reply, TestApp};

/// More pages than any sign-in has.
const MOST_PAGES: usize = 20;

pub(super) struct Browser {
    http: Client,
    cookies: BTreeMap<String, String>,
}

impl Default for Browser {
    fn default() -> Self {
        Self { http: Client::builder().redirect(Policy::none()).build().unwrap(), cookies: BTreeMap::new() }
    }
}

impl Browser {
    pub(super) async fn get(&mut self, url: &str) -> Reply {
        self.ask(Method::GET, url, &[]).await
    }

    /// What it sends as `Cookie`.
    pub(super) fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    async fn ask(&mut self, method: Method, url: &str, form: &[(&str, &str)]) -> Reply {
        let mut request = self.http.request(method.clone(), url).header(header::COOKIE, self.cookie());
        if method == Method::POST {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        }
        let reply = Reply::of(request).await;
        for cookie in reply.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            match rest.split(';').next().unwrap() {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        reply
    }

    /// Begins at a path of the store; the provider's address.
    pub(super) async fn begin(&mut self, app: &TestApp, path: &str) -> Url {
        let reply = self.get(&format!("{}{path}", app.url)).await;
        assert_eq!(reply.status, 303, "{}", reply.text());
        reply.header("location").parse().unwrap()
    }

    /// Begins at a path of the store and signs in at the provider; where that sends the browser back to.
    pub(super) async fn callback(&mut self, app: &TestApp, path: &str, person: &str) -> String {
        let at = self.begin(app, path).await;
        self.through(app, at, person).await
    }

    /// Goes through the provider's pages as `person`, or declines as nobody.
    pub(super) async fn through(&mut self, app: &TestApp, mut at: Url, person: &str) -> String {
        let (mut method, mut form) = (Method::GET, Vec::new());
        for _ in 0..MOST_PAGES {
            if at.as_str().starts_with(&app.app.public_url("/")) {
                return at.into();
            }
            let reply = self.ask(method, at.as_str(), &form).await;
            let page = reply.text();
            let attribute = |before: &str| {
                let value = page.split_once(before)?.1.split('"').next()?;
                Some(value.replace("&amp;", "&"))
            };
            (method, form) = (Method::GET, Vec::new());
            let next = if reply.status == 302 || reply.status == 303 {
                reply.header("location").to_owned()
            } else if person.is_empty() {
                attribute("<a href=\"").expect("a way to decline")
            } else {
                method = Method::POST;
                form = match page.contains("name=\"login\"") {
                    true => vec![("prompt", "login"), ("login", person), ("password", "any")],
                    false => vec![("prompt", "consent")],
                };
                attribute("action=\"").unwrap_or_else(|| panic!("no form: {} {page}", reply.status))
            };
            at = at.join(&next).unwrap();
        }
        panic!("the provider doesn't come to an end");
    }
}
