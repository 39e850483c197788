//! How mail leaves, and who tells of what comes back.
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Secret, is_base, lenient};

/// How mail leaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// `file` writes each into the folder `mail` of the data folder; `smtp` and `ses` send it.
    pub kind: MailKind,
    /// The sender.
    pub from: String,
    /// A folder whose files stand in the place of the built-in templates of the same names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templates: Option<PathBuf>,
    /// The SMTP server.
    pub smtp: Smtp,
    /// Amazon SES.
    pub ses: Ses,
    /// Where bounces and complaints come from.
    pub sns: Sns,
}

/// The ways mail leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// One `.eml` each in the data folder.
    File,
    /// To the SMTP server.
    Smtp,
    /// By Amazon SES.
    Ses,
}

/// The SMTP server.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// `smtp://user:password@host:port` or `smtps://…`.
    ///
    /// With `smtp`, `?tls=required` insists on STARTTLS and `?tls=opportunistic` takes it where it is offered; by
    /// default it is insisted on where there is a password to protect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Secret>,
}

/// Amazon SES.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ses {
    /// Its region; default: `AWS_REGION`, else `us-east-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Where the service is, if it is not at its usual address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Url>,
    /// The configuration set by which it sends, and so tells of bounces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_set: Option<String>,
    /// An access key's id; default: what the environment gives, a role among it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// Its secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_access_key: Option<Secret>,
}

/// Amazon SNS, by which SES tells of bounces and complaints.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sns {
    /// The topics whose messages are believed: their ARNs.
    #[serde(deserialize_with = "lenient::list")]
    pub topics: Vec<String>,
    /// Where certificates are fetched from instead of the addresses that messages name; subscriptions are confirmed there
    /// too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Url>,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            kind: MailKind::File,
            from: "Mist <store@localhost>".to_owned(),
            templates: None,
            smtp: Smtp::default(),
            ses: Ses::default(),
            sns: Sns::default(),
        }
    }
}

impl Mail {
    /// Each setting that is not as it should be, and why.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut refuse = |wrong: bool, setting: &str, why: &str| {
            if wrong {
                faults.push(format!("mail.{setting}: {why}"));
            }
        };
        refuse(
            self.kind == MailKind::Smtp && self.smtp.url.is_none(),
            "smtp.url",
            "is needed for mail.kind = \"smtp\"",
        );
        refuse(
            self.from.parse::<lettre::message::Mailbox>().is_err(),
            "from",
            "is not an address such as `Store <store@example.com>`",
        );
        refuse(
            self.ses.access_key_id.is_some() != self.ses.secret_access_key.is_some(),
            "ses.access_key_id, secret_access_key",
            "are needed together",
        );
        refuse(
            self.ses.region.as_deref().is_some_and(|region| !is_region(region)),
            "ses.region",
            "must be a region such as eu-central-1",
        );
        refuse(
            self.sns.topics.iter().any(|topic| !topic.starts_with("arn:")),
            "sns.topics",
            "must be ARNs such as arn:aws:sns:eu-central-1:123456789012:mail",
        );
        for (setting, url) in
            [("ses.endpoint", &self.ses.endpoint), ("sns.certificates", &self.sns.certificates)]
        {
            refuse(
                url.as_ref().is_some_and(|url| !is_base(url)),
                setting,
                "must be an address that begins with http:// or https:// and asks nothing",
            );
        }
        faults
    }
}

fn is_region(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
