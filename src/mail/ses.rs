//! Mail by Amazon SES.
use base64::{Engine, engine::general_purpose::STANDARD};
use http::StatusCode;
use lettre::{Address, Message};
use serde_json::{Value, json};
use url::Url;

use super::smtp::REJECTED;
use crate::{
    aws::{Answer, Caller},
    config,
    error::{Error, Result},
};

/// The name by which calls to it are signed.
const SERVICE: &str = "ses";
/// Where mails are handed over.
const PATH: &str = "v2/email/outbound-emails";
/// Errors that no retry cures. Of the others some are cured by whoever runs the store: a set that is missing, sending that is
/// paused, a permission.
const FINAL: [&str; 2] = ["MessageRejected", "BadRequestException"];
/// Errors with a status of one mail's that are of all: the account may send nothing, or not under this name.
const OF_ALL: [&str; 4] = [
    "AccountSuspendedException",
    "SendingPausedException",
    "MailFromDomainNotVerifiedException",
    "LimitExceededException",
];
/// What it answers to a call that lacks something. Under the same status it says that it takes no mail at all.
const INCOMPLETE: &str = "BadRequestException";

/// The service, with the credentials that it asks for.
pub(super) struct Ses {
    caller: Caller,
    url: Url,
    configuration_set: Option<String>,
}

impl Ses {
    /// Nobody is called yet.
    pub(super) fn open(settings: &config::Ses) -> Result<Self> {
        let secret = settings.secret_access_key.as_ref();
        let key = settings.access_key_id.as_deref().zip(secret.map(config::Secret::as_str));
        let caller = Caller::open(settings.region.as_deref(), key)?;
        let region = caller.region();
        let base = match &settings.endpoint {
            Some(endpoint) => endpoint.as_str().trim_end_matches('/').to_owned(),
            None if region.starts_with("cn-") => format!("https://email.{region}.amazonaws.com.cn"),
            None => format!("https://email.{region}.amazonaws.com"),
        };
        let url = Url::parse(&format!("{base}/{PATH}")).map_err(Error::unexpected)?;
        Ok(Self { caller, url, configuration_set: settings.configuration_set.clone() })
    }

    /// Calls as a mail does, without one: SES refuses what it lacks, once it has believed who calls. Whether it lets this
    /// sender send is seen by a mail alone.
    pub(super) async fn probe(&self, from: &Address) -> Result<()> {
        let answer = self.call(json!({"FromEmailAddress": AsRef::<str>::as_ref(from)})).await?;
        let error = answer.error.unwrap_or_default();
        match answer.status {
            StatusCode::BAD_REQUEST if error == INCOMPLETE => Ok(()),
            status => Err(unexpected(status, &error)),
        }
    }

    /// Hands a message over. Its words may hold the address: only the name of its error is told.
    pub(super) async fn send(&self, message: &Message) -> Result<()> {
        let envelope = message.envelope();
        let to: Vec<&str> = envelope.to().iter().map(AsRef::as_ref).collect();
        let asked = json!({
            "FromEmailAddress": envelope.from().map(AsRef::<str>::as_ref),
            "Destination": {"ToAddresses": to},
            "Content": {"Raw": {"Data": STANDARD.encode(message.formatted())}},
        });
        let answer = self.call(asked).await?;
        if answer.status.is_success() {
            return Ok(());
        }
        let (status, error) = (answer.status, answer.error.unwrap_or_default());
        if status.is_client_error() && FINAL.contains(&error.as_str()) {
            tracing::warn!(%status, error, "SES refuses a mail for good");
            return Err(REJECTED.into());
        }
        Err(unexpected(status, &error))
    }

    /// Asks what mails are handed over by, under the configuration set.
    async fn call(&self, mut asked: Value) -> Result<Answer> {
        if let (Some(set), Some(members)) = (&self.configuration_set, asked.as_object_mut()) {
            members.insert("ConfigurationSetName".to_owned(), json!(set));
        }
        let answer = self.caller.post(SERVICE, &self.url, asked.to_string().into_bytes()).await;
        answer.map_err(|why| Error::down(format!("no talk with SES: {why}")))
    }
}

/// What is neither a mail nor taken. Who calls is not believed, or calls too often, or the service fails or takes from nobody of
/// this account: that is waited for. Else it may be this mail's own fault, which is tried for a time.
fn unexpected(status: StatusCode, error: &str) -> Error {
    let told = format!("SES answered {status} {error}");
    let is_of_all = matches!(status.as_u16(), 401 | 403 | 404 | 429) || status.is_server_error();
    if is_of_all || OF_ALL.contains(&error) { Error::down(told) } else { Error::unavailable(told) }
}
