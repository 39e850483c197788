//! What a running store is made of, handed to every handler.
use std::{
    ops::Deref,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::FutureExt;
use objects::Objects;
use payments::{Mock, Provider, Providers, Stripe, StripeSettings};
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    accounts::{self, Hashing, Identity, Products, Providers as SignInProviders, RelyingParty},
    background::Wake,
    bounces::Certificates,
    catalog,
    checkout::{self, Printer},
    clock::Clock,
    config::{self, Config, ProviderName},
    db::Db,
    delivery::{Deliveries, Desk},
    error::{Error, Result},
    keys::{Keys, MacKey, MasterKey},
    mail::{Mailer, Templates},
    notifications::Streams,
    outbound::Outbound,
    router, storage,
    storefront::{Answers, ReadModel},
    surroundings::Surroundings,
    web::admission::Admission,
    webhooks::Sns,
};

/// What the catalog tells accounts, which lie below it.
const PRODUCTS: Products = Products {
    of_build: |app, id| catalog::builds::product_of(&app.db.read, id).boxed(),
    known: |app, ids| async move { catalog::known(&app.db.read, &ids).await }.boxed(),
};

/// A running store; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of a store.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// Time, ids.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// The bytes of builds.
    pub objects: Objects,
    /// Who takes the money.
    pub payments: Providers,
    /// Seals what is used again, such as the secrets of second factors.
    pub master: MasterKey,
    /// The keys of cursors and links.
    pub keys: Keys,
    /// Signing in: tokens, sessions, hashing.
    pub identity: Identity,
    /// The providers that people may sign in through.
    pub oidc: SignInProviders,
    /// Whom passkeys are made for.
    pub relying_party: RelyingParty,
    /// What accounts ask of the catalog.
    pub products: Products,
    /// Deliveries that are still to be noted.
    pub deliveries: Deliveries,
    /// Who is let in.
    pub admission: Admission,
    /// What strangers were answered about the catalog as it is now.
    pub answers: Answers,
    /// The index from which the public catalog is answered.
    pub read_model: ReadModel,
    /// Where uploaded pictures are made again.
    pub pictures: Desk,
    /// What prints receipts.
    pub printer: Printer,
    /// What mails are written from.
    pub letters: Templates,
    /// How mail leaves.
    pub mail: Mailer,
    /// By which what SNS says is believed.
    pub certificates: Certificates,
    /// What is sent to addresses that arrived through the API.
    pub outbound: Outbound,
    /// The topic to which events are published, if there is one.
    pub topic: Option<Sns>,
    /// The streams of notifications that are open.
    pub streams: Streams,
    /// Whether database and storage answer.
    pub surroundings: Surroundings,
    /// Poked after a commit that enqueued a job or recorded an event.
    pub wake: Wake,
    public_url: Url,
    document: OnceCell<Bytes>,
    leaving: AtomicBool,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens everything a store needs on a migrated database; `port` is the one it listens on.
    pub async fn open(config: Config, clock: Clock, db: Db, port: u16) -> Result<Self> {
        let master = MasterKey::load(config.master_key.as_ref(), &config.folder("master.key"))
            .map_err(Error::unexpected)?;
        let keys = Keys::load(&db, &master, &clock).await?;
        accounts::ensure_token_key(&db, &master, &clock).await?;
        let objects = storage::open(&config, config.storage.kind)?;
        let scheme = if config.http.tls.certificate.is_some() { "https" } else { "http" };
        let public_url = match &config.http.public_url {
            Some(url) => url.clone(),
            None => Url::parse(&format!("{scheme}://localhost:{port}")).map_err(Error::unexpected)?,
        };
        let identity = Identity::new(public_url.as_str(), Hashing::new(&config.accounts)?);
        let mail = Mailer::open(&config, public_url.host_str().unwrap_or("localhost"))?;
        let letters = Templates::open(&config)?;
        let certificates = Certificates::new(&config.mail.sns, &clock);
        let oidc = SignInProviders::new(&config.oidc);
        let relying_party = RelyingParty::new(&config, &public_url)?;
        let wake = Wake::default();
        let printer = Printer::new(&config.store);
        let admission = Admission::new(&config, &clock);
        let answers = Answers::new(&config.storefront);
        let read_model = ReadModel::new(&config)?;
        db.listen({
            let answers = answers.clone();
            let read_model = read_model.clone();
            move |told, is_committed| {
                if is_committed {
                    checkout::count_paid(&told);
                }
                if read_model.after_write(told) {
                    answers.begin_generation();
                }
            }
        });
        let settings = &config.webhooks;
        let timeout = Duration::from_secs(settings.timeout.get().into());
        let outbound = Outbound::new(settings.allow_private, timeout);
        let topic = Sns::open(&config.topic)?;
        let payments = providers(&config.payments, &public_url, &keys.link)?;
        Ok(Self(Arc::new(Parts {
            config,
            clock,
            db,
            objects,
            payments,
            master,
            keys,
            identity,
            oidc,
            relying_party,
            products: PRODUCTS,
            deliveries: Deliveries::default(),
            admission,
            answers,
            read_model,
            pictures: Desk::default(),
            printer,
            letters,
            mail,
            certificates,
            outbound,
            topic,
            streams: Streams::default(),
            surroundings: Surroundings::default(),
            wake,
            public_url,
            document: OnceCell::new(),
            leaving: AtomicBool::new(false),
        })))
    }

    /// An address of this store as the outside reaches it; `path` begins with a slash.
    pub fn public_url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// From now on this copy says that it is not ready: it was told to stop.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// Whether it was told to stop.
    pub fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Whether the outside reaches this store over TLS, by itself or through what stands before it.
    pub fn is_private(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// An address that a mail leads to: the frontend's, or this store's own; `path` begins with a slash.
    pub fn frontend_url(&self, path: &str) -> String {
        let url = self.config.http.frontend_url.as_ref().unwrap_or(&self.public_url);
        format!("{}{path}", url.as_str().trim_end_matches('/'))
    }

    /// The API document, made at the first request for it.
    pub async fn document(&self) -> Result<Bytes> {
        let made = self.document.get_or_try_init(|| async {
            router::document(&self.config.http).to_json().map(Bytes::from).map_err(Error::unexpected)
        });
        made.await.cloned()
    }
}

fn providers(settings: &config::Payments, public_url: &Url, key: &MacKey) -> Result<Providers> {
    let mock = || {
        let (store, key) = (public_url.as_str().trim_end_matches('/').to_owned(), key.clone());
        Mock::new(move |payment| format!("{store}{}", checkout::mock_address(&key, payment)))
    };
    let stripe = || {
        let key = settings.stripe.secret_key.as_ref();
        Stripe::new(StripeSettings {
            secret_key: key.map(|key| key.as_str().to_owned()).unwrap_or_default(),
            webhook_secrets: settings.stripe.webhook_secrets(),
            api_base: settings.stripe.api_base.to_string(),
        })
    };
    let provider = |name: &ProviderName| match name {
        ProviderName::Mock => Ok(Provider::Mock(mock())),
        ProviderName::Stripe => Ok(Provider::Stripe(Box::new(stripe().map_err(Error::unexpected)?))),
    };
    Ok(Providers::new(settings.providers.iter().map(provider).collect::<Result<_>>()?))
}

/// Makes the data folder, readable by its owner alone.
pub fn create_data_dir(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
