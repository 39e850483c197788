//! Of what endpoints can be told.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an endpoint can be told of: events of the same names in the event log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(as = WebhookEvent)]
pub(super) enum Kind {
    /// Somebody registered.
    #[serde(rename = "account.created")]
    AccountCreated,
    /// A build can be downloaded.
    #[serde(rename = "build.released")]
    BuildReleased,
    /// An account owns a product.
    #[serde(rename = "entitlement.granted")]
    EntitlementGranted,
    /// It does no longer.
    #[serde(rename = "entitlement.revoked")]
    EntitlementRevoked,
    /// A buyer took the money of an order back at the provider.
    #[serde(rename = "order.disputed")]
    OrderDisputed,
    /// An order was paid.
    #[serde(rename = "order.paid")]
    OrderPaid,
    /// Money of an order was given back.
    #[serde(rename = "order.refunded")]
    OrderRefunded,
    /// A product can be bought.
    #[serde(rename = "product.published")]
    ProductPublished,
    /// Somebody told support of a review.
    #[serde(rename = "review.reported")]
    ReviewReported,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::AccountCreated,
        Self::BuildReleased,
        Self::EntitlementGranted,
        Self::EntitlementRevoked,
        Self::OrderDisputed,
        Self::OrderPaid,
        Self::OrderRefunded,
        Self::ProductPublished,
        Self::ReviewReported,
    ];

    /// The kind of an event's name; none when endpoints are not told of such events.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// As in the event log.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account.created",
            Self::BuildReleased => "build.released",
            Self::EntitlementGranted => "entitlement.granted",
            Self::EntitlementRevoked => "entitlement.revoked",
            Self::OrderDisputed => "order.disputed",
            Self::OrderPaid => "order.paid",
            Self::OrderRefunded => "order.refunded",
            Self::ProductPublished => "product.published",
            Self::ReviewReported => "review.reported",
        }
    }

    /// Whether it is told whose it is. Of a report it is not: who reported stays with support.
    pub(super) const fn tells_account(self) -> bool {
        !matches!(self, Self::BuildReleased | Self::ProductPublished | Self::ReviewReported)
    }
}
