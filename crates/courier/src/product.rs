//! Which product is meant: by its id, or by the slug in its address.
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    store::Store,
};

#[derive(Deserialize)]
struct Found {
    id: Uuid,
    slug: String,
}

/// A product as it is called in messages and names of files.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The product of an id or slug. A draft has no public page, so it is named by its id.
pub(crate) async fn find(store: &Store, named: &str) -> Result<Product> {
    if let Ok(id) = named.parse::<Uuid>() {
        let name = match store.public::<Found>(&["products", named]).await {
            Ok(found) => found.slug,
            Err(error) if error.refused_with(404) => id.to_string(),
            Err(error) => return Err(error),
        };
        return Ok(Product { id: id.to_string(), name });
    }
    if named.is_empty() || !named.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(Error::Usage(format!("--product: {named:?} is neither a slug nor an id")));
    }
    let found: Found = store.public(&["products", named]).await?;
    Ok(Product { id: found.id.to_string(), name: found.slug })
}
