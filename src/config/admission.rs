//! How often each may ask, and how many are answered at once.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Rate, lenient};

/// How often each may ask; what is counted in a copy's memory, and so for each copy.
///
/// What must not be tried often whichever copy is asked (passwords, coupons, gifts) has limits of its own, in the database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// Networks whose requests are not counted: by default the machine itself, where a proxy that is not trusted would
    /// make everybody one.
    #[serde(deserialize_with = "lenient::networks")]
    pub exempt: Vec<IpNet>,
    /// What one address may ask (IPv6: a /64), signed in or not.
    pub per_address: Allowances,
    /// What one account, or one API key, may ask.
    pub per_account: Allowances,
}

/// How often, by what is asked; `off` counts nothing.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Allowances {
    /// What is read, but for searches. Answers that are in memory are not counted.
    #[serde(with = "lenient::rate")]
    pub reads: Option<Rate>,
    /// Words that are looked for.
    #[serde(with = "lenient::rate")]
    pub searches: Option<Rate>,
    /// What is changed, but for what follows.
    #[serde(with = "lenient::rate")]
    pub writes: Option<Rate>,
    /// Signing in, and everything else that is asked about who one is.
    #[serde(with = "lenient::rate")]
    pub sign_ins: Option<Rate>,
    /// Carts, checkouts and what is done to orders.
    #[serde(with = "lenient::rate")]
    pub purchases: Option<Rate>,
    /// Uploads and downloads: each piece.
    #[serde(with = "lenient::rate")]
    pub transfers: Option<Rate>,
}

/// How many requests are worked on at once, by what is asked: what needs the most care keeps its place when others are many.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Load {
    /// What payment and mail services tell.
    #[serde(deserialize_with = "lenient::number")]
    pub webhooks: usize,
    /// Carts, checkouts and what is done to orders.
    #[serde(deserialize_with = "lenient::number")]
    pub purchases: usize,
    /// Everything else that is changed, signing in among it.
    #[serde(deserialize_with = "lenient::number")]
    pub writes: usize,
    /// What is read.
    #[serde(deserialize_with = "lenient::number")]
    pub reads: usize,
    /// Milliseconds that one may have to wait for a place; who would for longer, as fast as the line moves, is refused at once.
    #[serde(deserialize_with = "lenient::number")]
    pub queue_ms: u64,
}

impl Default for RateLimits {
    fn default() -> Self {
        let own: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        Self {
            exempt: own.into_iter().map(IpNet::from).collect(),
            // Households and offices share an address.
            per_address: Allowances::each([3_000, 600, 600, 60, 240, 6_000]),
            per_account: Allowances::each([1_200, 300, 300, 60, 120, 6_000]),
        }
    }
}

impl Default for Allowances {
    fn default() -> Self {
        RateLimits::default().per_account
    }
}

impl Allowances {
    /// So many a minute of each.
    const fn each([reads, searches, writes, sign_ins, purchases, transfers]: [u32; 6]) -> Self {
        const MINUTE: u32 = 60;
        Self {
            reads: Some(Rate::new(reads, MINUTE)),
            searches: Some(Rate::new(searches, MINUTE)),
            writes: Some(Rate::new(writes, MINUTE)),
            sign_ins: Some(Rate::new(sign_ins, MINUTE)),
            purchases: Some(Rate::new(purchases, MINUTE)),
            transfers: Some(Rate::new(transfers, MINUTE)),
        }
    }
}

impl Default for Load {
    fn default() -> Self {
        Self { webhooks: 64, purchases: 64, writes: 128, reads: 256, queue_ms: 500 }
    }
}
