//! Published products as an index reads them: what stands in other tables comes with each row as a text of JSON, for
//! reading those tables row by row takes several times as long.
use chrono::{DateTime, NaiveDate, Utc};
use entity::product;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select, prelude::Json, sea_query::Expr,
};
use uuid::Uuid;

/// The columns of a published product by which it is found.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Findable {
    /// UUIDv7.
    pub id: Uuid,
    /// What it is.
    pub kind: product::Kind,
    /// In the store's own language.
    pub title: String,
    /// Its title folded for sorting.
    pub sort_title: String,
    /// One or two sentences.
    pub summary: String,
    /// Who sells it.
    pub publisher: Option<String>,
    /// Who made it.
    pub developer: Option<String>,
    /// First released.
    pub release_date: Option<NaiveDate>,
    /// What it needs, by platform.
    pub system_requirements: Option<Json>,
    /// Slugs.
    pub tags: Json,
    /// Slugs.
    pub categories: Json,
    /// What it runs on.
    pub platforms: Json,
    /// BCP 47.
    pub languages: Json,
    /// Stars, 0 without reviews.
    pub rating_average: f64,
    /// How many published reviews.
    pub rating_count: i64,
    /// Paid lines of the last 30 days.
    pub popularity: i64,
    /// UTC.
    pub created_at: DateTime<Utc>,
    /// UTC, of the first publication.
    pub published_at: Option<DateTime<Utc>>,
    /// A list of locale, title and summary.
    pub(in crate::catalog) translations: Option<String>,
    /// A list of currency, country and amount.
    pub(in crate::catalog) prices: Option<String>,
}

/// The published ones of these products, in no order.
pub(in crate::catalog) async fn of(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<Findable>, DbErr> {
    let select = findable(db.get_database_backend());
    select.filter(product::Column::Id.is_in(ids.iter().copied())).into_model().all(db).await
}

/// At most `limit` published products behind one, by id.
pub(in crate::catalog) async fn behind(
    db: &impl ConnectionTrait,
    last: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Findable>, DbErr> {
    let mut select = findable(db.get_database_backend());
    if let Some(id) = last {
        select = select.filter(product::Column::Id.gt(id));
    }
    select.order_by_asc(product::Column::Id).limit(limit).into_model().all(db).await
}

fn findable(backend: DbBackend) -> Select<product::Entity> {
    use product::Column::{
        Categories, CreatedAt, Developer, Id, Kind, Languages, Platforms, Popularity, PublishedAt, Publisher,
        RatingAverage, RatingCount, ReleaseDate, SortTitle, Status, Summary, SystemRequirements, Tags, Title,
    };
    let (list, item, text) = match backend {
        DbBackend::Postgres => ("json_agg", "json_build_array", "::text"),
        _ => ("json_group_array", "json_array", ""),
    };
    let of_table = |columns: &str, table: &str| {
        let own = format!("SELECT {list}({item}({columns})){text} FROM {table} AS part");
        Expr::cust(format!("({own} WHERE part.product_id = product.id)"))
    };
    // SQLite would else read all that is published for each page, and sort it.
    let published = match backend {
        DbBackend::Postgres => Status.eq(product::Status::Published),
        _ => Expr::cust("+product.status = 'published'"),
    };
    product::Entity::find()
        .select_only()
        .columns([Id, Kind, Title, SortTitle, Summary, Publisher, Developer, ReleaseDate, SystemRequirements])
        .columns([Tags, Categories, Platforms, Languages])
        .columns([RatingAverage, RatingCount, Popularity, CreatedAt, PublishedAt])
        .expr_as(of_table("part.locale, part.title, part.summary", "product_translation"), "translations")
        .expr_as(of_table("part.currency, part.country, part.amount", "product_price"), "prices")
        .filter(published)
}
