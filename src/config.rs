//! The settings: read once from defaults, a file, the environment and the flags, then passed down.
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    num::{NonZeroU16, NonZeroUsize},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::values::{Country, Currency, Locale};

mod admission;
mod backup;
mod checkout;
mod delivery;
mod layers;
mod lenient;
mod licenses;
mod logs;
mod mail;
mod notifications;
mod oidc;
mod payments;
mod rate;
mod secret;
mod storage;
mod taxes;
mod tls;
mod topic;
mod traces;
mod webhooks;

pub use admission::{Allowances, Load, RateLimits};
pub use backup::{Backup, BackupPlace};
pub use checkout::Checkout;
pub use delivery::{Accelerate, Delivery};
pub use layers::{Problem, load};
pub use licenses::Licenses;
pub use logs::{LogFormat, Logs};
pub use mail::{Mail, MailKind, Ses, Smtp, Sns};
pub use notifications::Notifications;
pub use oidc::Oidc;
pub use payments::{Payments, ProviderName, Stripe};
pub use rate::Rate;
pub use secret::Secret;
pub use storage::{Cdn, CloudFront, S3, Storage, StorageKind};
pub use taxes::{OwnRate, PlaceEvidence, Taxes};
pub use tls::Tls;
pub use topic::Topic;
pub use traces::Traces;
pub use webhooks::Webhooks;

/// Every setting, by concern.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Folder of everything this copy keeps on disk.
    pub data_dir: PathBuf,
    /// The key that seals all others, 32 bytes in hex; default: the file `master.key` of the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_key: Option<Secret>,
    /// The listener.
    pub http: Http,
    /// How often each may ask.
    pub rate_limits: RateLimits,
    /// How many requests are worked on at once.
    pub load: Load,
    /// The shop.
    pub store: Store,
    /// The public reads of the catalog.
    pub storefront: Storefront,
    /// The database.
    pub database: Database,
    /// Signing in.
    pub accounts: Accounts,
    /// The OpenID Connect providers people may sign in through, by the name that stands in their addresses.
    pub oidc: BTreeMap<String, Oidc>,
    /// Where builds are kept.
    pub storage: Storage,
    /// What stands before the storage.
    pub cdn: Cdn,
    /// Who takes the money.
    pub payments: Payments,
    /// How mail leaves.
    pub mail: Mail,
    /// Downloads and uploads.
    pub delivery: Delivery,
    /// Orders.
    pub checkout: Checkout,
    /// Taxes.
    pub taxes: Taxes,
    /// Licence keys.
    pub licenses: Licenses,
    /// Reviews.
    pub community: Community,
    /// How long what is personal is kept.
    pub privacy: Privacy,
    /// What accounts are told.
    pub notifications: Notifications,
    /// Outgoing webhooks.
    pub webhooks: Webhooks,
    /// Where events are published.
    pub topic: Topic,
    /// Backups that the server makes by itself.
    pub backup: Backup,
    /// The listener of the metrics.
    pub metrics: Metrics,
    /// The log.
    pub logs: Logs,
    /// Where traces are sent.
    pub traces: Traces,
}

/// The listener and its limits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where this store is reached from outside; default `http://localhost:<port>`, https with a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<Url>,
    /// Where links in mail lead; default: the public address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontend_url: Option<Url>,
    /// Origins beside the store's own and the frontend's that a sign-in may return to.
    #[serde(deserialize_with = "lenient::list")]
    pub return_origins: Vec<Url>,
    /// Proxies whose `X-Forwarded-For` counts: addresses or networks such as `10.0.0.0/8`.
    #[serde(deserialize_with = "lenient::networks")]
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// The header in which a trusted proxy says in which country the client is, such as `CloudFront-Viewer-Country`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_header: Option<String>,
    /// A certificate of the listener's own; without one, whatever stands before the store makes connections private.
    pub tls: Tls,
    /// Seconds for which a store that was told to stop goes on to answer, while `/readyz` is 503: until whatever stands
    /// before it sends nobody more.
    #[serde(deserialize_with = "lenient::number")]
    pub drain_seconds: u64,
    /// Largest JSON body, bytes.
    #[serde(deserialize_with = "lenient::number")]
    pub max_body_bytes: usize,
    /// Seconds in which the head of a request must have arrived.
    #[serde(deserialize_with = "lenient::number")]
    pub header_timeout: u64,
    /// Seconds for which a connection may wait for its next request.
    #[serde(deserialize_with = "lenient::number")]
    pub keep_alive: u64,
    /// Seconds in which a request without a streamed body must be answered.
    #[serde(deserialize_with = "lenient::number")]
    pub request_timeout: u64,
    /// Seconds that a streamed body may pause.
    #[serde(deserialize_with = "lenient::number")]
    pub body_idle_timeout: u64,
    /// Seconds in which a client must take something of an answer that is being sent.
    #[serde(deserialize_with = "lenient::number")]
    pub write_idle_timeout: u64,
    /// Connections served at once; the next ones wait.
    #[serde(deserialize_with = "lenient::number")]
    pub max_connections: usize,
}

/// As `http.drain_seconds`: whoever waits for the process to end waits no longer either.
const MOST_DRAIN_SECONDS: u64 = 300;

/// The shop.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// Its name in pages and mail.
    pub name: String,
    /// Prices are in it unless the caller names another.
    pub currency: Currency,
    /// Buyers are there unless they say otherwise.
    pub country: Country,
    /// The language its catalog is written in.
    pub locale: Locale,
    /// Who sells, on receipts; default: the store's name.
    pub seller_name: String,
    /// Where the seller is, on receipts: lines.
    pub seller_address: String,
    /// Under which number the seller is taxed, on receipts.
    pub seller_tax_id: String,
    /// Fonts of printed receipts, files or folders, for what the built-in font lacks; default: those of the system.
    #[serde(deserialize_with = "lenient::list")]
    pub receipt_fonts: Vec<PathBuf>,
}

/// The public reads of the catalog.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storefront {
    /// Bytes of answers to strangers that are kept in memory, and a quarter as many each of what lists and what pages of
    /// products show; 0 keeps none.
    #[serde(deserialize_with = "lenient::number")]
    pub cache_bytes: u64,
    /// Addresses of one sitemap; beyond them it is an index of several.
    #[serde(deserialize_with = "lenient::number")]
    pub sitemap_addresses: NonZeroU16,
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite://FILE` or `postgres://…`; default: `mist.db` in the data folder.
    pub url: Secret,
    /// Whether `serve` migrates before it listens.
    #[serde(deserialize_with = "lenient::number")]
    pub migrate: bool,
    /// Connections to PostgreSQL.
    #[serde(deserialize_with = "lenient::number")]
    pub connections: u32,
    /// Whether PgBouncer stands before PostgreSQL (1.21 or newer, with `max_prepared_statements`): then no connection sets
    /// anything for itself.
    #[serde(deserialize_with = "lenient::number")]
    pub pgbouncer: bool,
    /// Readers of the SQLite file, or connections to the replica.
    #[serde(deserialize_with = "lenient::number")]
    pub read_connections: u32,
    /// A replica of PostgreSQL, `postgres://…`, for what may be told some seconds late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_url: Option<Secret>,
    /// Seconds that the replica may be behind; beyond them the primary is asked.
    #[serde(deserialize_with = "lenient::number")]
    pub read_max_lag: u32,
}

/// Signing in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// Passwords hashed at once, 19 MiB and a processor each; default: half of the processors.
    #[serde(deserialize_with = "lenient::number")]
    pub hashing_slots: NonZeroUsize,
    /// Passwords that wait for a slot; the next ones are answered 503.
    #[serde(deserialize_with = "lenient::number")]
    pub hashing_queue: usize,
    /// Milliseconds that none of them is to wait for longer than; who would is answered 503 at once.
    #[serde(deserialize_with = "lenient::number")]
    pub hashing_wait_ms: u32,
    /// Sign-ins to one account that may fail, counted for each of its own devices and for all strangers together.
    pub failures_per_account: Rate,
    /// Sign-ins from one address (IPv6: /64) that may fail.
    pub failures_per_address: Rate,
    /// Sign-ins through providers that may be begun from one address (IPv6: /64).
    pub provider_sign_ins_per_address: Rate,
    /// Accounts that one address (IPv6: /64) may ask for.
    pub registrations_per_address: Rate,
    /// Mails that reset a password which one account may be asked for.
    pub reset_mails_per_account: Rate,
    /// Days after its sign-in when a session ends, however often it is refreshed.
    #[serde(deserialize_with = "lenient::number")]
    pub session_max_days: NonZeroU16,
}

/// Reviews.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Community {
    /// Reviews that one account may write or change.
    pub reviews_per_account: Rate,
    /// Reviews that one account may report.
    pub reports_per_account: Rate,
}

/// How long what is personal is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// Days after which sessions and the audit log forget addresses and user agents.
    #[serde(deserialize_with = "lenient::number")]
    pub addresses_days: u16,
    /// Days after which a cart into which nothing was put is emptied.
    #[serde(deserialize_with = "lenient::number")]
    pub carts_days: u16,
    /// Days for which ended sessions are kept.
    #[serde(deserialize_with = "lenient::number")]
    pub sessions_days: u16,
}

/// The listener of the metrics.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Address and port, or `off`.
    #[serde(with = "lenient::listener")]
    pub listen: Option<SocketAddr>,
    /// Seconds between two lines for CloudWatch (embedded metric format) on standard output; 0 writes none.
    #[serde(deserialize_with = "lenient::number")]
    pub emf_seconds: u32,
    /// Under which name CloudWatch shows them.
    pub emf_namespace: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("mist-data"),
            master_key: None,
            http: Http::default(),
            rate_limits: RateLimits::default(),
            load: Load::default(),
            store: Store::default(),
            storefront: Storefront::default(),
            database: Database::default(),
            accounts: Accounts::default(),
            oidc: BTreeMap::new(),
            storage: Storage::default(),
            cdn: Cdn::default(),
            payments: Payments::default(),
            mail: Mail::default(),
            delivery: Delivery::default(),
            checkout: Checkout::default(),
            taxes: Taxes::default(),
            licenses: Licenses::default(),
            community: Community::default(),
            privacy: Privacy::default(),
            notifications: Notifications::default(),
            webhooks: Webhooks::default(),
            topic: Topic::default(),
            backup: Backup::default(),
            metrics: Metrics::default(),
            logs: Logs::default(),
            traces: Traces::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            frontend_url: None,
            return_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            country_header: None,
            tls: Tls::default(),
            drain_seconds: 0,
            max_body_bytes: 1024 * 1024,
            header_timeout: 10,
            keep_alive: 75,
            request_timeout: 30,
            body_idle_timeout: 30,
            write_idle_timeout: 60,
            max_connections: 10_000,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        let built_in = "a built-in default is well-formed";
        Self {
            name: "Mist".to_owned(),
            #[expect(clippy::expect_used, reason = "constants")]
            currency: Currency::parse("USD").map_err(|invalid| invalid.message).expect(built_in),
            #[expect(clippy::expect_used, reason = "constants")]
            country: Country::parse("US").map_err(|invalid| invalid.message).expect(built_in),
            #[expect(clippy::expect_used, reason = "constants")]
            locale: Locale::parse("en").map_err(|invalid| invalid.message).expect(built_in),
            seller_name: String::new(),
            seller_address: String::new(),
            seller_tax_id: String::new(),
            receipt_fonts: Vec::new(),
        }
    }
}

/// As `storefront.sitemap_addresses`: the most that the protocol allows in one document.
pub(crate) const SITEMAP_ADDRESSES: NonZeroU16 = match NonZeroU16::new(50_000) {
    Some(addresses) => addresses,
    None => NonZeroU16::MIN,
};

impl Default for Storefront {
    fn default() -> Self {
        Self { cache_bytes: 24 * 1024 * 1024, sitemap_addresses: SITEMAP_ADDRESSES }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: Secret::new(""),
            migrate: true,
            connections: 16,
            pgbouncer: false,
            read_connections: 4,
            read_url: None,
            read_max_lag: 60,
        }
    }
}

/// A year, as `accounts.session_max_days`.
const SESSION_MAX_DAYS: NonZeroU16 = match NonZeroU16::new(365) {
    Some(days) => days,
    None => NonZeroU16::MIN,
};

impl Default for Accounts {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            hashing_slots: NonZeroUsize::new(processors / 2).unwrap_or(NonZeroUsize::MIN),
            hashing_queue: 64,
            hashing_wait_ms: 2_000,
            failures_per_account: Rate::new(5, 15 * 60),
            failures_per_address: Rate::new(30, 60),
            provider_sign_ins_per_address: Rate::new(100, 10 * 60),
            registrations_per_address: Rate::new(10, 60 * 60),
            reset_mails_per_account: Rate::new(3, 60 * 60),
            session_max_days: SESSION_MAX_DAYS,
        }
    }
}

impl Default for Community {
    fn default() -> Self {
        Self { reviews_per_account: Rate::new(30, 60 * 60), reports_per_account: Rate::new(20, 60 * 60) }
    }
}

impl Default for Privacy {
    fn default() -> Self {
        Self { addresses_days: 90, carts_days: 90, sessions_days: 30 }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 9464))),
            emf_seconds: 0,
            emf_namespace: "Mist".to_owned(),
        }
    }
}

/// Whether something can be asked behind an address: of the web, and without a question of its own.
fn is_base(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none()
}

impl Config {
    /// Where builds, mail and keys lie.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.data_dir.join(name)
    }
}
