//! Links to CloudFront, signed as its documentation says ("Create a signed URL using a canned policy", "… a custom policy").

use std::fmt;
use std::io;
use std::net::IpAddr;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

use crate::links::Asked;
use crate::{Error, Key};

/// A distribution and the key that it trusts.
#[derive(Debug)]
pub struct CloudFront {
    domain: String,
    key_pair: String,
    bind_address: bool,
    signer: Signer,
}

enum Signer {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa(_) => "Rsa",
            Self::Ecdsa(_) => "Ecdsa",
        })
    }
}

/// The private key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPrivateKey {
    #[error("it holds no private key in PEM (PKCS#1, PKCS#8 or SEC1)")]
    NoPem,
    #[error("it is neither RSA of 2048 bits or more nor ECDSA over P-256")]
    Unsuitable,
}

impl CloudFront {
    /// Takes the domain of a distribution, the id of the public key there, and its private key in PEM.
    pub fn new(
        domain: &str,
        key_pair: &str,
        private_key: &[u8],
        bind_address: bool,
    ) -> Result<Self, InvalidPrivateKey> {
        let key = PrivateKeyDer::from_pem_slice(private_key).map_err(|_| InvalidPrivateKey::NoPem)?;
        Ok(Self {
            domain: domain.to_owned(),
            key_pair: key_pair.to_owned(),
            bind_address,
            signer: signer(&key).ok_or(InvalidPrivateKey::Unsuitable)?,
        })
    }

    /// Signs a link to an object; to be told `Expires` takes the canned policy, to be bound to an address a custom one.
    ///
    /// CloudFront knows addresses of IPv4 alone: whoever comes by another gets a link that is good from anywhere.
    pub(crate) fn sign(&self, key: &Key, asked: &Asked<'_>) -> Result<String, Error> {
        let query: Vec<String> =
            asked.query().iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let url = format!("https://{}/{}?{}", self.domain, key.path(), query.join("&"));
        let address = match asked.address {
            Some(IpAddr::V4(address)) if self.bind_address => Some(address),
            _ => None,
        };
        let until = format!(r#""DateLessThan":{{"AWS:EpochTime":{}}}"#, asked.expires);
        let condition = match address {
            Some(address) => format!(r#"{{{until},"IpAddress":{{"AWS:SourceIp":"{address}/32"}}}}"#),
            None => format!("{{{until}}}"),
        };
        // What stands in the address is percent-encoded, so nothing in it needs an escape.
        let policy = format!(r#"{{"Statement":[{{"Resource":"{url}","Condition":{condition}}}]}}"#);
        let signature = url_safe(&self.signature(policy.as_bytes())?);
        let when = match address {
            Some(_) => format!("Policy={}", url_safe(policy.as_bytes())),
            None => format!("Expires={}", asked.expires),
        };
        let key_pair = encoded(&self.key_pair);
        Ok(format!("{url}&{when}&Signature={signature}&Key-Pair-Id={key_pair}&Hash-Algorithm=SHA256"))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let random = SystemRandom::new();
        match &self.signer {
            Signer::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(io::Error::other)?;
                Ok(signature)
            }
            Signer::Ecdsa(key) => Ok(key.sign(&random, message).map_err(io::Error::other)?.as_ref().to_vec()),
        }
    }
}

fn signer(key: &PrivateKeyDer<'_>) -> Option<Signer> {
    let rsa = |key: RsaKeyPair| Signer::Rsa(Box::new(key));
    let ecdsa = |key: EcdsaKeyPair| Signer::Ecdsa(Box::new(key));
    match key {
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()).ok().map(rsa),
        PrivateKeyDer::Sec1(key) => {
            EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_ASN1_SIGNING, key.secret_sec1_der())
                .ok()
                .map(ecdsa)
        }
        PrivateKeyDer::Pkcs8(key) => {
            let key = key.secret_pkcs8_der();
            let elliptic = || EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key);
            RsaKeyPair::from_pkcs8(key).ok().map(rsa).or_else(|| elliptic().ok().map(ecdsa))
        }
        _ => None,
    }
}

/// CloudFront's own spelling of Base64.
fn url_safe(bytes: &[u8]) -> String {
    STANDARD.encode(bytes).replace('+', "-").replace('=', "_").replace('/', "~")
}

/// Everything but what RFC 3986 calls unreserved, as bytes after `%`.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    encoded
}
