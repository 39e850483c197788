//! What Stripe tells by itself. <https://docs.stripe.com/api/events>
use serde::Deserialize;
use serde_json::Value;

/// An event.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Event {
    /// `evt_…`: the same however often it is told.
    pub id: String,
    /// Such as `checkout.session.completed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it is about real money.
    #[serde(default)]
    pub livemode: bool,
    data: Data,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Data {
    object: Value,
}

impl Event {
    /// What it is about, as it was then.
    pub fn object(&self) -> &Value {
        &self.data.object
    }
}
