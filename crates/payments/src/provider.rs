//! The calls every provider answers.
use uuid::Uuid;

use crate::Mock;

/// A payment to open.
#[derive(Clone, Debug)]
pub struct NewPayment<'a> {
    /// The same key is the same payment, however often it is opened.
    pub key: &'a str,
    /// The caller's own id of it.
    pub id: Uuid,
    /// Minor units, more than 0.
    pub amount: i64,
    /// ISO 4217.
    pub currency: &'a str,
    /// Where the buyer is sent after paying.
    pub success_url: Option<&'a str>,
    /// Where the buyer is sent who gives up.
    pub cancel_url: Option<&'a str>,
}

/// A payment that waits for its buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The provider's own id.
    pub reference: String,
    /// Where the buyer pays.
    pub checkout_url: String,
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
}

/// A provider that does not answer: the same call may be made again.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{provider} does not answer: {cause}")]
pub struct Error {
    /// The provider's name.
    pub provider: &'static str,
    /// For the log.
    pub cause: String,
}

/// One payment provider.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Takes no money: for trying a store out.
    Mock(Mock),
}

impl Provider {
    /// The name it is configured and stored by.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Mock(_) => Mock::NAME,
        }
    }

    /// Opens a payment, or finds the one that was opened under the same key.
    pub async fn create(&self, payment: &NewPayment<'_>) -> Result<Session, Error> {
        match self {
            Self::Mock(mock) => Ok(mock.create(payment)),
        }
    }

    /// Closes a payment, so that nobody pays it any more.
    pub async fn cancel(&self, reference: &str) -> Result<Closing, Error> {
        match self {
            Self::Mock(mock) => Ok(mock.cancel(reference)),
        }
    }

    /// Gives captured money back, or finds the refund that was made under the same key.
    pub async fn refund(&self, refund: &NewRefund<'_>) -> Result<(), Error> {
        match self {
            Self::Mock(mock) => {
                mock.refund(refund);
                Ok(())
            }
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

    /// The one that is used when the buyer names none.
    pub fn preferred(&self) -> Option<&Provider> {
        self.0.first()
    }
}
