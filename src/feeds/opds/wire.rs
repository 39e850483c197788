//! OPDS 2.0 on the wire (<https://drafts.opds.io/opds-2.0>), as far as the store speaks it.
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A list of publications, and where else to go.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsFeed)]
pub(super) struct Feed {
    pub(super) metadata: FeedMetadata,
    /// This feed, its next page, how to search.
    pub(super) links: Vec<Link>,
    /// Other feeds; on the first page of the whole catalog.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) navigation: Vec<Link>,
    /// Narrower feeds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) facets: Vec<FacetGroup>,
    /// E-books.
    pub(super) publications: Vec<Publication>,
}

/// What a feed is.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsFeedMetadata)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeedMetadata {
    /// The store's name.
    pub(super) title: String,
    /// On all pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) number_of_items: Option<u64>,
    /// At most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) items_per_page: Option<u64>,
}

/// Narrower feeds of one sort.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsFacet)]
pub(super) struct FacetGroup {
    pub(super) metadata: FeedMetadata,
    /// The one that is in force has `rel` `self`.
    pub(super) links: Vec<Link>,
}

/// An e-book.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsPublication)]
pub(super) struct Publication {
    pub(super) metadata: PublicationMetadata,
    /// Itself, and where it is bought or downloaded.
    pub(super) links: Vec<Link>,
    /// Its cover; a plain one where it has none.
    pub(super) images: Vec<Link>,
}

/// What an e-book is (Readium Web Publication Manifest).
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsPublicationMetadata)]
pub(super) struct PublicationMetadata {
    /// `http://schema.org/Book`
    #[serde(rename = "@type")]
    pub(super) kind: &'static str,
    /// A URN of the product's id.
    pub(super) identifier: String,
    /// In the reader's language where there is a translation.
    pub(super) title: String,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) author: Option<String>,
    /// Who sells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) publisher: Option<String>,
    /// BCP 47.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) language: Vec<String>,
    /// UTC.
    pub(super) modified: DateTime<Utc>,
    /// First released.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) published: Option<NaiveDate>,
    /// One or two sentences.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub(super) description: String,
    /// Categories and tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) subject: Vec<Subject>,
}

/// A category or a tag.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsSubject)]
pub(super) struct Subject {
    /// In the reader's language where there is a translation.
    pub(super) name: String,
    /// Its slug.
    pub(super) code: String,
}

/// A link.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = OpdsLink)]
pub(super) struct Link {
    /// An address, or a template of one (RFC 6570).
    pub(super) href: String,
    /// A media type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) rel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) title: Option<String>,
    /// Whether `href` is a template.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub(super) templated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) properties: Option<Properties>,
}

/// What is known of a link's end.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = OpdsProperties)]
#[serde(rename_all = "camelCase")]
pub(super) struct Properties {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) number_of_items: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) price: Option<LinkPrice>,
    /// What is got in the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(super) indirect_acquisition: Vec<Acquired>,
}

/// What it costs.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsPrice)]
pub(super) struct LinkPrice {
    /// Major units.
    pub(super) value: f64,
    /// ISO 4217.
    pub(super) currency: String,
}

/// What is got.
#[derive(Serialize, ToSchema)]
#[schema(as = OpdsAcquisition)]
pub(super) struct Acquired {
    /// A media type.
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

impl Link {
    /// A link of a relation.
    pub(super) fn new(rel: &'static str, kind: &'static str, href: String) -> Self {
        Self { href, kind: Some(kind), rel: Some(rel), ..Self::default() }
    }

    /// The same with a title.
    pub(super) fn titled(self, title: &str) -> Self {
        Self { title: Some(title.to_owned()), ..self }
    }
}

impl FeedMetadata {
    /// A title and nothing else.
    pub(super) fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), number_of_items: None, items_per_page: None }
    }
}
