//! Sums over what was sold and given back.
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::{
    catalog,
    checkout::statistics::{Asked, By},
    periods::MOST_ROWS,
};

/// What was sold in a span: of one product, to one country or for one platform if it is grouped, in one currency.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Sold {
    pub(crate) span: String,
    pub(crate) product: Option<Uuid>,
    pub(crate) word: Option<String>,
    pub(crate) currency: String,
    pub(crate) orders: i64,
    pub(crate) items: i64,
    pub(crate) gross: i64,
    pub(crate) discount: i64,
    pub(crate) tax: i64,
}

/// What was given back in a span, likewise.
#[derive(Debug, FromQueryResult)]
pub(crate) struct GivenBack {
    pub(crate) span: String,
    pub(crate) product: Option<Uuid>,
    pub(crate) word: Option<String>,
    pub(crate) currency: String,
    pub(crate) refunds: i64,
}

/// Where it stands what was sold; it counts when it is paid.
const SOLD: &str = "orders o JOIN order_line l ON l.order_id = o.id";
/// Where it stands what was given back.
const BACK: &str = "refund r JOIN refund_line b ON b.refund_id = r.id JOIN order_line l ON l.id = b.line_id \
    JOIN orders o ON o.id = l.order_id";

/// What was sold, by when it was paid.
pub(crate) async fn sold(db: &impl ConnectionTrait, asked: &Asked) -> Result<Vec<Sold>, DbErr> {
    let sums = "COUNT(DISTINCT o.id) AS orders, COUNT(*) AS items, CAST(SUM(l.total + l.discount) AS BIGINT) AS gross, \
        CAST(SUM(l.discount) AS BIGINT) AS discount, CAST(SUM(l.tax) AS BIGINT) AS tax";
    Sold::find_by_statement(summed(db, asked, "o.paid_at", sums, SOLD)).all(db).await
}

/// What was given back, by when that was decided.
pub(crate) async fn given_back(db: &impl ConnectionTrait, asked: &Asked) -> Result<Vec<GivenBack>, DbErr> {
    let sums = "CAST(SUM(l.total) AS BIGINT) AS refunds";
    GivenBack::find_by_statement(summed(db, asked, "r.created_at", sums, BACK)).all(db).await
}

/// The currencies in which what was ever sold, less discounts and what was given back, is not what the ledger holds of sales
/// and tax; by one statement, for both grow.
pub(crate) async fn currencies_off_the_ledger(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Off {
        currency: String,
    }
    let sql = format!(
        "SELECT currency FROM ( \
         SELECT o.currency AS currency, l.total AS amount FROM {SOLD} \
            WHERE o.paid_at IS NOT NULL \
         UNION ALL SELECT o.currency, -l.total FROM {BACK} \
         UNION ALL SELECT currency, amount FROM ledger_entry WHERE account IN ('sales', 'tax')) AS b \
         GROUP BY currency HAVING SUM(amount) <> 0 ORDER BY currency"
    );
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let off = Off::find_by_statement(statement).all(db).await?;
    Ok(off.into_iter().map(|row| row.currency).collect())
}

/// One row more than an answer holds tells that there are too many.
fn summed(db: &impl ConnectionTrait, asked: &Asked, at: &str, sums: &str, tables: &str) -> Statement {
    let backend = db.get_database_backend();
    let span = asked.period.span(backend, at);
    let (product, word, beside) = match asked.by {
        None => ("CAST(NULL AS UUID)", "CAST(NULL AS TEXT)", String::new()),
        Some(By::Product) => ("l.product_id", "CAST(NULL AS TEXT)", String::new()),
        Some(By::Country) => ("CAST(NULL AS UUID)", "o.country", String::new()),
        Some(By::Platform) => {
            let beside = format!("LEFT JOIN ({}) k ON k.product_id = l.product_id", catalog::RUNS_ON);
            ("CAST(NULL AS UUID)", "k.platform", beside)
        }
    };
    let mut values: Vec<Value> = vec![asked.period.from.into(), asked.period.to.into()];
    let of = if let Some(of) = asked.product {
        values.push(of.into());
        "AND l.product_id = $3"
    } else {
        ""
    };
    let most = MOST_ROWS + 1;
    let sql = format!(
        "SELECT {span} AS span, {product} AS product, {word} AS word, o.currency AS currency, {sums} \
         FROM {tables} {beside} WHERE {at} >= $1 AND {at} < $2 {of} GROUP BY 1, 2, 3, 4 LIMIT {most}"
    );
    Statement::from_sql_and_values(backend, sql, values)
}
