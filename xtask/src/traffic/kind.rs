//! What a visitor comes for.

use crate::random::Random;

/// What a visitor comes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page of the catalog, filtered and sorted in one of many ways.
    List,
    /// One product.
    Detail,
    /// Words that are looked for.
    Search,
    /// A checkout and its payment by the mock provider.
    Purchase,
    /// A purchase that is given back.
    Refund,
    /// What one owns.
    Library,
    /// A password.
    SignIn,
}

impl Kind {
    /// As tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "lists",
            Self::Detail => "details",
            Self::Search => "searches",
            Self::Purchase => "purchases",
            Self::Refund => "refunds",
            Self::Library => "libraries",
            Self::SignIn => "sign-ins",
        }
    }
}

/// Of how many visits how many are of a kind.
pub type Mix = &'static [(Kind, usize)];

/// One of a mix.
pub(super) fn one_of(mix: Mix, random: &mut Random) -> Kind {
    let all = mix.iter().map(|(_, times)| times).sum();
    let mut at = random.below(all);
    for (kind, times) in mix {
        if at < *times {
            return *kind;
        }
        at -= times;
    }
    Kind::List
}
