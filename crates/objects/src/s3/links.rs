//! Links that lead to S3 itself, signed for a time.

use std::time::Duration;

use object_store::signer::{Method, SignedUrlOptions, Signer};

use super::{Bucket, place, told};
use crate::links::Asked;
use crate::{Error, Key};

/// The longest that S3 takes: 7 days.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// What temporary credentials are known to last yet: they are got anew when less than 5 minutes of them are left, but for
/// those that are renewed by nobody.
const TEMPORARY: Duration = Duration::from_secs(5 * 60);

/// How long a link lives that should live that long.
pub(crate) async fn life(bucket: &Bucket, wanted: Duration) -> Result<Duration, Error> {
    let credential = bucket.credential().await?;
    let most = if credential.token.is_some() { TEMPORARY } else { LONGEST };
    Ok(wanted.min(most))
}

/// Signs a link.
pub(crate) async fn sign(bucket: &Bucket, key: &Key, asked: &Asked<'_>) -> Result<String, Error> {
    let options = SignedUrlOptions::default().with_query(asked.query());
    let signed = bucket.store.signed_url_opts(Method::GET, &place(key), asked.life, &options).await;
    Ok(signed.map_err(told)?.into())
}
