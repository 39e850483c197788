//! What products are to each other: add-ons to a base product, editions of a main one, bundles with their contents.
mod shown;

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::product_relation::{Kind, Model};
use sea_orm::{ConnectionTrait, DatabaseTransaction, sea_query::SelectStatement};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub(super) use shown::{Kin, kin};

use super::{
    Product,
    edit::finish,
    pricing::CHOSEN_BY_BUYERS,
    queries::{products, relations as queries},
};
use crate::{
    app::App,
    error::{Error, Fault, NOT_FOUND, Refusal, Result},
    web::if_match::IfMatch,
};

const NO_BUNDLE: Refusal = Refusal::conflict(
    "no_bundle",
    "What was in the store as a product of its own does not become a bundle; make another product.",
);
const BUNDLE_IN_STORE: Refusal =
    Refusal::conflict("bundle_in_store", "A bundle in the store contains something; archive it first.");

/// What a product is to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Relations {
    /// The product to which it is an add-on.
    pub adds_to: Option<Uuid>,
    /// The product of which it is another edition.
    pub edition_of: Option<Uuid>,
    /// What is bought with it: it is a bundle, if anything. What a buyer owns already is taken off its price. A purchase
    /// writes a line for each, so there are 50 at most.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub contains: Vec<Uuid>,
}

impl Relations {
    /// What rows say of a product.
    pub(super) fn of(rows: &[Model], product: Uuid) -> Self {
        let mut relations = Self::default();
        for row in rows.iter().filter(|row| row.product_id == product) {
            match row.kind {
                Kind::AddsTo => relations.adds_to = Some(row.related_id),
                Kind::EditionOf => relations.edition_of = Some(row.related_id),
                Kind::Contains => relations.contains.push(row.related_id),
            }
        }
        relations
    }

    /// Every relation with the field that names it.
    fn fields(&self) -> Vec<(String, Kind, Uuid)> {
        let adds_to = self.adds_to.map(|id| ("adds_to".to_owned(), Kind::AddsTo, id));
        let edition_of = self.edition_of.map(|id| ("edition_of".to_owned(), Kind::EditionOf, id));
        let contains = self.contains.iter().enumerate();
        let contains = contains.map(|(index, id)| (format!("contains[{index}]"), Kind::Contains, *id));
        adds_to.into_iter().chain(edition_of).chain(contains).collect()
    }

    fn rows(&self, product: Uuid) -> Vec<Model> {
        let row = |(position, (_, kind, related_id)): (i32, (String, Kind, Uuid))| Model {
            product_id: product,
            kind,
            related_id,
            position,
        };
        (0..).zip(self.fields()).map(row).collect()
    }
}

/// Replaces what a product is to others: 404, 412, 409 `no_bundle` or `bundle_in_store`, 422 with what can't be.
pub(super) async fn put(
    app: &App,
    editor: Uuid,
    id: Uuid,
    asked: &IfMatch,
    relations: &Relations,
) -> Result<()> {
    app.db
        .write(async |tx| {
            let row = locked(tx, id, asked, relations).await?;
            let before = Relations::of(&queries::of(tx, &[id]).await?, id);
            if before.contains.is_empty() && !relations.contains.is_empty() && row.published_at.is_some() {
                return Err(NO_BUNDLE.into());
            }
            if row.pay_what_you_want && !relations.contains.is_empty() {
                return Err(CHOSEN_BY_BUYERS.into());
            }
            let in_store = row.status == super::Status::Published;
            if !before.contains.is_empty() && relations.contains.is_empty() && in_store {
                return Err(BUNDLE_IN_STORE.into());
            }
            queries::replace(tx, id, relations.rows(id)).await?;
            finish(tx, app, editor, id, "product.updated").await
        })
        .await
}

/// The product, held together with all that it is related to, so that no two edits build a chain between them.
async fn locked(
    tx: &DatabaseTransaction,
    id: Uuid,
    asked: &IfMatch,
    relations: &Relations,
) -> Result<Product> {
    let fields = relations.fields();
    let mut ids: Vec<Uuid> = fields.iter().map(|(_, _, related)| *related).chain([id]).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows: BTreeMap<Uuid, Product> =
        products::lock_all(tx, &ids).await?.into_iter().map(|row| (row.id, row)).collect();
    let row = rows.get(&id).cloned().ok_or(NOT_FOUND)?;
    asked.honour(row.version)?;
    let others = Others::read(tx, id, &ids).await?;
    let mut faults = Vec::new();
    let mut seen = HashSet::new();
    for (field, kind, related) in fields {
        if related == id {
            faults.push(Fault::new(field, "itself", "can't be the product itself"));
        } else if !rows.contains_key(&related) {
            faults.push(Fault::new(field, "unknown_product", "is no product of this store"));
        } else if !seen.insert((kind, related)) {
            faults.push(Fault::new(field, "duplicate", "is named twice"));
        } else {
            faults.extend(others.nested(field, kind, related));
        }
    }
    if faults.is_empty() { Ok(row) } else { Err(Error::Invalid(faults)) }
}

/// What stands in the way of a relation: none leads on to another of its kind.
struct Others {
    /// What the related products are to others.
    onward: Vec<Model>,
    /// What others are to the product.
    backward: Vec<Kind>,
}

impl Others {
    async fn read(tx: &impl ConnectionTrait, id: Uuid, related: &[Uuid]) -> Result<Self> {
        let onward = queries::of(tx, related).await?.into_iter().filter(|row| row.product_id != id).collect();
        let mut backward = Vec::new();
        // One of each kind is enough to know.
        for kind in [Kind::AddsTo, Kind::EditionOf, Kind::Contains] {
            if queries::is_related(tx, id, kind).await? {
                backward.push(kind);
            }
        }
        Ok(Self { onward, backward })
    }

    fn nested(&self, field: String, kind: Kind, related: Uuid) -> Option<Fault> {
        let leads_on = self.onward.iter().any(|row| row.product_id == related && row.kind == kind);
        if !leads_on && !self.backward.contains(&kind) {
            return None;
        }
        Some(match kind {
            Kind::AddsTo => Fault::new(field, "nested", "would be an add-on to an add-on"),
            Kind::EditionOf => Fault::new(field, "nested", "would be an edition of an edition"),
            Kind::Contains => Fault::new(field, "nested", "would be a bundle in a bundle"),
        })
    }
}

/// Whether other products are anything to this one.
pub(super) async fn is_kin(tx: &impl ConnectionTrait, id: Uuid) -> Result<bool> {
    Ok(!queries::to(tx, &[id], 1).await?.is_empty())
}

/// What bundles contain, by bundle, in their order; what is no bundle is left out.
pub async fn contents(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let mut contents: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for row in queries::contents(db, ids).await? {
        contents.entry(row.product_id).or_default().push(row.related_id);
    }
    Ok(contents)
}

/// The bundles that contain `with`, or else anything of `products`, and nothing that isn't of `products`; for statements of
/// other slices.
pub fn bundles_within(products: &SelectStatement, with: Option<Uuid>) -> SelectStatement {
    queries::bundles_within(products, with)
}
