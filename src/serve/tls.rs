//! TLS from the store itself, for those without a load balancer: certificate and key from files, read again when they change.
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::config;

/// The certificate of a listener, as its files have it.
pub struct Tls {
    current: Arc<Current>,
    provider: Arc<CryptoProvider>,
    certificate: PathBuf,
    key: PathBuf,
    every: Duration,
}

/// What is shown to whoever connects next.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// Reads the certificate chain and its key, both PEM; none where the settings name none.
    ///
    /// # Errors
    /// A file that can't be read, or a key that is not the certificate's.
    pub fn open(settings: &config::Tls) -> Result<Option<Self>, String> {
        let (Some(certificate), Some(key)) = (&settings.certificate, &settings.key) else {
            return Ok(None);
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let first = read(certificate, key, &provider)?;
        measure(&first);
        Ok(Some(Self {
            current: Arc::new(Current(RwLock::new(Arc::new(first)))),
            provider,
            certificate: certificate.clone(),
            key: key.clone(),
            every: Duration::from_secs(settings.reload_seconds.get().into()),
        }))
    }

    /// What makes a connection private.
    ///
    /// # Errors
    /// None that the built-in provider leads to.
    pub fn acceptor(&self) -> Result<TlsAcceptor, String> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Reads the files again whenever they changed, until `stop` is cancelled. What can't be read is logged, and what was
    /// shown goes on to be.
    pub async fn watch(self, stop: CancellationToken) {
        let mut shown = self.changed_at();
        let mut ticks = tokio::time::interval(self.every);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            let now = self.changed_at();
            if now == shown {
                continue;
            }
            match read(&self.certificate, &self.key, &self.provider) {
                Ok(key) => {
                    measure(&key);
                    *self.current.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                    shown = now;
                    tracing::info!("the certificate was read again");
                }
                // Perhaps only one of the two is written yet: it is tried again.
                Err(error) => tracing::error!(error, "the certificate changed and can't be used"),
            }
        }
    }

    /// Until when the certificate that is shown holds, UTC; none where that can't be read.
    pub fn expires(&self) -> Option<DateTime<Utc>> {
        expires(&self.current.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn changed_at(&self) -> [Option<SystemTime>; 2] {
        let changed = |path: &Path| -> io::Result<SystemTime> { fs::metadata(path)?.modified() };
        [changed(&self.certificate).ok(), changed(&self.key).ok()]
    }
}

/// Sets the gauge of when a certificate ends.
fn measure(key: &CertifiedKey) {
    let seconds = expires(key).map_or(f64::NAN, |until| until.timestamp() as f64);
    metrics::gauge!("mist_tls_certificate_expires_timestamp_seconds").set(seconds);
}

fn expires(key: &CertifiedKey) -> Option<DateTime<Utc>> {
    let (_, certificate) = x509_parser::parse_x509_certificate(key.cert.first()?).ok()?;
    DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0)
}

fn read(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let named = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| named(certificate, &error))?;
    if chain.is_empty() {
        return Err(named(certificate, &"it holds no certificate"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| named(key, &error))?;
    CertifiedKey::from_der(chain, private, provider).map_err(|error| named(key, &error))
}
