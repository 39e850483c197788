//! What an account may do.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Row;

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Buys and owns; everybody.
    Customer,
    /// Keeps the catalog and its files.
    Editor,
    /// Looks after orders, accounts and reviews.
    Support,
    /// May do everything.
    Admin,
}

impl Role {
    /// As it is written in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Editor => "editor",
            Self::Support => "support",
            Self::Admin => "admin",
        }
    }
}

/// The roles that an account holds beside `customer`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Holds the role `editor`.
    pub editor: bool,
    /// Holds the role `support`.
    pub support: bool,
    /// Holds the role `admin`.
    pub admin: bool,
}

impl Roles {
    /// Whether the account is more than a customer.
    pub fn is_staff(self) -> bool {
        self.editor || self.support || self.admin
    }

    /// All of them, `customer` first.
    pub fn list(self) -> Vec<Role> {
        let held = [(self.editor, Role::Editor), (self.support, Role::Support), (self.admin, Role::Admin)];
        let held = held.into_iter().filter_map(|(holds, role)| holds.then_some(role));
        std::iter::once(Role::Customer).chain(held).collect()
    }

    /// All of them as they are written in JSON.
    pub fn names(self) -> Vec<&'static str> {
        self.list().into_iter().map(Role::name).collect()
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        let mut all = Self::default();
        for role in roles {
            match role {
                Role::Customer => {}
                Role::Editor => all.editor = true,
                Role::Support => all.support = true,
                Role::Admin => all.admin = true,
            }
        }
        all
    }
}

impl From<&Row> for Roles {
    fn from(row: &Row) -> Self {
        Self { editor: row.editor, support: row.support, admin: row.admin }
    }
}
