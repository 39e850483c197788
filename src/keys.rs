//! The keys of the store: the master key, what it seals, and what is made with them.
use std::{io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    constant_time, digest, hmac,
    rand::fill,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use entity::secret_key;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, sea_query::OnConflict};
use uuid::Uuid;

use crate::{
    clock::Clock,
    config::Secret,
    db::Db,
    error::{Error, Result},
};

/// Bytes of the master key and of every symmetric key under it.
const KEY_BYTES: usize = 32;
/// Bytes of a token that nobody guesses.
const TOKEN_BYTES: usize = 32;

/// Start-up has no client to answer: its failures are sentences for the operator.
type StartResult<T> = std::result::Result<T, String>;

/// The key that seals every other one; all copies of a store share it.
pub struct MasterKey(LessSafeKey);

impl MasterKey {
    /// From the setting (64 hex digits), else from the file, which is made when it is missing.
    pub fn load(setting: Option<&Secret>, file: &Path) -> StartResult<Self> {
        let text = match setting {
            Some(secret) => secret.as_str().to_owned(),
            None => read_or_create(file)?,
        };
        let bytes = hex::decode(text.trim()).map_err(|_| "master_key: must be 64 hex digits".to_owned())?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes)
            .map_err(|_| "master_key: must be 64 hex digits".to_owned())?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Nonce and ciphertext; `name` is bound to it, so that sealed rows can't be swapped.
    pub fn seal(&self, name: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        random(&mut nonce)?;
        let mut sealed = secret.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name), &mut sealed)
            .map_err(Error::unexpected)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What was sealed under that name; an error when the master key is another one.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, ciphertext) =
            sealed.split_at_checked(NONCE_LEN).ok_or_else(|| Error::unexpected("a sealed key is cut off"))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(Error::unexpected)?;
        let mut buffer = ciphertext.to_vec();
        let opened = self
            .0
            .open_in_place(nonce, Aad::from(name), &mut buffer)
            .map_err(|_| Error::unexpected("master_key: is not the one that sealed this database's keys"))?;
        Ok(opened.to_vec())
    }
}

fn read_or_create(file: &Path) -> StartResult<String> {
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        read => return read.map_err(told),
    }
    let mut bytes = [0; KEY_BYTES];
    fill(&mut bytes).map_err(|_| "the system gives no randomness".to_owned())?;
    let text = hex::encode(bytes);
    // Two copies that start at once agree on whichever file was linked first.
    let draft = file.with_extension(format!("key.{}", std::process::id()));
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(told)?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(told)?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft).map_err(told)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(told(error)),
        _ => std::fs::read_to_string(file).map_err(told),
    }
}

/// A key for keyed digests: of cursors, of links.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    /// A key of these bytes, for HMAC-SHA256.
    pub fn new(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The digest of a message, 32 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        hmac::sign(&self.0, message).as_ref().to_vec()
    }

    /// Whether a digest is that of the message, told in constant time.
    pub fn verify(&self, message: &[u8], digest: &[u8]) -> bool {
        hmac::verify(&self.0, message, digest).is_ok()
    }
}

/// A key pair for signatures that anybody can verify: Ed25519 (RFC 8032).
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The pair of a secret of 32 bytes.
    pub fn new(secret: &[u8]) -> Result<Self> {
        Ok(Self(Ed25519KeyPair::from_seed_unchecked(secret).map_err(Error::unexpected)?))
    }

    /// The signature of a message, 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    /// Whether it is the signature of a message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public_key()).verify(message, signature).is_ok()
    }

    /// The key by which others verify, 32 bytes.
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

/// Every key the store uses, opened once at start.
pub struct Keys {
    /// Signs page cursors.
    pub cursor: MacKey,
    /// Signs download links, and the addresses at which payments of the mock provider end.
    pub link: MacKey,
    /// Makes the tokens of mailed links.
    pub account_link: MacKey,
    /// Signs the cookies of devices, and hides what throttles count and which addresses mail is stopped to.
    pub throttle: MacKey,
    /// By its digests licence keys are found.
    pub license: MacKey,
    /// Signs licence keys that the store makes.
    pub license_signer: SigningKey,
}

impl Keys {
    /// Opens the keys of this database, making those that are missing; copies that start at once agree on one.
    pub async fn load(db: &Db, master: &MasterKey, clock: &Clock) -> Result<Self> {
        let mut cursor = [0; KEY_BYTES];
        let mut link = [0; KEY_BYTES];
        let mut account_link = [0; KEY_BYTES];
        random(&mut account_link)?;
        let mut throttle = [0; KEY_BYTES];
        random(&mut cursor)?;
        random(&mut link)?;
        random(&mut throttle)?;
        let mut license = [0; KEY_BYTES];
        random(&mut license)?;
        let mut license_signer = [0; KEY_BYTES];
        random(&mut license_signer)?;
        Ok(Self {
            license_signer: SigningKey::new(
                &stored(db, master, clock, "license_signer", &license_signer).await?,
            )?,
            license: MacKey(hmac::Key::new(
                hmac::HMAC_SHA256,
                &stored(db, master, clock, "license", &license).await?,
            )),
            cursor: MacKey(hmac::Key::new(
                hmac::HMAC_SHA256,
                &stored(db, master, clock, "cursor", &cursor).await?,
            )),
            link: MacKey(hmac::Key::new(hmac::HMAC_SHA256, &stored(db, master, clock, "link", &link).await?)),
            account_link: MacKey(hmac::Key::new(
                hmac::HMAC_SHA256,
                &stored(db, master, clock, "account_link", &account_link).await?,
            )),
            throttle: MacKey(hmac::Key::new(
                hmac::HMAC_SHA256,
                &stored(db, master, clock, "throttle", &throttle).await?,
            )),
        })
    }
}

/// Whether this master key is the one under which a database's keys are sealed; else an error.
pub async fn prove(db: &impl ConnectionTrait, master: &MasterKey) -> Result<()> {
    for row in secret_key::Entity::find().all(db).await? {
        master.open(&row.name, &row.sealed)?;
    }
    Ok(())
}

async fn stored(
    db: &Db,
    master: &MasterKey,
    clock: &Clock,
    name: &'static str,
    fresh: &[u8],
) -> Result<Vec<u8>> {
    if let Some(row) = find(&db.read, name).await? {
        return master.open(name, &row.sealed);
    }
    let row = secret_key::Model {
        name: name.to_owned(),
        sealed: master.seal(name, fresh)?,
        created_at: clock.now(),
    };
    let kept = db
        .write(async |tx| {
            let first = OnConflict::column(secret_key::Column::Name).do_nothing().to_owned();
            secret_key::Entity::insert(row.clone().into_active_model())
                .on_conflict(first)
                .exec_without_returning(tx)
                .await?;
            find(tx, name).await?.ok_or_else(|| Error::unexpected("a key vanished while it was stored"))
        })
        .await?;
    master.open(name, &kept.sealed)
}

async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<secret_key::Model>> {
    Ok(secret_key::Entity::find_by_id(name).one(db).await?)
}

/// Fills with randomness that nobody foresees.
pub fn random(bytes: &mut [u8]) -> Result<()> {
    fill(bytes).map_err(Error::unexpected)
}

/// A token that nobody guesses: 256 bits, URL-safe.
pub fn new_token() -> Result<String> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let mut bytes = [0; TOKEN_BYTES];
    random(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// An id that nobody guesses and that says nothing of when it was made: UUIDv4.
pub fn random_id() -> Result<Uuid> {
    let mut bytes = [0; 16];
    random(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// SHA-256: what is stored of a token, which has enough entropy of its own.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Whether two texts are equal, told in constant time.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// A chance from 0 (inclusive) to 1 (exclusive), for spreading retries.
pub fn chance() -> f64 {
    let mut bytes = [0; 4];
    match random(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0),
        Err(_) => 0.5,
    }
}
