//! Links to CloudFront are those that Amazon's own signer makes (`cloudfront/vectors.mjs`).

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use objects::{Asked, CloudFront, InvalidPrivateKey, Key, Objects, S3Settings};

const DOMAIN: &str = "d111111abcdef8.cloudfront.net";
const KEY_PAIR: &str = "K2JCJMDEHXQW5F";
const RSA: [&[u8]; 2] =
    [include_bytes!("../cloudfront/rsa-pkcs1.pem"), include_bytes!("../cloudfront/rsa-pkcs8.pem")];
const EC: [&[u8]; 2] =
    [include_bytes!("../cloudfront/ec-sec1.pem"), include_bytes!("../cloudfront/ec-pkcs8.pem")];

fn front(key: &[u8], bind_address: bool) -> Objects {
    let front = CloudFront::new(DOMAIN, KEY_PAIR, key, bind_address).unwrap();
    let bucket = S3Settings { bucket: "mist".to_owned(), ..S3Settings::default() };
    Objects::s3(&bucket, true, Some(front)).unwrap()
}

fn key() -> Key {
    Key::parse("ab".repeat(32)).unwrap()
}

/// The vectors: each a flat object of texts and numbers.
fn vectors() -> Vec<serde_json::Value> {
    serde_json::from_str(include_str!("../cloudfront/vectors.json")).unwrap()
}

fn asked<'a>(disposition: &'a str, media_type: &'a str) -> Asked<'a> {
    let life = Duration::from_secs(600);
    Asked { disposition, media_type, life, expires: 1_795_000_000, address: None, noted: None }
}

#[tokio::test]
async fn links_are_those_that_amazons_own_signer_makes() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 4);
    for (vector, key_file) in vectors.iter().flat_map(|vector| RSA.map(|key| (vector, key))) {
        let text = |name: &str| vector[name].as_str().unwrap();
        let address = vector["address"].as_str().map(|address| address.parse().unwrap());
        let asked = asked(text("disposition"), text("media_type"));
        let asked = Asked { expires: vector["expires"].as_i64().unwrap(), address, ..asked };
        let url = front(key_file, true).link(&key(), &asked).await.unwrap();
        assert_eq!(parts(&url), parts(text("url")));
    }
}

/// The address, and its parameters in no order.
fn parts(url: &str) -> (String, Vec<String>) {
    let (address, query) = url.split_once('?').unwrap();
    let mut query: Vec<String> = query.split('&').map(str::to_owned).collect();
    query.sort();
    (address.to_owned(), query)
}

#[tokio::test]
async fn a_link_is_bound_to_an_address_only_where_that_is_asked_and_can_be() {
    for (bind, address, bound) in [
        (true, Some("203.0.113.7"), true),
        (true, Some("2001:db8::7"), false),
        (true, None, false),
        (false, Some("203.0.113.7"), false),
    ] {
        let asked = Asked {
            address: address.map(|address| address.parse().unwrap()),
            ..asked("attachment", "application/zip")
        };
        let url = front(RSA[1], bind).link(&key(), &asked).await.unwrap();
        assert_eq!((url.contains("&Policy="), url.contains("&Expires=")), (bound, !bound), "{address:?}");
    }
}

#[tokio::test]
async fn signatures_over_p_256_are_verified_by_their_public_key() {
    let public = hex::decode(include_str!("../cloudfront/ec-public.hex").trim()).unwrap();
    for key_file in EC {
        let url = front(key_file, false).link(&key(), &asked("attachment", "application/zip")).await.unwrap();
        let (resource, rest) = url.split_once("&Expires=").unwrap();
        let expires = rest.split('&').next().unwrap();
        let signature = rest.split('&').find_map(|pair| pair.strip_prefix("Signature=")).unwrap();
        let signature =
            STANDARD.decode(signature.replace('-', "+").replace('_', "=").replace('~', "/")).unwrap();
        let policy = format!(
            r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#
        );
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &public);
        public.verify(policy.as_bytes(), &signature).unwrap();
        assert!(public.verify(policy.replace("2", "3").as_bytes(), &signature).is_err());
    }
}

#[test]
fn a_key_that_can_not_be_used_is_refused() {
    let refused = |key: &[u8]| CloudFront::new(DOMAIN, KEY_PAIR, key, false).unwrap_err();
    assert!(matches!(refused(b"no key"), InvalidPrivateKey::NoPem));
    assert!(matches!(refused(include_bytes!("../cloudfront/weak.pem")), InvalidPrivateKey::Unsuitable));
}
