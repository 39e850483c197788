//! The calls every provider answers.
use uuid::Uuid;

use crate::{Mock, Stripe};

/// A payment to open.
#[derive(Clone, Debug)]
pub struct NewPayment<'a> {
    /// The same key is the same payment, however often it is opened.
    pub key: &'a str,
    /// The caller's own id of it.
    pub id: Uuid,
    /// What the buyer sees as bought, such as the number of an order.
    pub title: &'a str,
    /// Minor units, more than 0.
    pub amount: i64,
    /// ISO 4217.
    pub currency: &'a str,
    /// Where the buyer is sent after paying.
    pub success_url: Option<&'a str>,
    /// Where the buyer is sent who gives up.
    pub cancel_url: Option<&'a str>,
    /// Seconds since 1970: when it was asked for first, the same at every repetition.
    pub asked_at: i64,
    /// Seconds since 1970: nobody pays it after this.
    pub expires_at: i64,
    /// Whether it is paid on the caller's own page, instead of the provider's.
    pub elements: bool,
}

/// A payment that waits for its buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The provider's own id.
    pub reference: String,
    /// Where the buyer pays; none where that is the caller's own page.
    pub checkout_url: Option<String>,
}

/// What became of the wish to close a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Nobody can pay it any more.
    Closed,
    /// Too late: it is being captured, or was.
    Captured,
}

/// Money to give back.
#[derive(Clone, Debug)]
pub struct NewRefund<'a> {
    /// The same key is the same refund, however often it is asked.
    pub key: &'a str,
    /// The provider's own id of the payment.
    pub reference: &'a str,
    /// Minor units, more than 0 and at most what was captured and not given back.
    pub amount: i64,
    /// Whether it may have been asked for so long ago that the provider has forgotten its key: then it is looked for first.
    pub is_old: bool,
}

/// Money that a provider says it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Minor units.
    pub amount: i64,
    /// ISO 4217, upper case.
    pub currency: String,
    /// By which the provider gives it back, where that is another than the payment's own.
    pub reference: Option<String>,
}

/// Where a payment stands at its provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Waits for its buyer.
    Open,
    /// The buyer has done what is needed, the money is on its way.
    Processing,
    /// The money is there.
    Received(Received),
    /// Nobody can pay it any more.
    Closed,
}

/// Where a refund stands at its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStanding {
    /// The money went back, or is on its way.
    Accepted,
    /// It could not be sent back: people must.
    Failed,
}

/// Why a provider did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// It does not answer, or not yet: whether it did it is unknown, and the same call may be made again.
    #[error("{provider} does not answer: {cause}")]
    Unknown {
        /// The provider's name.
        provider: &'static str,
        /// For the log.
        cause: String,
    },
    /// It answered that it won't: the same call will be refused again.
    #[error("{provider} refuses: {cause}")]
    Refused {
        /// The provider's name.
        provider: &'static str,
        /// For the log.
        cause: String,
    },
}

/// One payment provider.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Takes no money: for trying a store out.
    Mock(Mock),
    /// <https://stripe.com>.
    Stripe(Box<Stripe>),
}

impl Provider {
    /// The name it is configured and stored by.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mock(_) => Mock::NAME,
            Self::Stripe(_) => Stripe::NAME,
        }
    }

    /// Whether it takes such an amount: minor units, ISO 4217.
    pub fn takes(&self, amount: i64, currency: &str) -> bool {
        match self {
            Self::Mock(_) => true,
            Self::Stripe(_) => Stripe::takes(amount, currency),
        }
    }

    /// Whether its payments can be paid on the caller's own page.
    pub fn has_elements(&self) -> bool {
        matches!(self, Self::Stripe(_))
    }

    /// The least that it takes and that is no less than an amount: minor units, ISO 4217.
    pub fn at_least(&self, amount: i64, currency: &str) -> i64 {
        match self {
            Self::Mock(_) => amount,
            Self::Stripe(_) => Stripe::at_least(amount, currency),
        }
    }

    /// Of what the amounts that it takes in a currency are multiples, minor units.
    fn step(&self, currency: &str) -> i64 {
        match self {
            Self::Mock(_) => 1,
            Self::Stripe(_) => Stripe::step(currency),
        }
    }

    /// Opens a payment, or finds the one that was opened under the same key.
    pub async fn create(&self, payment: &NewPayment<'_>) -> Result<Session, Error> {
        match self {
            Self::Mock(mock) => Ok(mock.create(payment)),
            Self::Stripe(stripe) => stripe.create(payment).await,
        }
    }

    /// Closes a payment, so that nobody pays it any more.
    pub async fn cancel(&self, reference: &str) -> Result<Closing, Error> {
        match self {
            Self::Mock(mock) => Ok(mock.cancel(reference)),
            Self::Stripe(stripe) => stripe.cancel(reference).await,
        }
    }

    /// Where a payment stands; none where the provider tells everything by itself.
    pub async fn look(&self, reference: &str) -> Result<Option<Standing>, Error> {
        match self {
            Self::Mock(_) => Ok(None),
            Self::Stripe(stripe) => stripe.look(reference).await.map(Some),
        }
    }

    /// Gives captured money back, or finds the refund that was made under the same key, however long ago.
    pub async fn refund(&self, refund: &NewRefund<'_>) -> Result<RefundStanding, Error> {
        match self {
            Self::Mock(mock) => {
                mock.refund(refund);
                Ok(RefundStanding::Accepted)
            }
            Self::Stripe(stripe) => stripe.refund(refund).await,
        }
    }
}

/// The providers of a store; the first is used unless the buyer names another.
#[derive(Clone, Debug, Default)]
pub struct Providers(Vec<Provider>);

impl Providers {
    /// In their order of preference.
    pub fn new(providers: Vec<Provider>) -> Self {
        Self(providers)
    }

    /// The one of that name, if the store has it.
    pub fn named(&self, name: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.name() == name)
    }

    /// Stripe, if the store has it.
    pub fn stripe(&self) -> Option<&Stripe> {
        self.0.iter().find_map(|provider| match provider {
            Provider::Stripe(stripe) => Some(&**stripe),
            Provider::Mock(_) => None,
        })
    }

    /// Of what the amounts that all of them take in a currency are multiples, minor units.
    pub fn step(&self, currency: &str) -> i64 {
        self.0.iter().map(|provider| provider.step(currency)).max().unwrap_or(1)
    }

    /// The one that is used when the buyer names none.
    pub fn preferred(&self) -> Option<&Provider> {
        self.0.first()
    }
}
