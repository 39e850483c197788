//! The kin of a product, as its page shows them.
use std::collections::HashMap;

use entity::product_relation::Kind;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::queries;
use crate::{
    catalog::{Kind as ProductKind, Status, queries as catalog_queries},
    error::Result,
    values::Locale,
    web::locale::Wanted,
};

/// Relations of others to a product that are looked at: the page shows no more.
const MOST_SHOWN: u64 = 200;

/// Another product, by what a link to it says.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KinProduct {
    /// UUIDv7.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// What it is.
    pub kind: ProductKind,
    /// In the reader's language where there is a translation.
    pub title: String,
}

/// The published products to which a product is related.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Kin {
    /// The base product to which it is an add-on.
    #[schema(required)]
    pub adds_to: Option<KinProduct>,
    /// Its add-ons.
    pub add_ons: Vec<KinProduct>,
    /// The product of which it is another edition.
    #[schema(required)]
    pub edition_of: Option<KinProduct>,
    /// The other editions of the same product.
    pub editions: Vec<KinProduct>,
    /// What it contains: it is a bundle, if anything.
    pub contains: Vec<KinProduct>,
    /// The bundles that contain it.
    pub bundles: Vec<KinProduct>,
}

/// The published kin of a product, with the best titles there are for a reader.
pub(in crate::catalog) async fn kin(
    db: &impl ConnectionTrait,
    id: Uuid,
    wanted: &Wanted,
    own: &Locale,
) -> Result<Kin> {
    let rows = queries::of(db, &[id]).await?;
    let main = rows.iter().find(|row| row.kind == Kind::EditionOf).map(|row| row.related_id);
    let targets: Vec<Uuid> = [id].into_iter().chain(main).collect();
    let to = queries::to(db, &targets, MOST_SHOWN).await?;
    let ids: Vec<Uuid> =
        rows.iter().map(|row| row.related_id).chain(to.iter().map(|row| row.product_id)).collect();
    let known = published(db, &ids, wanted, own).await?;
    let one =
        |kind: Kind| rows.iter().find(|row| row.kind == kind).and_then(|row| known.get(&row.related_id));
    let others = |kind: Kind, related: Uuid| {
        let named = to.iter().filter(move |row| row.kind == kind && row.related_id == related);
        named
            .filter(|row| row.product_id != id)
            .filter_map(|row| known.get(&row.product_id))
            .cloned()
            .collect()
    };
    let contains = rows.iter().filter(|row| row.kind == Kind::Contains);
    Ok(Kin {
        adds_to: one(Kind::AddsTo).cloned(),
        add_ons: others(Kind::AddsTo, id),
        edition_of: one(Kind::EditionOf).cloned(),
        editions: others(Kind::EditionOf, main.unwrap_or(id)),
        contains: contains.filter_map(|row| known.get(&row.related_id)).cloned().collect(),
        bundles: others(Kind::Contains, id),
    })
}

async fn published(
    db: &impl ConnectionTrait,
    ids: &[Uuid],
    wanted: &Wanted,
    own: &Locale,
) -> Result<HashMap<Uuid, KinProduct>> {
    let mut titles: HashMap<Uuid, Vec<(Locale, String)>> = HashMap::new();
    for row in catalog_queries::translations(db, ids).await? {
        if let Ok(locale) = row.locale.parse() {
            titles.entry(row.product_id).or_default().push((locale, row.title));
        }
    }
    let rows = catalog_queries::products(db, ids).await?.into_iter();
    let shown = rows.filter(|row| row.status == Status::Published).map(|row| {
        let there = titles.remove(&row.id).unwrap_or_default();
        let best = wanted.best_of(own, there.iter().map(|(locale, _)| locale.clone()));
        let title = there.into_iter().find(|(locale, _)| *locale == best).map(|(_, title)| title);
        let title = title.unwrap_or(row.title);
        (row.id, KinProduct { id: row.id, slug: row.slug, kind: row.kind, title })
    });
    Ok(shown.collect())
}
