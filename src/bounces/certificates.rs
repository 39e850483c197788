//! The certificates that Amazon SNS signs by, fetched from it alone and kept in memory.
use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use url::Url;
use x509_parser::{nom::Finish, pem::parse_x509_pem};

use crate::{
    calls::{self, Calls, Limits},
    clock::Clock,
    config,
    error::{Error, Result},
};

use super::receive::INVALID_SIGNATURE;

/// A certificate has two thousand bytes, a confirmation fewer.
const LIMITS: Limits =
    Limits { connect: Duration::from_secs(3), whole: Duration::from_secs(5), bytes: 64 * 1024 };
/// Certificates kept at once: each region has one or two.
const CAPACITY: u64 = 32;
/// How long one is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How the file of a certificate is called, but for the digits between.
const FILE: (&str, &str) = ("/SimpleNotificationService-", ".pem");

/// The certificates, and how they are fetched.
pub struct Certificates {
    base: Option<Url>,
    clock: Clock,
    calls: Calls,
    keys: Cache<String, Key>,
}

/// What a certificate says.
#[derive(Clone)]
struct Key {
    bytes: Arc<[u8]>,
    /// Seconds since 1970 between which it is good.
    from: i64,
    until: i64,
}

/// Why there is no certificate.
#[derive(Debug)]
enum Lack {
    /// There was no answer, or the service is in trouble.
    Unreachable(String),
    /// What is there is no certificate.
    Unfit,
}

impl Certificates {
    /// None is fetched yet.
    pub fn new(settings: &config::Sns, clock: &Clock) -> Self {
        Self {
            base: settings.certificates.clone(),
            clock: clock.clone(),
            calls: Calls::new(LIMITS),
            keys: Cache::builder().max_capacity(CAPACITY).time_to_live(KEPT).build(),
        }
    }

    /// The public key of the certificate at an address; 400 `invalid_signature` unless it is one of SNS's own and good now.
    pub(super) async fn key(&self, address: &str) -> Result<Arc<[u8]>> {
        let url = Url::parse(address).ok().filter(is_certificate_of_sns).ok_or(INVALID_SIGNATURE)?;
        let fetched = self.keys.try_get_with(url.to_string(), self.fetch(&url)).await;
        let key = fetched.map_err(|lack| match lack.as_ref() {
            Lack::Unreachable(why) => Error::unavailable(format!("a certificate of SNS: {why}")),
            Lack::Unfit => INVALID_SIGNATURE.into(),
        })?;
        let now = self.clock.now().timestamp();
        if (key.from..=key.until).contains(&now) { Ok(key.bytes) } else { Err(INVALID_SIGNATURE.into()) }
    }

    /// Confirms a subscription; 400 `invalid_signature` unless the address is SNS's own.
    pub(super) async fn confirm(&self, address: &str) -> Result<()> {
        let ours = |url: &Url| self.base.as_ref().is_some_and(|base| base.origin() == url.origin());
        let url = Url::parse(address).ok().filter(|url| is_of_sns(url) || ours(url));
        match self.get(url.ok_or(INVALID_SIGNATURE)?).await {
            Ok(_) => Ok(()),
            Err(Lack::Unreachable(why)) => Err(Error::unavailable(format!("a confirmation to SNS: {why}"))),
            Err(Lack::Unfit) => Err(INVALID_SIGNATURE.into()),
        }
    }

    async fn fetch(&self, url: &Url) -> Result<Key, Lack> {
        let mut from = url.clone();
        if let Some(base) = &self.base {
            let place = format!("{}{}", base.as_str().trim_end_matches('/'), url.path());
            from = Url::parse(&place).map_err(|_| Lack::Unfit)?;
        }
        read(&self.get(from).await?).ok_or(Lack::Unfit)
    }

    async fn get(&self, url: Url) -> Result<Vec<u8>, Lack> {
        let request = self.calls.client().await?.get(url);
        let answer = self.calls.send(request).await?;
        match answer.status {
            status if status.is_success() => Ok(answer.body),
            status if status.is_server_error() || status.as_u16() == 429 => {
                Err(Lack::Unreachable(format!("answered {status}")))
            }
            _ => Err(Lack::Unfit),
        }
    }
}

impl From<calls::Lack> for Lack {
    fn from(lack: calls::Lack) -> Self {
        match lack {
            calls::Lack::NoAnswer(why) => Self::Unreachable(why),
            calls::Lack::TooLong(_) => Self::Unfit,
        }
    }
}

/// What a certificate in PEM says; none if it is none.
fn read(pem: &[u8]) -> Option<Key> {
    let (_, pem) = parse_x509_pem(pem).finish().ok()?;
    let certificate = pem.parse_x509().ok()?;
    let bytes = Arc::from(certificate.public_key().subject_public_key.data.as_ref());
    let validity = certificate.validity();
    Some(Key { bytes, from: validity.not_before.timestamp(), until: validity.not_after.timestamp() })
}

/// Whether an address is at SNS: `https://sns.<region>.amazonaws.com`, in China with `.cn` behind.
fn is_of_sns(url: &Url) -> bool {
    let bare = url.port().is_none() && url.username().is_empty() && url.password().is_none();
    url.scheme() == "https" && bare && url.host_str().is_some_and(is_host_of_sns)
}

fn is_host_of_sns(host: &str) -> bool {
    let region = host.strip_prefix("sns.").and_then(|rest| {
        let rest = rest.strip_suffix(".cn").unwrap_or(rest);
        rest.strip_suffix(".amazonaws.com")
    });
    region.is_some_and(|region| {
        !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

fn is_certificate_of_sns(url: &Url) -> bool {
    let digits = url.path().strip_prefix(FILE.0).and_then(|rest| rest.strip_suffix(FILE.1));
    let named = digits
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    named && url.query().is_none() && url.fragment().is_none() && is_of_sns(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_sns_s_own() {
        let is = |url: &str| is_certificate_of_sns(&Url::parse(url).unwrap());
        assert!(is(
            "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem"
        ));
        assert!(is("https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a.pem"));
        for url in [
            "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem",
            "https://sns.eu-central-1.amazonaws.com.example/SimpleNotificationService-0a.pem",
            "https://sns.eu-central-1.amazonaws.com@example.com/SimpleNotificationService-0a.pem",
            "https://me@sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem",
            "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-0a.pem",
            "https://s3.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem",
            "https://sns.a.b.amazonaws.com/SimpleNotificationService-0a.pem",
            "https://sns..amazonaws.com/SimpleNotificationService-0a.pem",
            "https://sns.amazonaws.com/SimpleNotificationService-0a.pem",
            "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem?a",
            "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-.pem",
            "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-../a.pem",
            "https://sns.eu-central-1.amazonaws.com/a/SimpleNotificationService-0a.pem",
        ] {
            assert!(!is(url), "{url}");
        }
    }
}
