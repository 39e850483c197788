//! The job table as the crate's documentation describes it and the store's migration makes it.

use sea_orm::{
    ConditionalStatement, ConnectionTrait, DatabaseConnection,
    sea_query::{ColumnDef, Expr, ExprTrait, Index, IndexCreateStatement, Table, TableCreateStatement},
};

pub(super) async fn create(db: &DatabaseConnection) {
    db.execute(&table()).await.unwrap();
    for index in indexes() {
        db.execute(&index).await.unwrap();
    }
}

fn table() -> TableCreateStatement {
    Table::create()
        .table("job")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("payload").json().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("dedupe_key").text())
        .col(ColumnDef::new("attempts").integer().not_null())
        .col(ColumnDef::new("max_attempts").integer().not_null())
        .col(ColumnDef::new("run_at").big_integer().not_null())
        .col(ColumnDef::new("lease_until").big_integer())
        .col(ColumnDef::new("lease_token").uuid())
        .col(ColumnDef::new("last_error").text())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("finished_at").big_integer())
        .col(ColumnDef::new("lane").uuid())
        .col(ColumnDef::new("behind").boolean().not_null().default(false))
        .col(ColumnDef::new("trace").text())
        .check(Expr::col("state").is_in(["ready", "running", "done", "dead"]))
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 6] {
    let index = |name: &'static str, columns: &[&'static str]| {
        let mut index = Index::create().name(name).table("job").to_owned();
        for column in columns {
            index.col(*column);
        }
        index
    };
    let state = || Expr::col("state");
    [
        index("job_dedupe_key", &["dedupe_key"])
            .unique()
            .and_where(state().is_in(["ready", "running"]))
            .to_owned(),
        index("job_due", &["kind", "run_at", "id"])
            .and_where(state().eq("ready"))
            .and_where(Expr::cust("NOT behind"))
            .to_owned(),
        index("job_behind", &["lane", "id"])
            .and_where(state().eq("ready"))
            .and_where(Expr::cust("behind"))
            .to_owned(),
        index("job_running", &["lease_until", "id"]).and_where(state().eq("running")).to_owned(),
        index("job_done", &["finished_at"]).and_where(state().eq("done")).to_owned(),
        index("job_lane", &["lane", "id"])
            .and_where(state().is_in(["ready", "running"]))
            .and_where(Expr::col("lane").is_not_null())
            .to_owned(),
    ]
}
