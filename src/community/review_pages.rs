//! The statements of lists of reviews.
use chrono::{DateTime, Utc};
use entity::review::{Column, Entity, Model, Status};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, SimpleExpr},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    listed::{Filter, Sort},
    moderation::Standing,
};
use crate::values::Stars;

/// Where a review stands in every order.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    score: i64,
    rating: i32,
    at: DateTime<Utc>,
    id: Uuid,
}

impl Place {
    /// That of a row.
    pub(super) fn of(row: &Model) -> Self {
        Self { score: row.score, rating: row.rating, at: row.created_at, id: row.id }
    }

    /// What is older.
    fn older(&self) -> SimpleExpr {
        let place = Expr::tuple([Expr::col(Column::CreatedAt), Expr::col(Column::Id)]);
        place.lt(Expr::tuple([Expr::value(self.at), Expr::value(self.id)]))
    }

    /// What comes behind it in an order.
    fn behind(&self, sort: Sort) -> Condition {
        let equal = || Condition::all().add(Column::Rating.eq(self.rating)).add(self.older());
        match sort {
            Sort::Helpful => {
                let place = Expr::tuple([Expr::col(Column::Score), Expr::col(Column::Id)]);
                Condition::all().add(place.lt(Expr::tuple([Expr::value(self.score), Expr::value(self.id)])))
            }
            Sort::Newest => Condition::all().add(self.older()),
            Sort::Worst => Condition::any().add(Column::Rating.gt(self.rating)).add(equal()),
            Sort::Best => Condition::any().add(Column::Rating.lt(self.rating)).add(equal()),
        }
    }
}

/// Published reviews of a product, in an order.
pub(super) async fn published(
    db: &impl ConnectionTrait,
    product: Uuid,
    filter: &Filter,
    sort: Sort,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find()
        .filter(Column::ProductId.eq(product))
        .filter(Column::Status.eq(Status::Published))
        .filter(Condition::all().add_option(after.map(|place| place.behind(sort))));
    if let Some(ratings) = &filter.rating {
        select = select.filter(Column::Rating.is_in(ratings.iter().map(|stars: &Stars| stars.number())));
    }
    if let Some(locale) = &filter.locale {
        let narrower = Column::Locale.starts_with(format!("{locale}-"));
        select = select.filter(Column::Locale.eq(locale.as_str()).or(narrower));
    }
    ordered(select, sort).limit(limit).all(db).await
}

fn ordered(select: Select<Entity>, sort: Sort) -> Select<Entity> {
    let select = match sort {
        Sort::Helpful => return select.order_by_desc(Column::Score).order_by_desc(Column::Id),
        Sort::Newest => select,
        Sort::Worst => select.order_by_asc(Column::Rating),
        Sort::Best => select.order_by_desc(Column::Rating),
    };
    select.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
}

/// Reviews that stand in any of these ways, newest first.
pub(super) async fn standing(
    db: &impl ConnectionTrait,
    any_of: &[Standing],
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let stands = any_of.iter().fold(Condition::any(), |any, standing| {
        any.add(match standing {
            // Not bound: only so an index of these rows is found to fit.
            Standing::Reported => Expr::cust("open_reports > 0"),
            Standing::Published => Column::Status.eq(Status::Published),
            Standing::Hidden => Column::Status.eq(Status::Hidden),
        })
    });
    let select = Entity::find()
        .filter(Column::RemovedAt.is_null())
        .filter(stands)
        .filter(Condition::all().add_option(after.map(|place| place.behind(Sort::Newest))));
    ordered(select, Sort::Newest).limit(limit).all(db).await
}
