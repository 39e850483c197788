//! The schema, one file per migration, written once for SQLite and PostgreSQL.
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait},
    seaql_migrations,
};

mod ddl;
mod m0001_accounts;
mod m0002_catalog;
mod m0003_builds;
mod m0004_orders;
mod m0005_library;
mod m0006_downloads;
mod m0007_events_and_jobs;
mod m0008_audit;
mod m0010_throttles;
mod m0011_account_links;
mod m0012_second_factor;
mod m0013_api_keys;
mod m0014_identities;
mod m0015_privacy;
mod m0016_passkeys;
mod m0017_token_keys;
mod m0018_products_of_api_keys;
mod m0019_paid_orders;
mod m0020_community;
mod m0021_sales;
mod m0022_reviews;
mod m0023_media;
mod m0024_languages;
mod m0025_refunds;
mod m0026_coupons;
mod m0027_license_keys;
mod m0028_provider_events;
mod m0029_uploads;
mod m0030_notifications;
mod m0031_webhooks;
mod m0032_statistics;
mod m0033_relations;
mod m0034_taxes;
mod m0035_s3;
mod m0036_suppressed_addresses;
mod m0037_gifts;
mod m0038_chosen_prices;
mod m0039_preorders;
mod m0040_store_credit;
mod m0041_generated_license_keys;
mod m0042_payment_ui;
mod m0043_withdrawals;
mod m0044_evidence;
mod m0045_rollouts;
mod m0047_sent_bytes;
mod m0048_direct_uploads;
mod m0049_logged_requests;
mod m0050_sold_with_keys;
mod m0051_ended_gifts;
mod m0054_stamped_files;
mod m0058_topic_reader;
mod m0059_lanes;
mod m0060_payment_returns;
mod m0061_disputes;
mod m0062_looks_and_flags;
mod m0063_low_pools;
mod m0064_append_only_books;
mod m0066_catalog_scans;
mod m0068_traces_of_jobs;
mod m0070_claims_by_kind;
mod m0071_webhook_secrets;
mod m0074_downloads_begun;

/// Every migration, oldest first.
struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Migration),
            Box::new(m0002_catalog::Migration),
            Box::new(m0003_builds::Migration),
            Box::new(m0004_orders::Migration),
            Box::new(m0005_library::Migration),
            Box::new(m0006_downloads::Migration),
            Box::new(m0007_events_and_jobs::Migration),
            Box::new(m0008_audit::Migration),
            Box::new(m0010_throttles::Migration),
            Box::new(m0011_account_links::Migration),
            Box::new(m0012_second_factor::Migration),
            Box::new(m0013_api_keys::Migration),
            Box::new(m0014_identities::Migration),
            Box::new(m0015_privacy::Migration),
            Box::new(m0016_passkeys::Migration),
            Box::new(m0017_token_keys::Migration),
            Box::new(m0018_products_of_api_keys::Migration),
            Box::new(m0025_refunds::Migration),
            Box::new(m0021_sales::Migration),
            Box::new(m0020_community::Migration),
            Box::new(m0023_media::Migration),
            Box::new(m0019_paid_orders::Migration),
            Box::new(m0024_languages::Migration),
            Box::new(m0022_reviews::Migration),
            Box::new(m0027_license_keys::Migration),
            Box::new(m0026_coupons::Migration),
            Box::new(m0029_uploads::Migration),
            Box::new(m0033_relations::Migration),
            Box::new(m0034_taxes::Migration),
            Box::new(m0028_provider_events::Migration),
            Box::new(m0031_webhooks::Migration),
            Box::new(m0032_statistics::Migration),
            Box::new(m0030_notifications::Migration),
            Box::new(m0035_s3::Migration),
            Box::new(m0036_suppressed_addresses::Migration),
            Box::new(m0037_gifts::Migration),
            Box::new(m0038_chosen_prices::Migration),
            Box::new(m0039_preorders::Migration),
            Box::new(m0040_store_credit::Migration),
            Box::new(m0041_generated_license_keys::Migration),
            Box::new(m0042_payment_ui::Migration),
            Box::new(m0043_withdrawals::Migration),
            Box::new(m0044_evidence::Migration),
            Box::new(m0045_rollouts::Migration),
            Box::new(m0047_sent_bytes::Migration),
            Box::new(m0048_direct_uploads::Migration),
            Box::new(m0049_logged_requests::Migration),
            Box::new(m0050_sold_with_keys::Migration),
            Box::new(m0051_ended_gifts::Migration),
            Box::new(m0054_stamped_files::Migration),
            Box::new(m0058_topic_reader::Migration),
            Box::new(m0059_lanes::Migration),
            Box::new(m0060_payment_returns::Migration),
            Box::new(m0061_disputes::Migration),
            Box::new(m0062_looks_and_flags::Migration),
            Box::new(m0063_low_pools::Migration),
            Box::new(m0064_append_only_books::Migration),
            Box::new(m0066_catalog_scans::Migration),
            Box::new(m0068_traces_of_jobs::Migration),
            Box::new(m0070_claims_by_kind::Migration),
            Box::new(m0071_webhook_secrets::Migration),
            Box::new(m0074_downloads_begun::Migration),
        ]
    }
}

/// The advisory lock under which copies that start at once migrate one after the other.
const LOCK: i64 = 0x4d49_5354;

/// How long a statement waits for a lock on its table, milliseconds. Whoever would read that table stands behind it in the queue,
/// so that a reader that takes long, such as a backup, would hold up everybody; a caller gives way and tries again.
const LOCK_TIMEOUT: u32 = 2_000;

/// Applies what is missing, inside the caller's transaction: all of it or nothing. Answers the names of the migrations that a
/// later version applied, which this one doesn't know.
///
/// A later version's schema serves the version before too, so that a version can be taken back: where nothing is missing, what is
/// not known is left as it is. Where something is missing besides, the two are of different branches, which is refused.
pub async fn apply(tx: &DatabaseTransaction) -> Result<Vec<String>, DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
        tx.execute_unprepared(&format!("SET LOCAL lock_timeout = {LOCK_TIMEOUT}")).await?;
    }
    let applied = Migrator::get_migration_models(tx).await?;
    let known = Migrator::migrations();
    let unknown: Vec<String> = applied
        .iter()
        .map(|row| row.version.clone())
        .filter(|version| !known.iter().any(|migration| migration.name() == version))
        .collect();
    if unknown.is_empty() || lacking(&applied) > 0 {
        Migrator::up(tx, None).await?;
    }
    Ok(unknown)
}

/// Applies the migrations of these names to an empty database, inside the caller's transaction; false, and nothing is
/// applied, when they are not the first ones of this build.
pub async fn apply_first(tx: &DatabaseTransaction, names: &[String]) -> Result<bool, DbErr> {
    let known = Migrator::migrations();
    let mut first = known.iter().take(names.len());
    if names.len() > known.len() || !first.all(|one| names.iter().any(|name| name.as_str() == one.name())) {
        return Ok(false);
    }
    if !names.is_empty() {
        let steps = <u32 as TryFrom<usize>>::try_from(names.len()).ok();
        Migrator::up(tx, steps).await?;
    }
    Ok(true)
}

/// How many migrations of this build the database lacks.
pub async fn pending(db: &DatabaseConnection) -> Result<usize, DbErr> {
    Ok(lacking(&seaql_migrations::Entity::find().all(db).await?))
}

/// How many migrations of this build are not among these.
fn lacking(applied: &[seaql_migrations::Model]) -> usize {
    let is_applied = |name: &str| applied.iter().any(|row| row.version == name);
    Migrator::migrations().iter().filter(|migration| !is_applied(migration.name())).count()
}
