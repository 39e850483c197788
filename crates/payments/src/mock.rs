//! A provider that takes no money and keeps nothing: whoever uses it says how a payment ends.
use std::{fmt, sync::Arc};

use uuid::Uuid;

use crate::{Closing, NewPayment, NewRefund, Session};

/// Takes no money. What it answers follows from what it is asked, so it keeps no state.
#[derive(Clone)]
pub struct Mock {
    page: Arc<dyn Fn(Uuid) -> String + Send + Sync>,
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock").finish_non_exhaustive()
    }
}

impl Mock {
    /// The name it is configured and stored by.
    pub const NAME: &'static str = "mock";

    /// `page` says at which address the end of a payment of some id is chosen.
    pub fn new(page: impl Fn(Uuid) -> String + Send + Sync + 'static) -> Self {
        Self { page: Arc::new(page) }
    }

    pub(crate) fn create(&self, payment: &NewPayment<'_>) -> Session {
        Session { reference: format!("mock_{}", payment.key), checkout_url: Some((self.page)(payment.id)) }
    }

    /// It captures only when its user says so, in the same moment: there is nothing to be too late for.
    #[expect(clippy::unused_self, reason = "every provider is asked alike")]
    pub(crate) fn cancel(&self, _reference: &str) -> Closing {
        Closing::Closed
    }

    /// It took no money, so there is none to send.
    #[expect(clippy::unused_self, reason = "every provider is asked alike")]
    pub(crate) fn refund(&self, _refund: &NewRefund<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_is_the_same_payment() {
        let mock = Mock::new(|id| format!("http://localhost/pay/{id}"));
        let payment = NewPayment {
            key: "order-1",
            id: uuid::Uuid::nil(),
            title: "M-1",
            amount: 1999,
            currency: "USD",
            success_url: None,
            cancel_url: None,
            asked_at: 0,
            expires_at: 3600,
            elements: false,
        };
        let session = mock.create(&payment);
        assert_eq!(session, mock.create(&payment));
        assert_eq!(session.reference, "mock_order-1");
        let page = "http://localhost/pay/00000000-0000-0000-0000-000000000000";
        assert_eq!(session.checkout_url.as_deref(), Some(page));
    }
}
