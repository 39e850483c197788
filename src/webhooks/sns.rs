//! Publishing by Amazon SNS.
use http::StatusCode;
use url::Url;

use super::kinds::Kind;
use crate::{
    aws::{Answer, Caller},
    config::{Secret, Topic},
    error::{Error, Result},
};

/// The name by which calls to it are signed.
const SERVICE: &str = "sns";
/// The version of its protocol.
const VERSION: &str = "2010-03-31";
/// How errors begin that have the status of a bad message and are of the topic: its key is switched off, or calls are too many.
const OF_ALL: [&str; 2] = ["KMS", "Thrott"];

/// A topic, and who publishes to it.
pub struct Sns {
    caller: Caller,
    url: Url,
    arn: String,
}

impl Sns {
    /// Nobody is called yet; none when the settings name no topic.
    pub fn open(settings: &Topic) -> Result<Option<Self>> {
        let Some(arn) = settings.arn.clone() else { return Ok(None) };
        if let Some(unknown) = settings.events.iter().find(|event| Kind::of(event).is_none()) {
            return Err(Error::unexpected(format!("topic.events: no event is called {unknown}")));
        }
        let secret = settings.secret_access_key.as_ref();
        let key = settings.access_key_id.as_deref().zip(secret.map(Secret::as_str));
        let caller = Caller::open(Topic::region(&arn), key)?;
        let region = caller.region();
        let url = match &settings.endpoint {
            Some(endpoint) => endpoint.clone(),
            None if region.starts_with("cn-") => parsed(&format!("https://sns.{region}.amazonaws.com.cn"))?,
            None => parsed(&format!("https://sns.{region}.amazonaws.com"))?,
        };
        Ok(Some(Self { caller, url, arn }))
    }

    /// Publishes a message with attributes by which subscribers filter. Whatever is answered but success may be cured: by
    /// time, or by whoever runs the store.
    pub(super) async fn publish(&self, message: &str, attributes: &[(&str, String)]) -> Result<()> {
        let mut form = vec![
            ("Action".to_owned(), "Publish".to_owned()),
            ("Version".to_owned(), VERSION.to_owned()),
            ("TopicArn".to_owned(), self.arn.clone()),
            ("Message".to_owned(), message.to_owned()),
        ];
        for (number, (name, value)) in (1..).zip(attributes) {
            let entry = format!("MessageAttributes.entry.{number}");
            form.push((format!("{entry}.Name"), (*name).to_owned()));
            form.push((format!("{entry}.Value.DataType"), "String".to_owned()));
            form.push((format!("{entry}.Value.StringValue"), value.clone()));
        }
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.caller.post_form(SERVICE, &self.url, &form).await;
        let answer = answer.map_err(|why| Error::down(format!("no talk with SNS: {why}")))?;
        let error = answer.error.as_deref().unwrap_or_default();
        let is_of_all = OF_ALL.iter().any(|start| error.starts_with(start));
        match answer.status {
            StatusCode::OK => Ok(()),
            StatusCode::BAD_REQUEST if is_of_all => Err(Error::down(told(&answer))),
            // What may be the message's own fault is tried again for a time, everything else until it is cured.
            StatusCode::BAD_REQUEST => Err(Error::unavailable(told(&answer))),
            _ => Err(Error::down(told(&answer))),
        }
    }
}

fn told(answer: &Answer) -> String {
    format!("SNS answered {} {}", answer.status, answer.error.as_deref().unwrap_or_default())
}

fn parsed(address: &str) -> Result<Url> {
    Url::parse(address).map_err(Error::unexpected)
}
