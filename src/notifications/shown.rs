//! What accounts were told, in words: written when it is read, in the reader's language, of things as they are then.
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::notification::Model;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::kinds::Kind;
use crate::{
    app::App,
    catalog::{self, Market, ProductSummary, Status, builds},
    checkout, community,
    error::Result,
    languages::{Gap, Language, Part},
    library, mail,
    router::API,
    values::{Currency, Money},
    web::locale::Wanted,
};

/// Something that I am told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Notification {
    /// UUIDv7.
    pub(super) id: Uuid,
    /// Of what it tells.
    pub(super) kind: Kind,
    /// In the reader's language, one line.
    pub(super) title: String,
    /// In the reader's language, plain text.
    pub(super) body: String,
    /// What it is about.
    pub(super) subject: Subject,
    /// Where there is more of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) url: Option<String>,
    /// UTC.
    pub(super) created_at: DateTime<Utc>,
    /// UTC; null until it is read.
    #[schema(required)]
    pub(super) read_at: Option<DateTime<Utc>>,
}

/// What a notification is about, as far as it is about such things.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = NotificationSubject)]
pub(super) struct Subject {
    /// An order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    order_id: Option<Uuid>,
    /// A gift.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    gift_id: Option<Uuid>,
    /// A build.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    build_id: Option<Uuid>,
    /// A review.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    review_id: Option<Uuid>,
    /// A sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sale_id: Option<Uuid>,
    /// A session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    session_id: Option<Uuid>,
    /// A webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    webhook_id: Option<Uuid>,
    /// A product.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    product_id: Option<Uuid>,
    /// The product in short; left out when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    product: Option<ProductSummary>,
}

/// Who reads.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    /// Whose notifications they are.
    pub(super) account: Uuid,
    /// Where prices are asked for.
    pub(super) market: Market,
    /// In which languages products are shown.
    pub(super) wanted: Wanted,
    /// In which language it is told.
    pub(super) language: Language,
}

/// Rows in words, in their order; those of kinds that only a newer copy knows are left out.
pub(super) async fn shown(app: &App, reader: &Reader, rows: Vec<Model>) -> Result<Vec<Notification>> {
    let facts = Facts::read(app, reader, &rows).await?;
    Ok(rows.into_iter().filter_map(|row| Some(facts.told(app, reader, Kind::of(&row.kind)?, row))).collect())
}

/// What is known of the things that rows are about.
struct Facts {
    products: HashMap<Uuid, ProductSummary>,
    /// Products that everybody can see.
    there: HashSet<Uuid>,
    orders: HashMap<Uuid, String>,
    versions: HashMap<Uuid, String>,
}

impl Facts {
    async fn read(app: &App, reader: &Reader, rows: &[Model]) -> Result<Self> {
        let db = &app.db.read;
        let of = |kinds: &[Kind]| -> Vec<Uuid> {
            let theirs = rows.iter().filter(|row| kinds.iter().any(|kind| kind.as_str() == row.kind));
            theirs.map(|row| row.subject_id).collect()
        };
        let ids = rows.iter().filter_map(|row| row.product_id).collect::<HashSet<_>>();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let now = app.clock.now();
        let products = catalog::summaries(app, db, &ids, &reader.market, &reader.wanted, now).await?;
        let owned = library::owned_whole(db, reader.account, &ids).await?;
        let wished = community::wished(db, reader.account, &ids).await?;
        let marked = products.into_iter().map(|(id, (mut product, _))| {
            product.owned = Some(owned.contains(&id));
            product.wishlisted = Some(wished.contains(&id) && !owned.contains(&id));
            (id, product)
        });
        let products = marked.collect();
        let there = catalog::statuses(db, &ids).await?.into_iter();
        Ok(Self {
            products,
            there: there.filter(|(_, status)| *status == Status::Published).map(|(id, _)| id).collect(),
            orders: checkout::order_numbers(db, &of(ORDERS)).await?,
            versions: builds::versions(db, &of(&[Kind::BuildReleased])).await?,
        })
    }

    fn told(&self, app: &App, reader: &Reader, kind: Kind, row: Model) -> Notification {
        let gaps = self.gaps(reader.language, &row);
        let name = kind.as_str().replace('_', "-");
        let text = |part: &str| {
            let told = reader.language.text(Part::Notifications, &format!("{name}-{part}"), &gaps);
            told.unwrap_or_else(|| kind.as_str().to_owned())
        };
        let (title, body) = (text("title"), text("body"));
        Notification {
            id: row.id,
            kind,
            title,
            body,
            url: self.url(app, kind, &row),
            subject: self.subject(kind, &row),
            created_at: row.created_at,
            read_at: row.read_at,
        }
    }

    /// Everything that a text may ask for: more than it does is no harm, less is.
    fn gaps(&self, language: Language, row: &Model) -> Vec<(&'static str, Gap)> {
        let mut gaps = Vec::new();
        let product = row.product_id.and_then(|id| self.products.get(&id));
        let gone = || language.text(Part::Notifications, "gone-product", &[]).unwrap_or_default();
        gaps.push(("product", Gap::Text(product.map_or_else(gone, |product| product.title.clone()))));
        let named = |of: &HashMap<Uuid, String>| of.get(&row.subject_id).cloned().unwrap_or_default();
        gaps.push(("number", Gap::Text(named(&self.orders))));
        for name in ["reason", "host"] {
            let word = row.data.get(name).and_then(Value::as_str);
            gaps.push((name, Gap::Text(word.unwrap_or_default().to_owned())));
        }
        // What is of no order has no number.
        gaps.push(("orders", Gap::Number(self.orders.contains_key(&row.subject_id).into())));
        gaps.push(("version", Gap::Text(named(&self.versions))));
        let number = |name: &str| row.data.get(name).and_then(Value::as_i64);
        let currency = row.data.get("currency").and_then(Value::as_str);
        for name in ["amount", "before"] {
            let money = number(name).zip(currency.and_then(|code| Currency::parse(code).ok()));
            let money = money.map(|(amount, currency)| mail::money(language, &Money { amount, currency }));
            gaps.push((name, Gap::Text(money.unwrap_or_default())));
        }
        let at = number("at").and_then(DateTime::from_timestamp_micros);
        gaps.push(("at", Gap::Text(at.map(|at| mail::minute(language, at)).unwrap_or_default())));
        for name in ["available", "violations", "gifts", "released"] {
            gaps.push((name, Gap::Number(number(name).unwrap_or_default())));
        }
        gaps
    }

    fn subject(&self, kind: Kind, row: &Model) -> Subject {
        let of = |kinds: &[Kind]| kinds.contains(&kind).then_some(row.subject_id);
        Subject {
            order_id: of(ORDERS).filter(|order| self.orders.contains_key(order)),
            gift_id: of(&[Kind::GiftReceived, Kind::GiftClaimed]),
            build_id: of(&[Kind::BuildReleased]),
            review_id: of(&[Kind::ReviewAnswered, Kind::ReviewReported]),
            sale_id: of(&[Kind::WishlistSaleEnding]),
            session_id: of(&[Kind::NewDevice, Kind::TokenReused]),
            webhook_id: of(&[Kind::WebhookDisabled]),
            product_id: row.product_id,
            product: row.product_id.and_then(|id| self.products.get(&id)).cloned(),
        }
    }

    /// The page of a frontend; of a product also what the API says of it.
    fn url(&self, app: &App, kind: Kind, row: &Model) -> Option<String> {
        let frontend = app.config.http.frontend_url.is_some();
        match kind {
            Kind::OrderPaid | Kind::OrderRefunded => {
                frontend.then(|| app.frontend_url(&format!("/orders/{}", row.subject_id)))
            }
            Kind::GiftClaimed => frontend.then(|| app.frontend_url("/gifts")),
            Kind::DownloadReady | Kind::BuildReleased => frontend.then(|| app.frontend_url("/library")),
            Kind::WishlistPriceDrop
            | Kind::WishlistRelease
            | Kind::WishlistSaleEnding
            | Kind::ReviewAnswered => {
                let product = row.product_id.filter(|id| self.there.contains(id));
                let slug = &self.products.get(&product?)?.slug;
                Some(match frontend {
                    true => app.frontend_url(&format!("/products/{slug}")),
                    false => app.public_url(&format!("{API}/products/{slug}")),
                })
            }
            _ => None,
        }
    }
}

/// The kinds whose subject is an order; of a payment that is of none, it is that.
const ORDERS: &[Kind] = &[Kind::OrderPaid, Kind::OrderRefunded, Kind::OrderDisputed, Kind::PaymentFlagged];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_texts_in_every_language_and_no_text_is_left_over() {
        let gaps: Vec<(&str, Gap)> =
            ["product", "number", "version", "amount", "before", "at", "reason", "host"]
                .map(|name| (name, "X".into()))
                .to_vec();
        for language in Language::all() {
            for kind in Kind::ALL {
                for part in ["title", "body"] {
                    for count in [1_i64, 2] {
                        let mut gaps = gaps.clone();
                        gaps.extend(
                            ["available", "violations", "gifts", "released", "orders"]
                                .map(|name| (name, count.into())),
                        );
                        let key = format!("{}-{part}", kind.as_str().replace('_', "-"));
                        let text = language.text(Part::Notifications, &key, &gaps);
                        let text = text.unwrap_or_else(|| panic!("{key} in {}", language.tag()));
                        assert!(!text.contains('\n'), "{key}: {text}");
                    }
                }
            }
        }
        let keys = include_str!("../../locales/en/notifications.ftl");
        let keys = keys
            .lines()
            .filter(|line| !line.starts_with([' ', '#']))
            .filter_map(|line| line.split_once(" ="));
        assert_eq!(keys.count(), Kind::ALL.len() * 2 + 1, "and one for products that are gone");
    }
}
