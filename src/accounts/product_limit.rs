//! The products that an API key is limited to: its owner may keep the whole catalog, and the key only these.
use std::collections::BTreeSet;

use futures::future::BoxFuture;
use uuid::Uuid;

use super::matrix::Within;
use crate::{
    app::App,
    error::{Error, Fault, Result},
};

/// Finds the product that a build is of; none when there is no such build.
type OfBuild = for<'a> fn(&'a App, Uuid) -> BoxFuture<'a, Result<Option<Uuid>>>;
/// Finds those of some products that exist.
type Known = for<'a> fn(&'a App, Vec<Uuid>) -> BoxFuture<'a, Result<Vec<Uuid>>>;

/// What accounts ask of the catalog, which lies above them and is handed in by who puts the store together.
#[derive(Clone, Copy)]
pub struct Products {
    /// Finds the product that a build is of; none when there is no such build.
    pub of_build: OfBuild,
    /// Finds those of some products that exist.
    pub known: Known,
}

/// The products that a key is limited to. One that is deleted stays in it and opens nothing: its id never comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProductLimit(BTreeSet<Uuid>);

impl ProductLimit {
    /// Of products that exist; 422 `unknown_product` for each that doesn't.
    pub(super) async fn of_known(app: &App, asked: Vec<Uuid>) -> Result<Self> {
        let known = (app.products.known)(app, asked.clone()).await?;
        let unknown = asked.iter().enumerate().filter(|(_, id)| !known.contains(id));
        let fault = |index| Fault::new(format!("products[{index}]"), "unknown_product", "does not exist");
        let faults: Vec<Fault> = unknown.map(|(index, _)| fault(index)).collect();
        if faults.is_empty() { Ok(Self(asked.into_iter().collect())) } else { Err(Error::Invalid(faults)) }
    }

    /// Whether an operation touches nothing but one of them; `named` is what its path says there.
    pub(super) async fn allows(&self, app: &App, within: Within, named: Uuid) -> Result<bool> {
        let product = match within {
            Within::Product(_) => Some(named),
            Within::Build(_) => (app.products.of_build)(app, named).await?,
        };
        Ok(product.is_some_and(|product| self.0.contains(&product)))
    }

    /// As it is stored.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" ")
    }

    /// From what is stored; a word that is no id opens nothing.
    pub(super) fn read(text: &str) -> Self {
        Self(text.split(' ').filter_map(|word| word.parse().ok()).collect())
    }

    /// Each once.
    pub(super) fn list(self) -> Vec<Uuid> {
        self.0.into_iter().collect()
    }
}
