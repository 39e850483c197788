//! Statements on store credit.
use entity::{
    credit_balance::{ActiveModel, Column, Entity, Model},
    credit_entry,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Set, Statement, TryInsertResult, Value,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

/// What an account holds in a currency, minor units.
pub(crate) async fn balance(db: &impl ConnectionTrait, account: Uuid, currency: &str) -> Result<i64, DbErr> {
    let row = Entity::find_by_id((account, currency.to_owned())).one(db).await?;
    Ok(row.map_or(0, |row| row.balance))
}

/// What an account holds, by currency.
pub(crate) async fn balances(db: &impl ConnectionTrait, account: Uuid) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::AccountId.eq(account)).order_by_asc(Column::Currency).all(db).await
}

/// Moves a balance, unless it would fall below zero or rise above `most`, minor units; says whether it did.
pub(crate) async fn move_balance(
    tx: &impl ConnectionTrait,
    account: Uuid,
    currency: &str,
    amount: i64,
    most: i64,
) -> Result<bool, DbErr> {
    let bounds = 0..=most;
    let moved = Entity::update_many()
        .col_expr(Column::Balance, Expr::col(Column::Balance).add(amount))
        .filter(Column::AccountId.eq(account))
        .filter(Column::Currency.eq(currency))
        .filter(Expr::col(Column::Balance).add(amount).between(*bounds.start(), *bounds.end()))
        .exec(tx)
        .await?;
    if moved.rows_affected == 1 {
        return Ok(true);
    }
    if !bounds.contains(&amount) {
        return Ok(false);
    }
    let first =
        ActiveModel { account_id: Set(account), currency: Set(currency.to_owned()), balance: Set(amount) };
    let there = OnConflict::columns([Column::AccountId, Column::Currency]).do_nothing().to_owned();
    let inserted = Entity::insert(first).on_conflict(there).try_insert().exec_without_returning(tx).await?;
    Ok(matches!(inserted, TryInsertResult::Inserted(1..)))
}

/// A change of an account's credit; one that is written already is a unique violation.
pub(crate) async fn insert_credit_entry(
    tx: &impl ConnectionTrait,
    row: &credit_entry::Model,
) -> Result<(), DbErr> {
    credit_entry::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// One change of an account's credit.
pub(crate) async fn credit_entry(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<credit_entry::Model>, DbErr> {
    credit_entry::Entity::find_by_id(id).one(db).await
}

/// How an account came by its credit, newest first, from behind `after`.
pub(crate) async fn credit_entries(
    db: &impl ConnectionTrait,
    account: Uuid,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<credit_entry::Model>, DbErr> {
    let mut entries = credit_entry::Entity::find().filter(credit_entry::Column::AccountId.eq(account));
    if let Some(after) = after {
        entries = entries.filter(credit_entry::Column::Id.lt(after));
    }
    entries.order_by_desc(credit_entry::Column::Id).limit(limit).all(db).await
}

/// Blanks why an account was granted credit.
pub(crate) async fn forget_grant_reasons(tx: &impl ConnectionTrait, account: Uuid) -> Result<(), DbErr> {
    let blank = credit_entry::ActiveModel { reason: Set(None), ..Default::default() };
    credit_entry::Entity::update_many()
        .set(blank)
        .filter(credit_entry::Column::AccountId.eq(account))
        .exec(tx)
        .await?;
    Ok(())
}

/// Accounts with a balance that is below zero, or not the sum of its entries: of all, or of those of which an entry of this id
/// or a later one tells.
pub(crate) async fn wrong_balances(
    db: &impl ConnectionTrait,
    since: Option<Uuid>,
) -> Result<Vec<Uuid>, DbErr> {
    #[derive(FromQueryResult)]
    struct Wrong {
        account_id: Uuid,
    }
    let theirs = match since {
        Some(_) => "WHERE account_id IN (SELECT account_id FROM credit_entry WHERE id >= $1)",
        None => "",
    };
    let sql = format!(
        "SELECT account_id FROM (\
        SELECT account_id, currency, balance, 0 AS moved FROM credit_balance {theirs} \
        UNION ALL SELECT account_id, currency, 0, amount FROM credit_entry {theirs}) AS b \
        GROUP BY account_id, currency HAVING SUM(balance) <> SUM(moved) OR SUM(balance) < 0"
    );
    let values = since.map(Value::from);
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let wrong = Wrong::find_by_statement(statement).all(db).await?;
    Ok(wrong.into_iter().map(|row| row.account_id).collect())
}

/// Currencies in which the ledger doesn't sum to zero, or owes other credit than accounts hold.
pub(crate) async fn unbalanced_currencies(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Unbalanced {
        currency: String,
    }
    let sql = "SELECT currency FROM (\
        SELECT currency, amount AS booked, CASE WHEN account = 'credit' THEN amount ELSE 0 END AS owed \
        FROM ledger_entry UNION ALL SELECT currency, 0, balance FROM credit_balance) AS b \
        GROUP BY currency HAVING SUM(booked) <> 0 OR SUM(owed) <> 0 ORDER BY currency";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let unbalanced = Unbalanced::find_by_statement(statement).all(db).await?;
    Ok(unbalanced.into_iter().map(|row| row.currency).collect())
}
