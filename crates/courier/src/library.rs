//! What somebody owns, and what of it may be downloaded.
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    digest::Digest,
    error::{Error, Result},
    patience::patiently,
    product::{self, Product},
    store::Store,
};

/// A product that somebody owns.
#[derive(Clone, Debug, Deserialize)]
pub struct Owned {
    /// Which one.
    pub product: Title,
    /// What may be downloaded, newest first.
    pub builds: Vec<OwnedBuild>,
}

/// What a product is called.
#[derive(Clone, Debug, Deserialize)]
pub struct Title {
    /// Its id.
    pub id: String,
    /// In its address.
    pub slug: String,
    /// In the reader's language.
    pub title: String,
}

/// A build that may be downloaded.
#[derive(Clone, Debug, Deserialize)]
pub struct OwnedBuild {
    /// Its id.
    pub id: String,
    /// As its publisher names it.
    pub version: String,
    /// What it runs on.
    pub platform: String,
    /// Which processor it is for.
    pub arch: String,
    /// `build`, or `extra` for what comes with the product.
    pub kind: String,
    /// Where it appears.
    pub channel: String,
    /// Release notes, Markdown.
    pub notes: String,
    /// Bytes of all its files.
    pub size: u64,
    /// Its files.
    pub(crate) files: Vec<OwnedFile>,
}

/// A file of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnedFile {
    /// A flat name, as the store says.
    pub(crate) name: String,
    /// Bytes.
    pub(crate) size: u64,
    /// Of its bytes.
    pub(crate) sha256: Digest,
}

/// What is newer than what is there.
#[derive(Debug, Deserialize)]
pub(crate) struct Update {
    pub(crate) up_to_date: bool,
    pub(crate) build: OwnedBuild,
    pub(crate) changed_size: u64,
}

/// Where the bytes of a file are.
#[derive(Deserialize)]
pub(crate) struct Link {
    pub(crate) url: String,
    /// What comes of it: a copy that bears its owner's name has other bytes than the file in the list.
    pub(crate) file: OwnedFile,
}

/// All that somebody owns, what was got last first.
pub async fn library(store: &Store) -> Result<Vec<Owned>> {
    store.list(&["library"]).await
}

/// The product of a slug or id. What is no longer sold has no public page, and stays in the library.
pub(crate) async fn find(store: &Store, named: &str) -> Result<Product> {
    match product::find(store, named).await {
        Err(error) if error.refused_with(404) => {
            let owned = library(store).await?.into_iter().find(|owned| owned.product.slug == named);
            let product = owned.ok_or(error)?.product;
            Ok(Product { id: product.id, name: product.slug })
        }
        found => found,
    }
}

/// What is newest for somebody who has the build `since`.
pub(crate) async fn update(
    store: &Store,
    product: &str,
    wanted: &[(&str, &str)],
    since: Option<&str>,
) -> Result<Update> {
    let mut query = wanted.to_vec();
    query.extend(since.map(|since| ("since", since)));
    store.read(&["products", product, "updates"], &query).await
}

/// The address of a file's bytes.
pub(crate) async fn link(store: &Store, product: &str, build: &str, file: &str) -> Result<Link> {
    let asked = json!({"build_id": build, "file": file});
    let link: Link = patiently(async || store.post(&["library", product, "downloads"], &asked).await).await?;
    let web = ["https://", "http://"].iter().any(|scheme| link.url.starts_with(scheme));
    if !web {
        return Err(Error::Unsound("the store gives no address of the web".to_owned()));
    }
    if link.file.name != file {
        return Err(Error::Unsound(format!("{file}: the store gives another file")));
    }
    Ok(link)
}
