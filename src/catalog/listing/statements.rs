//! The statements of a list.
use chrono::{DateTime, Utc};
use entity::product_translation::{Column as Text, Entity as Texts};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    Filters, Listed, Sort,
    costs::{Costs, running},
    labels::in_languages,
    row::{self, COLUMNS},
    sort::{By, Key, Place},
    sql::Sql,
};
use crate::{catalog::Market, error::Result, values::Locale, web::locale::Wanted};

/// A list that is read.
pub(super) struct Reader<'a, C> {
    pub(super) db: &'a C,
    pub(super) filters: &'a Filters,
    pub(super) sort: Sort,
    pub(super) market: &'a Market,
    pub(super) now: DateTime<Utc>,
}

type Rows = Vec<(Listed, Place)>;

impl<C: ConnectionTrait> Reader<'_, C> {
    /// Up to `limit` products behind a place.
    ///
    /// An order by something that may be missing has two parts, for neither database can walk an index and put what
    /// is missing last in both directions; the second is read only when the first doesn't fill the page.
    pub(super) async fn page(&self, after: Option<Place>, limit: u64) -> Result<Rows, DbErr> {
        let in_tail = after.as_ref().filter(|place| place.key == Key::Missing).map(|place| place.id);
        let mut rows = match (in_tail, self.sort.by) {
            (Some(_), _) => Vec::new(),
            (None, By::Price) => self.rows(self.by_price(after, limit)).await?,
            (None, _) => self.rows(self.by_keys(after, limit)).await?,
        };
        let left = limit.saturating_sub(rows.len() as u64);
        let missing = match self.sort.by {
            By::Price if !self.filters.need_price() => Some("{price} IS NULL"),
            By::ReleaseDate if !self.filters.need_date() => Some("p.release_date IS NULL"),
            _ => None,
        };
        if let Some(missing) = missing.filter(|_| left > 0) {
            rows.extend(self.rows(self.tail(missing, in_tail, left)).await?);
        }
        Ok(rows)
    }

    /// How many products there are.
    pub(super) async fn total(&self) -> Result<u64, DbErr> {
        let mut sql = Sql::default();
        let costs = match self.filters.need_price() {
            true => Costs::of(self.market, self.now, &mut sql),
            false => Costs::plain(),
        };
        let conditions = self.filters.conditions(&costs, &mut sql).join(" AND ");
        sql.push("SELECT COUNT(*) FROM product p WHERE ").push(&conditions);
        let row = self.db.query_one_raw(sql.statement(self.db)).await?;
        let total: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(total).unwrap_or_default())
    }

    async fn rows(&self, sql: Sql) -> Result<Rows, DbErr> {
        let rows = self.db.query_all_raw(sql.statement(self.db)).await?;
        let currency = self.market.currency.as_str();
        rows.iter().map(|row| row::read(row, self.sort.by, currency)).collect()
    }

    fn direction(&self) -> (&'static str, &'static str) {
        if self.sort.descending { ("DESC", "<") } else { ("ASC", ">") }
    }

    /// Orders by columns of the product, each with an index from its status to its id.
    fn by_keys(&self, after: Option<Place>, limit: u64) -> Sql {
        let (direction, beyond) = self.direction();
        let mut sql = Sql::default();
        let costs = Costs::of(self.market, self.now, &mut sql);
        let (keys, extra): (Vec<String>, usize) = match self.sort.by {
            By::Relevance => {
                let tier = self.filters.words.as_ref().map_or("0".to_owned(), |search| search.tier(&mut sql));
                let ties = ["p.popularity", "p.rating_average", "p.rating_count"].map(str::to_owned);
                ([tier].into_iter().chain(ties).collect(), 2)
            }
            By::Title => (vec!["p.sort_title".to_owned()], 1),
            By::Popularity => (vec!["p.popularity".to_owned()], 1),
            By::CreatedAt => (vec!["p.created_at".to_owned()], 1),
            By::ReleaseDate | By::Price => (vec!["p.release_date".to_owned()], 0),
            By::Rating => (vec!["p.rating_average".to_owned(), "p.rating_count".to_owned()], 0),
        };
        let mut conditions = self.filters.conditions(&costs, &mut sql);
        match after {
            Some(place) => {
                let place = place_values(place, &mut sql);
                conditions.push(format!("({}, p.id) {beyond} ({place})", keys.join(", ")));
            }
            None if self.sort.by == By::ReleaseDate => {
                conditions.push("p.release_date IS NOT NULL".to_owned());
            }
            None => {}
        }
        let selected: String = keys.iter().take(extra).map(|key| format!(", {key}")).collect();
        let order: String = keys.iter().map(|key| format!("{key} {direction}, ")).collect();
        // The limit is written out: PostgreSQL's generic plans then stay on the index.
        sql.push(&format!(
            "SELECT {COLUMNS}, {}, {}{selected} FROM product p WHERE {} ORDER BY {order}p.id {direction} LIMIT {limit}",
            costs.base,
            costs.percent,
            conditions.join(" AND ")
        ));
        sql
    }

    /// Walks the index of prices: the country's own, merged with those for everywhere that it does not override, each
    /// of what is not on sale; and what is on sale, which is sorted. `CROSS JOIN` tells SQLite where to begin.
    fn by_price(&self, after: Option<Place>, limit: u64) -> Sql {
        let (direction, beyond) = self.direction();
        let mut sql = Sql::default();
        let currency = sql.bind(self.market.currency.as_str());
        let country = sql.bind(self.market.country.as_str());
        let running = running(self.now, &mut sql);
        let after = after.map(|place| place_values(place, &mut sql));
        let mut part = |costs: &Costs, from: &str, besides: &str| {
            let now = &costs.now;
            let mut conditions = self.filters.conditions(costs, &mut sql);
            conditions
                .extend(after.as_ref().map(|place| format!("({now}, c.product_id) {beyond} ({place})")));
            format!(
                "SELECT * FROM (SELECT {COLUMNS}, {} AS base, {} AS percent, {now} AS price, p.id AS place \
                 FROM {from} CROSS JOIN product p WHERE p.id = c.product_id AND c.currency = {currency} \
                 AND {} AND {besides} ORDER BY {now} {direction}, c.product_id {direction} LIMIT {limit}) AS part",
                costs.base,
                costs.percent,
                conditions.join(" AND "),
            )
        };
        let own = format!("c.country = {country}");
        let everywhere = format!(
            "c.country = '' AND NOT EXISTS (SELECT 1 FROM product_price o WHERE o.product_id = c.product_id \
             AND o.currency = {currency} AND o.country = {country})"
        );
        let parts = [own, everywhere].map(|prices| {
            let unreduced = format!(
                "{prices} AND NOT EXISTS (SELECT 1 FROM sale s WHERE s.product_id = c.product_id AND {running})"
            );
            let reduced = format!("{prices} AND c.product_id = s.product_id AND {running}");
            [
                part(&Costs::plain(), "product_price c", &unreduced),
                part(&Costs::reduced(), "sale s CROSS JOIN product_price c", &reduced),
            ]
            .join(" UNION ALL ")
        });
        let parts = parts.join(" UNION ALL ");
        sql.push(&format!("{parts} ORDER BY price {direction}, place {direction} LIMIT {limit}"));
        sql
    }

    /// Those of these ids, in no order.
    pub(super) async fn these(&self, ids: &[Uuid]) -> Result<Rows, DbErr> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.rows(self.of_ids(ids)).await
    }

    fn of_ids(&self, ids: &[Uuid]) -> Sql {
        let mut sql = Sql::default();
        let costs = Costs::of(self.market, self.now, &mut sql);
        // No other condition: SQLite would go through all that has a status rather than look these up.
        let these = sql.bind_all(ids.iter().copied());
        sql.push(&format!(
            "SELECT {COLUMNS}, {}, {} FROM product p WHERE p.id IN ({these})",
            costs.base, costs.percent,
        ));
        sql
    }

    /// What lacks the key of the order, by id.
    fn tail(&self, missing: &str, after: Option<Uuid>, limit: u64) -> Sql {
        let (direction, beyond) = self.direction();
        let mut sql = Sql::default();
        let costs = Costs::of(self.market, self.now, &mut sql);
        let mut conditions = self.filters.conditions(&costs, &mut sql);
        conditions.push(missing.replace("{price}", &costs.base));
        if let Some(id) = after {
            conditions.push(format!("p.id {beyond} {}", sql.bind(id)));
        }
        sql.push(&format!(
            "SELECT {COLUMNS}, {}, {} FROM product p WHERE {} ORDER BY p.id {direction} LIMIT {limit}",
            costs.base,
            costs.percent,
            conditions.join(" AND ")
        ));
        sql
    }
}

/// Binds the keys and the id of a place, as the columns of its order have them.
fn place_values(place: Place, sql: &mut Sql) -> String {
    let keys = match place.key {
        Key::Relevance(tier, popularity, average, count) => {
            vec![sql.bind(tier), sql.bind(popularity), sql.bind(f64::from_bits(average)), sql.bind(count)]
        }
        Key::Title(title) => vec![sql.bind(title)],
        Key::Price(amount) => vec![sql.bind(amount)],
        Key::ReleaseDate(day) => vec![sql.bind(day)],
        Key::Rating(average, count) => vec![sql.bind(f64::from_bits(average)), sql.bind(count)],
        Key::Popularity(popularity) => vec![sql.bind(popularity)],
        Key::CreatedAt(time) => vec![sql.bind(time)],
        Key::Missing => Vec::new(),
    };
    let id = sql.bind(place.id);
    keys.into_iter().chain([id]).collect::<Vec<_>>().join(", ")
}

/// Puts titles and summaries into the reader's language where there is a translation, and says in which each is.
pub(super) async fn translate(
    db: &impl ConnectionTrait,
    items: &mut [Listed],
    wanted: &Wanted,
    own: &Locale,
) -> Result<Vec<Locale>> {
    let languages = in_languages(Text::Locale, wanted, own);
    let Some(languages) = languages.filter(|_| !items.is_empty()) else {
        return Ok(vec![own.clone(); items.len()]);
    };
    let rows: Vec<(Uuid, String, String, Option<String>)> = Texts::find()
        .select_only()
        .columns([Text::ProductId, Text::Locale, Text::Title, Text::Summary])
        .filter(Text::ProductId.is_in(items.iter().map(|item| item.summary.id)))
        .filter(languages)
        .order_by_asc(Text::Locale)
        .into_tuple()
        .all(db)
        .await?;
    let mut shown = Vec::with_capacity(items.len());
    for item in items {
        let there = rows.iter().filter(|row| row.0 == item.summary.id);
        let there: Vec<_> = there.filter_map(|row| Some((Locale::parse(&row.1).ok()?, row))).collect();
        let best = wanted.best_of(own, there.iter().map(|(locale, _)| locale.clone()));
        if let Some((_, (_, _, title, summary))) = there.into_iter().find(|(locale, _)| *locale == best) {
            item.summary.title.clone_from(title);
            if let Some(summary) = summary {
                item.summary.summary.clone_from(summary);
            }
        }
        shown.push(best);
    }
    Ok(shown)
}

/// The language of texts of which each is in one: the reader's best of those that occur, else the store's own.
pub fn language_of(texts: Vec<Locale>, wanted: &Wanted, own: &Locale) -> Locale {
    wanted.best_of(own, texts)
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbErr, QueryResult};

    use super::*;
    use crate::{config, db::Db};

    async fn plan(db: &Db, sql: Sql) -> Result<String, DbErr> {
        let mut statement = sql.statement(&db.read);
        statement.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let rows: Vec<QueryResult> = db.read.query_all_raw(statement).await?;
        let steps: Result<Vec<String>, DbErr> = rows.iter().map(|row| row.try_get("", "detail")).collect();
        Ok(steps?.join("\n"))
    }

    async fn empty(folder: &tempfile::TempDir) -> Db {
        let url = format!("sqlite://{}", folder.path().join("plan.db").display());
        let settings = config::Database { url: config::Secret::new(url), ..Default::default() };
        let db = Db::connect(&settings).await.unwrap();
        crate::store::migrate(&db).await.unwrap();
        db
    }

    #[tokio::test]
    async fn sqlite_looks_products_up_by_their_ids() {
        let folder = tempfile::tempdir().unwrap();
        let db = empty(&folder).await;
        let market = Market { currency: "USD".parse().unwrap(), country: "DE".parse().unwrap() };
        let reader = Reader {
            db: &db.read,
            filters: &Filters::default(),
            sort: Sort { by: By::Price, descending: false },
            market: &market,
            now: Default::default(),
        };
        let plan = plan(&db, reader.of_ids(&[Uuid::nil(), Uuid::max()])).await.unwrap();
        assert!(plan.starts_with("SEARCH p USING INDEX sqlite_autoindex_product_1 (id=?)"), "{plan}");
    }

    #[tokio::test]
    async fn sqlite_walks_an_index_for_every_order_and_sorts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let db = empty(&folder).await;
        let market = Market { currency: "USD".parse().unwrap(), country: "DE".parse().unwrap() };
        let filters = Filters { status: vec![entity::product::Status::Published], ..Filters::default() };
        let day = "2026-11-22".parse().unwrap();
        let orders = [
            (By::Title, Key::Title("a".to_owned()), "product_title_idx (status=? AND (sort_title,id)"),
            (By::ReleaseDate, Key::ReleaseDate(day), "product_released_idx (status=? AND (release_date,id)"),
            (
                By::Rating,
                Key::Rating(0, 0),
                "product_rating_idx (status=? AND (rating_average,rating_count,id)",
            ),
            (By::Popularity, Key::Popularity(0), "product_popularity_idx (status=? AND (popularity,id)"),
            (
                By::CreatedAt,
                Key::CreatedAt(Default::default()),
                "product_created_idx (status=? AND (created_at,id)",
            ),
            (
                By::Price,
                Key::Price(0),
                "product_price_amount_idx (currency=? AND country=? AND (amount,product_id)",
            ),
        ];
        for (by, key, seek) in orders {
            let (walk, _) = seek.rsplit_once(" AND ").unwrap();
            let place = Place { key, id: Uuid::nil() };
            for (after, index) in [(None, walk), (Some(place), seek)] {
                for descending in [false, true] {
                    let sort = Sort { by, descending };
                    let reader = Reader {
                        db: &db.read,
                        filters: &filters,
                        sort,
                        market: &market,
                        now: Default::default(),
                    };
                    let after = after.clone();
                    let sql = match by {
                        By::Price => reader.by_price(after, 25),
                        _ => reader.by_keys(after, 25),
                    };
                    let plan = plan(&db, sql).await.unwrap();
                    assert!(plan.contains(index), "{sort}: {plan}");
                    // The merge of two parts sorts no more than the two pages.
                    assert!(by == By::Price || !plan.contains("TEMP B-TREE"), "{sort}: {plan}");
                    let by_key = "(product_id=? AND currency=? AND country=?)";
                    assert!(plan.contains(by_key), "{sort}: {plan}");
                }
            }
        }
    }
}
