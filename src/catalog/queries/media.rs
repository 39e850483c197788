//! The uploaded pictures of products, and their files.
use entity::{product_media, product_media_file};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use uuid::Uuid;

/// Adds a picture with its files, whose objects are noted already.
pub(in crate::catalog) async fn insert(
    tx: &impl ConnectionTrait,
    picture: product_media::Model,
    files: Vec<product_media_file::Model>,
) -> Result<(), DbErr> {
    product_media::Entity::insert(picture.into_active_model()).exec_without_returning(tx).await?;
    let files = files.into_iter().map(IntoActiveModel::into_active_model);
    product_media_file::Entity::insert_many(files).exec_without_returning(tx).await?;
    Ok(())
}

/// Deletes a picture of a product with its files' rows; false when there is none.
pub(in crate::catalog) async fn delete(
    tx: &impl ConnectionTrait,
    product: Uuid,
    id: Uuid,
) -> Result<bool, DbErr> {
    let gone = product_media::Entity::delete_many()
        .filter(product_media::Column::Id.eq(id))
        .filter(product_media::Column::ProductId.eq(product))
        .exec(tx)
        .await?;
    Ok(gone.rows_affected == 1)
}

/// Deletes the cover of a product, if it has one.
pub(in crate::catalog) async fn delete_cover(tx: &impl ConnectionTrait, product: Uuid) -> Result<(), DbErr> {
    product_media::Entity::delete_many()
        .filter(product_media::Column::ProductId.eq(product))
        .filter(product_media::Column::Kind.eq(product_media::Kind::Cover))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many pictures a product has.
pub(in crate::catalog) async fn count(tx: &impl ConnectionTrait, product: Uuid) -> Result<u64, DbErr> {
    product_media::Entity::find().filter(product_media::Column::ProductId.eq(product)).count(tx).await
}

/// The pictures of products in the order in which they are shown, but for the cover, which may stand anywhere.
pub(in crate::catalog) async fn pictures(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<Vec<product_media::Model>, DbErr> {
    product_media::Entity::find()
        .filter(product_media::Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(product_media::Column::Id)
        .all(db)
        .await
}

/// The files of pictures, in no order.
pub(in crate::catalog) async fn files(
    db: &impl ConnectionTrait,
    pictures: &[Uuid],
) -> Result<Vec<product_media_file::Model>, DbErr> {
    product_media_file::Entity::find()
        .filter(product_media_file::Column::MediaId.is_in(pictures.iter().copied()))
        .all(db)
        .await
}

/// One file of a picture.
pub(in crate::catalog) async fn file(
    db: &impl ConnectionTrait,
    picture: Uuid,
    name: &str,
) -> Result<Option<product_media_file::Model>, DbErr> {
    product_media_file::Entity::find_by_id((picture, name.to_owned())).one(db).await
}
