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

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Customer, Self::Editor, Self::Support, Self::Admin];
        all.into_iter()
            .find(|role| role.name() == text)
            .ok_or_else(|| "is none of customer, editor, support, admin".to_owned())
    }
}

/// The roles that an account holds beside `customer`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Roles {
    /// Holds the role `editor`.
    pub(super) editor: bool,
    /// Holds the role `support`.
    pub(super) support: bool,
    /// Holds the role `admin`.
    pub(super) admin: bool,
}

impl Roles {
    /// Whether the account is more than a customer.
    pub(super) fn is_staff(self) -> bool {
        self.editor || self.support || self.admin
    }

    /// Whether they let in where that role is asked for: an admin is let in everywhere.
    pub(super) fn allow(self, role: Role) -> bool {
        match role {
            Role::Customer => true,
            Role::Editor => self.editor || self.admin,
            Role::Support => self.support || self.admin,
            Role::Admin => self.admin,
        }
    }

    /// All of them, `customer` first.
    pub(super) fn list(self) -> Vec<Role> {
        let held = [(self.editor, Role::Editor), (self.support, Role::Support), (self.admin, Role::Admin)];
        let held = held.into_iter().filter_map(|(holds, role)| holds.then_some(role));
        std::iter::once(Role::Customer).chain(held).collect()
    }

    /// All of them as they are written in JSON.
    pub(super) fn names(self) -> Vec<&'static str> {
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
