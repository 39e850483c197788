//! What an API key may do.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::roles::{Role, Roles};

/// What an API key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Scope {
    /// Read one's own account.
    #[serde(rename = "account:read")]
    AccountRead,
    /// Change it, and what one says and follows.
    #[serde(rename = "account:write")]
    AccountWrite,
    /// Read one's library and download from it.
    #[serde(rename = "library:read")]
    LibraryRead,
    /// Read one's orders.
    #[serde(rename = "orders:read")]
    OrdersRead,
    /// Fill the cart, buy, cancel.
    #[serde(rename = "orders:write")]
    OrdersWrite,
    /// Keep the catalog.
    #[serde(rename = "catalog:write")]
    CatalogWrite,
    /// Keep builds and their files.
    #[serde(rename = "builds:write")]
    BuildsWrite,
    /// Look after orders, accounts and reviews.
    #[serde(rename = "support")]
    Support,
    /// What admins alone may do.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 9] = [
        Self::AccountRead,
        Self::AccountWrite,
        Self::LibraryRead,
        Self::OrdersRead,
        Self::OrdersWrite,
        Self::CatalogWrite,
        Self::BuildsWrite,
        Self::Support,
        Self::Admin,
    ];

    /// As it is written in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountRead => "account:read",
            Self::AccountWrite => "account:write",
            Self::LibraryRead => "library:read",
            Self::OrdersRead => "orders:read",
            Self::OrdersWrite => "orders:write",
            Self::CatalogWrite => "catalog:write",
            Self::BuildsWrite => "builds:write",
            Self::Support => "support",
            Self::Admin => "admin",
        }
    }

    /// The role that an account needs for it.
    pub const fn role(self) -> Role {
        match self {
            Self::CatalogWrite | Self::BuildsWrite => Role::Editor,
            Self::Support => Role::Support,
            Self::Admin => Role::Admin,
            Self::AccountRead
            | Self::AccountWrite
            | Self::LibraryRead
            | Self::OrdersRead
            | Self::OrdersWrite => Role::Customer,
        }
    }
}

/// The scopes of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scopes(Vec<Scope>);

impl Scopes {
    /// Whether it is one of them.
    pub(super) fn hold(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether an account of those roles may do all of it.
    pub(super) fn are_within(&self, roles: Roles) -> bool {
        self.0.iter().all(|scope| roles.allow(scope.role()))
    }

    /// What remains of an account's roles when a key of these scopes acts as it.
    pub(super) fn narrow(&self, roles: Roles) -> Roles {
        let given = |role| roles.allow(role) && self.0.iter().any(|scope| scope.role() == role);
        Roles { editor: given(Role::Editor), support: given(Role::Support), admin: given(Role::Admin) }
    }

    /// As they are stored.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(" ")
    }

    /// From what is stored; a word that is no scope any more opens nothing.
    pub(super) fn read(text: &str) -> Self {
        Self::from_iter(
            text.split(' ').filter_map(|word| Scope::ALL.into_iter().find(|it| it.name() == word)),
        )
    }

    /// Each once, in the order of [`Scope::ALL`].
    pub(super) fn list(self) -> Vec<Scope> {
        self.0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let named: Vec<Scope> = scopes.into_iter().collect();
        Self(Scope::ALL.into_iter().filter(|scope| named.contains(scope)).collect())
    }
}
