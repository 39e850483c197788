//! Who wishes for a product, and how a wish ends when it is fulfilled.
use futures::FutureExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::Value;
use uuid::Uuid;

use super::queries;
use crate::{
    error::Result,
    events::{Reader, Recorded},
    library,
};

/// What gives a right to a product.
const GRANTED: &str = "entitlement.granted";

/// Follows the event log and takes off a wishlist what its account was given. Until it has, the wishlist leaves it out.
pub const FULFILLED_WISHES: Reader =
    Reader { name: "fulfilled_wishes", apply: |_, tx, events| fulfil(tx, events).boxed() };

async fn fulfil(tx: &DatabaseTransaction, recorded: &[Recorded]) -> Result<()> {
    for event in recorded.iter().filter(|event| event.kind == GRANTED) {
        let product = event.data.get("product_id").and_then(Value::as_str);
        if let (Some(account), Some(Ok(product))) = (event.account_id, product.map(str::parse)) {
            // With the last of its contents a bundle is owned too. What was wished for later, after the right was lost
            // again, stays.
            let bundles = library::bundles_of(account, Some(product));
            queries::unwish_until(tx, account, product, bundles, event.at).await?;
        }
    }
    Ok(())
}

/// Who wishes for a product, by account from behind `after`: for going through all of them.
pub async fn wishers(
    db: &impl ConnectionTrait,
    product: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Uuid>> {
    Ok(queries::wishers(db, product, after, limit).await?)
}
