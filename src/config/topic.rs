//! A topic of Amazon SNS to which events are published.
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Secret, is_base, lenient};

/// What the ARN of a topic consists of: `arn:<partition>:sns:<region>:<account>:<name>`.
const ARN_PARTS: usize = 6;

/// Where events are published, if anywhere.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Topic {
    /// The topic's ARN; none: nothing is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Which events, by the names that webhooks have for them; default: all of those.
    #[serde(deserialize_with = "lenient::list")]
    pub events: Vec<String>,
    /// Where the service is, if it is not at its usual address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Url>,
    /// An access key's id; default: what the environment gives, a role among it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// Its secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<Secret>,
}

impl Topic {
    /// In which region a topic is; none of what is no ARN of a topic.
    pub fn region(arn: &str) -> Option<&str> {
        let parts: Vec<&str> = arn.split(':').collect();
        match parts.as_slice() {
            ["arn", _, "sns", region, account, name]
                if parts.len() == ARN_PARTS && ![*region, *account, *name].contains(&"") =>
            {
                Some(region)
            }
            _ => None,
        }
    }

    /// Each setting that is not as it should be, and why.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut refuse = |wrong: bool, setting: &str, why: &str| {
            if wrong {
                faults.push(format!("topic.{setting}: {why}"));
            }
        };
        let arn = self.arn.as_deref();
        refuse(
            arn.is_some_and(|arn| Self::region(arn).is_none()),
            "arn",
            "must be one such as arn:aws:sns:eu-central-1:123456789012:events",
        );
        refuse(
            arn.is_some_and(|arn| arn.ends_with(".fifo")),
            "arn",
            "must be of a standard topic: events are published side by side",
        );
        refuse(
            self.access_key_id.is_some() != self.secret_access_key.is_some(),
            "access_key_id, secret_access_key",
            "are needed together",
        );
        refuse(
            self.endpoint.as_ref().is_some_and(|url| !is_base(url)),
            "endpoint",
            "must be an address that begins with http:// or https:// and asks nothing",
        );
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(change: impl FnOnce(&mut Topic)) -> Vec<String> {
        let mut topic = Topic {
            arn: Some("arn:aws:sns:eu-central-1:123456789012:events".to_owned()),
            ..Topic::default()
        };
        change(&mut topic);
        topic.faults()
    }

    #[test]
    fn what_is_no_standard_topic_or_no_whole_key_is_named() {
        assert_eq!(Topic::region("arn:aws-cn:sns:cn-north-1:123456789012:events"), Some("cn-north-1"));
        assert_eq!(faults(|_| {}), Vec::<String>::new());
        for arn in
            ["events", "arn:aws:sqs:eu-central-1:1:events", "arn:aws:sns::1:events", "arn:aws:sns:a:1:b:c"]
        {
            let named = faults(|topic| topic.arn = Some(arn.to_owned()));
            assert!(named.len() == 1 && named[0].starts_with("topic.arn: must be one such as"), "{named:?}");
        }
        let fifo = faults(|topic| topic.arn = Some("arn:aws:sns:eu-central-1:1:events.fifo".to_owned()));
        assert!(fifo[0].contains("standard topic"), "{fifo:?}");
        let half = faults(|topic| topic.access_key_id = Some("id".to_owned()));
        assert!(
            half[0].starts_with("topic.access_key_id, secret_access_key: are needed together"),
            "{half:?}"
        );
    }
}
