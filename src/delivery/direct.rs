//! Links past the store: to the bucket, or to CloudFront before it.
//!
//! Nobody here sees what is done with such a link, so giving one out counts as the delivery of the whole file.
use std::{net::IpAddr, time::Duration as StdDuration};

use chrono::Duration;
use entity::download_grant::Model as Grant;
use objects::{Asked, Key};

use super::{deliveries, disposition, logged};
use crate::{
    app::App,
    catalog::builds::FileRow,
    error::{Error, NOT_FOUND, Result},
};

/// Longer than any link lives.
const FOREVER: StdDuration = StdDuration::from_secs(365 * 24 * 60 * 60);

/// S3 takes no shorter life of a link.
const SHORTEST: StdDuration = StdDuration::from_secs(1);

/// Whether links lead past the store.
#[derive(Clone, Copy, Debug)]
pub(super) enum Direct {
    /// They lead to it.
    No,
    /// They do, and live that long at most.
    Within(Duration),
}

impl Direct {
    /// How long a link lives that should live that long.
    pub(super) fn cut(self, life: Duration) -> Duration {
        match self {
            Self::No => life,
            Self::Within(most) => life.min(most),
        }
    }
}

/// Gets what links are signed with, so that nothing has to be waited for in a transaction.
pub(super) async fn ready(app: &App) -> Result<Direct> {
    Ok(match app.objects.link_life(FOREVER).await? {
        Some(most) => Direct::Within(Duration::from_std(most).map_err(Error::unexpected)?),
        None => Direct::No,
    })
}

/// Signs the link of a grant and counts the delivery before anybody has the link; 404 when it is no longer owned.
pub(super) async fn link(app: &App, grant: &Grant, file: &FileRow, from: IpAddr) -> Result<String> {
    let key = Key::parse(file.object_key.as_str()).map_err(Error::unexpected)?;
    let asked = Asked {
        disposition: &disposition::attachment(&file.name),
        media_type: disposition::media_type(&file.name),
        life: (grant.expires_at - app.clock.now()).to_std().unwrap_or_default().max(SHORTEST),
        expires: grant.expires_at.timestamp(),
        address: Some(from),
        noted: Some(logged::parameter(grant.id)),
    };
    let url = app.objects.link(&key, &asked).await?;
    let size = u64::try_from(file.size).map_err(Error::unexpected)?;
    if deliveries::note_whole(app, grant, size).await? { Ok(url) } else { Err(NOT_FOUND.into()) }
}
