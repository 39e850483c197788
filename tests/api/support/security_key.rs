//! A browser with a security key in it, as another project writes both.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use passkey::{
    authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod},
    client::{Client, DefaultClientData},
    crypto::aws_lc_rs::AwsLcRsBackend,
    types::{Passkey, ctap2::Aaguid, ctap2::Ctap2Error, webauthn},
};
use serde_json::{Value, json};
use url::Url;

/// Somebody who touches the key and enters its PIN whenever asked.
struct Present;

#[async_trait::async_trait]
impl UserValidationMethod for Present {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// A browser at an address, with a key that holds one passkey at most.
pub struct SecurityKey {
    origin: Url,
    held: Option<Passkey>,
}

impl SecurityKey {
    /// A new key.
    pub fn new(origin: &str) -> Self {
        Self { origin: Url::parse(origin).unwrap(), held: None }
    }

    /// Another browser with a key of the same contents: what a thief has who copied it.
    pub fn copied(&self, origin: &str) -> Self {
        Self { origin: Url::parse(origin).unwrap(), held: self.held.clone() }
    }

    fn plugged_in(&self) -> Authenticator<Option<Passkey>, Present, AwsLcRsBackend> {
        let mut key = Authenticator::new(Aaguid::new_empty(), self.held.clone(), Present, AwsLcRsBackend);
        key.set_make_credentials_with_signature_counter(true);
        key
    }

    /// What `navigator.credentials.create` answers.
    pub async fn create(&mut self, options: &Value) -> Value {
        let options: webauthn::CredentialCreationOptions =
            serde_json::from_value(json!({"publicKey": options})).unwrap();
        let mut browser = Client::new(self.plugged_in()).allows_insecure_localhost(true);
        let made = browser.register(&self.origin, options, DefaultClientData).await;
        self.held.clone_from(browser.authenticator().store());
        as_browsers_write(serde_json::to_value(made.unwrap_or_else(|error| panic!("{error:?}"))).unwrap())
    }

    /// What `navigator.credentials.get` answers.
    pub async fn get(&mut self, options: &Value) -> Value {
        let options: webauthn::CredentialRequestOptions =
            serde_json::from_value(json!({"publicKey": options})).unwrap();
        let mut browser = Client::new(self.plugged_in()).allows_insecure_localhost(true);
        let answer = browser.authenticate(&self.origin, options, DefaultClientData).await;
        self.held.clone_from(browser.authenticator().store());
        as_browsers_write(serde_json::to_value(answer.unwrap_or_else(|error| panic!("{error:?}"))).unwrap())
    }
}

/// Bytes are base64url in what browsers write (Web Authentication Level 3, §5.1), numbers in what the library does.
fn as_browsers_write(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let bytes: Option<Vec<u8>> =
                items.iter().map(|item| item.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect();
            match bytes.filter(|bytes| !bytes.is_empty()) {
                Some(bytes) => Value::String(URL_SAFE_NO_PAD.encode(bytes)),
                None => Value::Array(items.into_iter().map(as_browsers_write).collect()),
            }
        }
        Value::Object(members) => Value::Object(
            members.into_iter().map(|(name, member)| (name, as_browsers_write(member))).collect(),
        ),
        plain => plain,
    }
}
