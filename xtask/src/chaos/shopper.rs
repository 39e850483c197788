//! Somebody who does one thing after the other, and so knows what each answer must be: whoever was cut off asks again, by the
//! same key, until they know what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::diary::{Diary, Failure};
use crate::process::Result;
use crate::random::Random;
use crate::server::{Caller, PASSWORD, text};

/// Between asking and asking again.
const AGAIN: Duration = Duration::from_millis(100);
/// After which nobody asks again.
const PATIENCE: Duration = Duration::from_secs(120);
/// How old tokens get.
const TOKEN_AGE: Duration = Duration::from_secs(8 * 60);
/// The longest pause between two things, milliseconds.
const PAUSE: usize = 60;
/// The most of anything on one page.
const PAGE: usize = 100;

/// Something to buy, which stays as it is.
pub struct Product {
    pub id: String,
    pub title: String,
    pub cents: u32,
}

/// Whom a shopper asks, and of what they buy.
pub struct Place {
    pub products: Vec<Product>,
    pub diary: Diary,
    pub over: AtomicBool,
}

/// What a shopper knows of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Paid,
    Refunded,
}

impl Stands {
    fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Refunded => "refunded",
        }
    }
}

/// Somebody with an account, and all that they were told.
pub struct Shopper {
    place: Arc<Place>,
    email: String,
    nobody: Caller,
    me: Caller,
    signed_in: Instant,
    random: Random,
    keys: u32,
    /// Which product each order is of, and how it stands.
    orders: BTreeMap<String, (usize, Stands)>,
}

impl Shopper {
    /// Registers somebody.
    pub async fn register(place: &Arc<Place>, nobody: &Caller, number: usize) -> Result<Self> {
        let email = format!("shopper{number}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "display_name": "Somebody"});
        let session = nobody.call(Method::POST, "/api/v1/auth/register", Some(body)).await?;
        Ok(Self {
            place: Arc::clone(place),
            email,
            nobody: nobody.clone(),
            me: nobody.signed_in(text(&session, "/access_token")?),
            signed_in: Instant::now(),
            random: Random::of(number as u64 + 1),
            keys: 0,
            orders: BTreeMap::new(),
        })
    }

    /// Comes and goes until it is over.
    pub async fn shop(mut self) -> Self {
        while !self.place.over.load(Ordering::Relaxed) {
            if let Err(wrong) = self.act().await {
                self.place.diary.violation(format!("{}: {wrong}", self.email));
            }
            let pause = u64::try_from(self.random.below(PAUSE)).unwrap_or_default();
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        self
    }

    /// So many orders were paid, and so many of them refunded.
    pub fn counts(&self) -> (usize, usize) {
        let refunded = self.orders.values().filter(|(_, stands)| *stands == Stands::Refunded).count();
        (self.orders.len(), refunded)
    }

    /// Looks whether everything is there that was acknowledged, and nothing else.
    pub async fn take_stock(&mut self) -> Result<()> {
        self.sign_in().await?;
        self.look_at_the_library().await?;
        let (mut found, mut cursor) = (BTreeMap::new(), String::new());
        loop {
            let page = self.read(&format!("/api/v1/orders?limit={PAGE}{cursor}")).await?;
            for order in items(&page)? {
                found.insert(text(order, "/id")?.to_owned(), text(order, "/status")?.to_owned());
            }
            match page.pointer("/next_cursor").and_then(Value::as_str) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let known = self.orders.iter().map(|(id, (_, stands))| (id.clone(), stands.as_str().to_owned()));
        let known: BTreeMap<String, String> = known.collect();
        if found == known { Ok(()) } else { Err(format!("its orders are {found:?}, not {known:?}").into()) }
    }

    async fn act(&mut self) -> Result<()> {
        if self.signed_in.elapsed() > TOKEN_AGE {
            self.sign_in().await?;
        }
        match self.random.below(20) {
            0..=3 => self.look_at_the_list().await,
            4..=7 => self.look_at_a_product().await,
            8..=12 => self.buy().await,
            13..=15 => self.look_at_the_library().await,
            16 | 17 => self.look_at_an_order().await,
            18 => self.look_at_the_orders().await,
            _ => self.give_back().await,
        }
    }

    async fn sign_in(&mut self) -> Result<()> {
        let body = json!({"email": self.email, "password": PASSWORD});
        let session = self.ask(Method::POST, "/api/v1/auth/login", None, Some(body)).await?;
        let session = expect(StatusCode::OK, session)?;
        self.me = self.nobody.signed_in(text(&session, "/access_token")?);
        self.signed_in = Instant::now();
        Ok(())
    }

    /// All that is sold, as a stranger sees it.
    async fn look_at_the_list(&self) -> Result<()> {
        let path = format!("/api/v1/products?limit={PAGE}&sort=title&count=true");
        let page = expect(StatusCode::OK, self.ask_as(&self.nobody, Method::GET, &path, None, None).await?)?;
        let products = &self.place.products;
        if page.pointer("/total") != Some(&json!(products.len())) {
            return Err(format!("a list of {:?}", page.pointer("/total")).into());
        }
        for item in items(&page)? {
            let known = products.iter().find(|known| text(item, "/id").is_ok_and(|id| id == known.id));
            same(item, known.ok_or_else(|| format!("nobody sells {item}"))?)?;
        }
        Ok(())
    }

    async fn look_at_a_product(&mut self) -> Result<()> {
        let at = self.random.below(self.place.products.len());
        let product = self.place.products.get(at).ok_or("no products")?;
        let found = self.read(&format!("/api/v1/products/{}", product.id)).await?;
        same(&found, product)?;
        if found.pointer("/owned") == Some(&json!(self.owns(at))) {
            Ok(())
        } else {
            Err(format!("owned is {:?}, not {}", found.pointer("/owned"), self.owns(at)).into())
        }
    }

    async fn look_at_the_library(&self) -> Result<()> {
        let page = self.read(&format!("/api/v1/library?limit={PAGE}")).await?;
        let found = items(&page)?.iter().map(|item| Ok(text(item, "/product/id")?.to_owned()));
        let found = found.collect::<Result<BTreeSet<String>>>()?;
        let products = self.place.products.iter().enumerate();
        let owned = products.filter(|(at, _)| self.owns(*at)).map(|(_, product)| product.id.clone());
        let owned: BTreeSet<String> = owned.collect();
        if found == owned { Ok(()) } else { Err(format!("its library is {found:?}, not {owned:?}").into()) }
    }

    async fn look_at_an_order(&mut self) -> Result<()> {
        let ids: Vec<&String> = self.orders.keys().collect();
        let Some(id) = self.random.one_of(&ids).map(|id| (*id).clone()) else { return Ok(()) };
        let found = self.read(&format!("/api/v1/orders/{id}")).await?;
        self.compare(&found)
    }

    /// The newest orders: none is unknown, whatever was asked twice.
    async fn look_at_the_orders(&self) -> Result<()> {
        let page = self.read(&format!("/api/v1/orders?limit={PAGE}")).await?;
        let orders = items(&page)?;
        if orders.len() != self.orders.len().min(PAGE) {
            return Err(format!("{} orders are listed of {}", orders.len(), self.orders.len()).into());
        }
        orders.iter().try_for_each(|order| self.compare(order))
    }

    fn compare(&self, found: &Value) -> Result<()> {
        let (id, status) = (text(found, "/id")?, text(found, "/status")?);
        let (_, stands) = self.orders.get(id).ok_or_else(|| format!("nobody placed {found}"))?;
        if status == stands.as_str() {
            Ok(())
        } else {
            Err(format!("order {id} is {status}, not {stands:?}").into())
        }
    }

    /// Something that is not owned: its order is placed once and paid once.
    async fn buy(&mut self) -> Result<()> {
        let place = Arc::clone(&self.place);
        let wanted: Vec<usize> = (0..place.products.len()).filter(|at| !self.owns(*at)).collect();
        let Some(at) = self.random.one_of(&wanted).copied() else { return Ok(()) };
        let product = place.products.get(at).ok_or("no products")?;
        let body = json!({"items": [{"product_id": product.id}], "accept_immediate_delivery": true});
        let key = self.key();
        let asked = self.ask(Method::POST, "/api/v1/checkout", Some(&key), Some(body.clone())).await?;
        let order = expect(StatusCode::CREATED, asked)?;
        let id = text(&order, "/id")?.to_owned();
        if order.pointer("/total/amount") != Some(&json!(product.cents)) {
            return Err(format!("{} costs {:?}", product.title, order.pointer("/total")).into());
        }
        self.pay(&id, text(&order, "/payment/id")?).await?;
        self.orders.insert(id.clone(), (at, Stands::Paid));
        if self.random.below(4) == 0 {
            let again = self.ask(Method::POST, "/api/v1/checkout", Some(&key), Some(body)).await?;
            self.compare(&expect(StatusCode::CREATED, again)?)?;
        }
        Ok(())
    }

    /// Pays until the order says that it is paid.
    async fn pay(&self, order: &str, payment: &str) -> Result<()> {
        let path = format!("/api/v1/payments/mock/{payment}");
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let body = json!({"outcome": "succeed"});
            let (status, paid) = self.ask(Method::POST, &path, None, Some(body)).await?;
            match (status, text(&paid, "/status")) {
                (StatusCode::OK, Ok("paid")) => return Ok(()),
                // Cut off before, it may be paid already.
                (StatusCode::CONFLICT, _) => {
                    let found = self.read(&format!("/api/v1/orders/{order}")).await?;
                    if text(&found, "/status")? == "paid" {
                        return Ok(());
                    }
                }
                _ => return Err(format!("a payment: {status} {paid}").into()),
            }
            tokio::time::sleep(AGAIN).await;
        }
        Err(format!("order {order} could not be paid").into())
    }

    async fn give_back(&mut self) -> Result<()> {
        let paid = self.orders.iter().filter(|(_, (_, stands))| *stands == Stands::Paid);
        let paid: Vec<String> = paid.map(|(id, _)| id.clone()).collect();
        let Some(id) = self.random.one_of(&paid).cloned() else { return Ok(()) };
        let (key, body) = (self.key(), json!({"reason": "a change of mind"}));
        let path = format!("/api/v1/orders/{id}/refund");
        let order = expect(StatusCode::OK, self.ask(Method::POST, &path, Some(&key), Some(body)).await?)?;
        let status = text(&order, "/status")?;
        if status != "refunded" {
            return Err(format!("order {id} was refunded and is {status}").into());
        }
        if let Some((_, stands)) = self.orders.get_mut(&id) {
            *stands = Stands::Refunded;
        }
        Ok(())
    }

    fn owns(&self, at: usize) -> bool {
        self.orders.values().any(|(product, stands)| *product == at && *stands == Stands::Paid)
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("{}-{}", self.email, self.keys)
    }

    async fn read(&self, path: &str) -> Result<Value> {
        expect(StatusCode::OK, self.ask(Method::GET, path, None, None).await?)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> Result<(StatusCode, Value)> {
        self.ask_as(&self.me, method, path, key, body).await
    }

    /// Asks until there is an answer that says something.
    async fn ask_as(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> Result<(StatusCode, Value)> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let mut request = caller.request(method.clone(), path);
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            if let Some(body) = &body {
                request = request.json(body);
            }
            let asked = Instant::now();
            let told = |answer: String| format!("{method} {path}, after {:.1?}: {answer}", asked.elapsed());
            let answer = match request.send().await {
                Ok(reply) => {
                    let status = reply.status();
                    reply.text().await.map(|body| (status, body))
                }
                Err(error) => Err(error),
            };
            match answer {
                Err(error) => self.place.diary.failed(Failure::Cut, || told(format!("{error:?}"))),
                Ok((StatusCode::BAD_GATEWAY, body)) => {
                    self.place.diary.failed(Failure::Cut, || told(format!("502 {body}")));
                }
                Ok((status @ (StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT), body)) => {
                    self.place.diary.failed(Failure::Unavailable, || told(format!("{status} {body}")));
                }
                // The copy that was killed had begun it.
                Ok((StatusCode::CONFLICT, body)) if body.contains("idempotency_in_progress") => {}
                Ok((status, body)) => {
                    self.place.diary.answered(asked.elapsed());
                    return Ok((status, serde_json::from_str(&body)?));
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
        Err(format!("{method} {path} was not answered within {PATIENCE:?}").into())
    }
}

/// A product as it must be.
fn same(found: &Value, known: &Product) -> Result<()> {
    let right = text(found, "/title")? == known.title
        && found.pointer("/price/amount") == Some(&json!(known.cents))
        && text(found, "/id")? == known.id;
    if right { Ok(()) } else { Err(format!("{} is shown as {found}", known.title).into()) }
}

fn items(page: &Value) -> Result<&Vec<Value>> {
    page.pointer("/items").and_then(Value::as_array).ok_or_else(|| format!("no list: {page}").into())
}

fn expect(wanted: StatusCode, (status, body): (StatusCode, Value)) -> Result<Value> {
    if status == wanted { Ok(body) } else { Err(format!("{status} {body}").into()) }
}
