//! A message of Amazon SNS, and what of it is signed.
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Kind {
    /// Something was published.
    Notification,
    /// Whoever has the endpoint is asked whether they want to be told.
    SubscriptionConfirmation,
    /// They are told no more.
    UnsubscribeConfirmation,
}

/// A message as it comes. Members that SNS adds later are passed over: they are not signed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message {
    #[serde(rename = "Type")]
    pub(super) kind: Kind,
    pub(super) message_id: String,
    pub(super) topic_arn: String,
    subject: Option<String>,
    #[serde(rename = "Message")]
    pub(super) text: String,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    pub(super) certificate: String,
    #[serde(rename = "SubscribeURL")]
    pub(super) subscribe: Option<String>,
    token: Option<String>,
}

impl Message {
    /// Reads a message; none if it is not one.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// When it was published; none if that can't be read.
    pub(super) fn published(&self) -> Option<DateTime<Utc>> {
        Some(DateTime::parse_from_rfc3339(&self.timestamp).ok()?.to_utc())
    }

    /// Whether the owner of this key (RSA: an RFC 8017 `RSAPublicKey`) signed it.
    pub(super) fn is_signed_by(&self, key: &[u8]) -> bool {
        let algorithm = match self.signature_version.as_str() {
            "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            "2" => &RSA_PKCS1_2048_8192_SHA256,
            _ => return false,
        };
        let Some((signature, signed)) = STANDARD.decode(&self.signature).ok().zip(self.signed()) else {
            return false;
        };
        UnparsedPublicKey::new(algorithm, key).verify(signed.as_bytes(), &signature).is_ok()
    }

    /// The text that is signed: members in the order of their names, each name and value on a line of its own.
    fn signed(&self) -> Option<String> {
        let name = match self.kind {
            Kind::Notification => "Notification",
            Kind::SubscriptionConfirmation => "SubscriptionConfirmation",
            Kind::UnsubscribeConfirmation => "UnsubscribeConfirmation",
        };
        let mut members = vec![("Message", self.text.as_str()), ("MessageId", self.message_id.as_str())];
        if self.kind == Kind::Notification {
            members.extend(self.subject.as_deref().map(|subject| ("Subject", subject)));
        } else {
            members.push(("SubscribeURL", self.subscribe.as_deref()?));
        }
        members.push(("Timestamp", &self.timestamp));
        if self.kind != Kind::Notification {
            members.push(("Token", self.token.as_deref()?));
        }
        members.extend([("TopicArn", self.topic_arn.as_str()), ("Type", name)]);
        Some(members.iter().flat_map(|(name, value)| [*name, "\n", *value, "\n"]).collect())
    }
}
