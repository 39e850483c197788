//! The schema, one file per migration, written once for SQLite and PostgreSQL.
use sea_orm_migration::prelude::*;

mod ddl;
mod m0001_accounts;
mod m0002_catalog;
mod m0003_builds;
mod m0004_orders;
mod m0005_library;
mod m0006_downloads;
mod m0007_events_and_jobs;

/// Every migration, oldest first.
pub struct Migrator;

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
        ]
    }
}
