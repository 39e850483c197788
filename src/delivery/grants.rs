//! Grants: who may download which file until when.
use std::net::IpAddr;

use chrono::{DateTime, Duration, SubsecRound, Utc};
use entity::download_grant;
use http::StatusCode;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::{
    direct::{self, Direct},
    links, queries,
    stamping::{self, Theirs},
    traffic,
};
use crate::{
    accounts::Account,
    app::App,
    catalog::{
        self,
        builds::{self, BuildFile, FileRow, ReleasedBuild, Wanted},
        stamped,
    },
    error::{Error, NOT_FOUND, Refusal, Result},
    library,
    values::FileName,
};

/// The slowest line for which a link is meant to last, bytes per second.
const SLOWEST_LINE: i64 = 50_000;
/// Seconds that a link lives longer than the setting at most; slower lines continue with a new one.
const LONGEST_LIFE: i64 = 6 * 60 * 60;
/// The time over which links are counted.
const DAY: Duration = Duration::hours(24);

pub(super) const NO_BUILD: Refusal = Refusal::conflict("no_build", "There is no released build that fits.");
const NOT_RELEASED: Refusal = Refusal::conflict(
    "not_released",
    "This was sold before it is released; you are told when it can be downloaded.",
);
const CHOOSE_FILE: Refusal =
    Refusal::conflict("choose_file", "Say in `file` which of the `choices` you want.");
const TOO_MANY_DOWNLOADS: Refusal = Refusal::with_status(
    StatusCode::TOO_MANY_REQUESTS,
    "too_many_downloads",
    "This was downloaded as often as a day allows.",
);

/// A link to a file and what it leads to.
pub struct Minted {
    /// GET it, with no other credential.
    pub url: String,
    /// UTC, in whole seconds.
    pub expires_at: DateTime<Utc>,
    /// The build that was chosen.
    pub build: ReleasedBuild,
    /// The file that was chosen.
    pub file: BuildFile,
}

/// 404 unless the account owns the product.
pub(super) async fn require_owned(app: &App, account: &Account, product: Uuid) -> Result<()> {
    if library::owns(&app.db.read, account.id, product).await? { Ok(()) } else { Err(NOT_FOUND.into()) }
}

/// 409 `not_released` while a product that was sold before its release waits for it.
pub(super) async fn require_released(app: &App, db: &impl ConnectionTrait, product: Uuid) -> Result<()> {
    let awaited = catalog::awaited(db, &[product], app.clock.now()).await?;
    if awaited.is_empty() { Ok(()) } else { Err(NOT_RELEASED.into()) }
}

/// Grants a download of what the account owns, and gives the link to it, for a client at that address. Where it gets a copy of
/// its own that is still to be made: 503 `being_stamped`, 409 `not_stampable`.
pub async fn mint(
    app: &App,
    account: &Account,
    product: Uuid,
    wanted: &Wanted,
    file: Option<&FileName>,
    from: IpAddr,
) -> Result<Minted> {
    let direct = direct::ready(app).await?;
    let choice = Choice { account: account.id, product, wanted, file, from };
    let granted = match choice.grant(app, direct).await? {
        Outcome::Granted(granted) => granted,
        Outcome::Unmade(file) => {
            stamping::make(app, account.id, product, file).await?;
            match choice.grant(app, direct).await? {
                Outcome::Granted(granted) => granted,
                Outcome::Unmade(_) => return Err(stamping::unmade()),
            }
        }
    };
    let Granted { grant, build, file } = *granted;
    let url = match direct {
        Direct::No => links::url(app, &grant)?,
        Direct::Within(_) => direct::link(app, &grant, &file, from).await?,
    };
    Ok(Minted { url, expires_at: grant.expires_at, build, file: BuildFile::from(file) })
}

/// What somebody wants to download.
struct Choice<'a> {
    account: Uuid,
    product: Uuid,
    wanted: &'a Wanted,
    file: Option<&'a FileName>,
    from: IpAddr,
}

/// What becomes of it.
enum Outcome {
    Granted(Box<Granted>),
    /// They get a copy of this that is still to be made.
    Unmade(FileRow),
}

struct Granted {
    grant: download_grant::Model,
    build: ReleasedBuild,
    file: FileRow,
}

impl Choice<'_> {
    async fn grant(&self, app: &App, direct: Direct) -> Result<Outcome> {
        let (account, product) = (self.account, self.product);
        app.db
            .write(async |tx| {
                if !library::lock_owned(tx, account, product).await? {
                    return Err(NOT_FOUND.into());
                }
                require_released(app, tx, product).await?;
                let mut build = builds::newest(tx, product, account, self.wanted).await?.ok_or(NO_BUILD)?;
                let file = choose(tx, &build, self.file).await?;
                require_allowance(app, tx, account, product).await?;
                traffic::require_allowance(app, tx, account).await?;
                let file = match stamping::theirs(app, tx, account, product, file).await? {
                    Theirs::There(file) => file,
                    Theirs::Unmade(file) => return Ok(Outcome::Unmade(file)),
                };
                stamped::show(app, tx, account, &mut [(product, &mut build)]).await?;
                let life = direct.cut(life(app.config.delivery.link_ttl, file.size));
                let grant = grant(app, account, product, &file, life, self.from);
                queries::insert(tx, grant.clone()).await?;
                Ok(Outcome::Granted(Box::new(Granted { grant, build, file })))
            })
            .await
    }
}

/// The file that is named, or the only one.
async fn choose(
    tx: &DatabaseTransaction,
    build: &ReleasedBuild,
    named: Option<&FileName>,
) -> Result<FileRow> {
    let name = match (named, build.files.as_slice()) {
        (Some(name), _) => name.as_str(),
        (None, [only]) => &only.name,
        (None, _) => return Err(ambiguous(build)),
    };
    builds::file(tx, build.id, name).await?.ok_or_else(|| ambiguous(build))
}

fn ambiguous(build: &ReleasedBuild) -> Error {
    let names: Vec<&str> = build.files.iter().map(|file| file.name.as_str()).collect();
    CHOOSE_FILE.with("choices", names)
}

/// 429 when a day's links of this product were given out. The entitlement is locked, so that none is counted late.
async fn require_allowance(app: &App, tx: &DatabaseTransaction, account: Uuid, product: Uuid) -> Result<()> {
    let now = app.clock.now();
    let most = app.config.delivery.links_per_day;
    // As soon as this one is a day old there is room for another.
    let Some(oldest) = queries::nth_newest(tx, account, product, now - DAY, most).await? else {
        return Ok(());
    };
    let wait = (oldest + DAY - now).num_seconds() + 1;
    Err(TOO_MANY_DOWNLOADS.after(wait.unsigned_abs()).into())
}

fn grant(
    app: &App,
    account_id: Uuid,
    product_id: Uuid,
    file: &FileRow,
    life: Duration,
    from: IpAddr,
) -> download_grant::Model {
    let now = app.clock.now();
    let expires_at = (now + life).trunc_subsecs(0);
    download_grant::Model {
        id: app.clock.new_id(),
        account_id,
        product_id,
        build_id: file.build_id,
        file_name: file.name.clone(),
        object_key: file.object_key.clone(),
        created_at: now,
        expires_at,
        delivered_at: None,
        delivered_bytes: 0,
        ip: Some(from.to_string()),
        sent_bytes: 0,
    }
}

/// How long a link to that many bytes lives: what the setting says, longer for files that take longer.
fn life(setting: u64, size: i64) -> Duration {
    let setting = i64::try_from(setting).unwrap_or(LONGEST_LIFE);
    Duration::seconds(setting.max((size / SLOWEST_LINE).min(LONGEST_LIFE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_large_files_live_longer() {
        let mebibyte = 1024 * 1024;
        assert_eq!(life(600, mebibyte), Duration::minutes(10));
        assert_eq!(life(600, 100 * mebibyte), Duration::seconds(2097));
        assert_eq!(life(600, 100_000 * mebibyte), Duration::hours(6));
        assert_eq!(life(86_400, 100_000 * mebibyte), Duration::hours(24));
    }
}
