//! What an account was told, page by page, and that it has read it.
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    queries,
    shown::{Notification, Reader, shown},
};
use crate::{
    app::App,
    error::{Error, Result},
    web::{Cursor, Page, PageQuery},
};

/// A page of what I was told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotificationPage {
    /// The latest first.
    pub(super) items: Vec<Notification>,
    /// Where the next page begins; null at the end.
    #[schema(required)]
    pub(super) next_cursor: Option<String>,
    /// How many I have not read, on all pages.
    pub(super) unread_count: u64,
}

/// A page of what an account was told, the latest first.
pub(super) async fn page(
    app: &App,
    reader: &Reader,
    unread: bool,
    asked: &PageQuery,
) -> Result<NotificationPage> {
    let (key, list) = (&app.keys.cursor, format!("notifications {} {unread}", reader.account));
    let before = asked.cursor.as_deref().map(|text| Cursor::read(key, &list, text)).transpose()?;
    let rows = queries::page(&app.db.read, reader.account, unread, before, asked.limit() + 1).await?;
    let page = Page::of(rows, asked.limit(), key, &list, |row| row.position)?;
    Ok(NotificationPage {
        items: shown(app, reader, page.items).await?,
        next_cursor: page.next_cursor,
        unread_count: queries::count_unread(&app.db.read, reader.account).await?,
    })
}

/// What was read: these, or all there are; 422 for both and for neither.
pub(super) fn what(ids: Option<Vec<Uuid>>, all: Option<bool>) -> Result<Option<Vec<Uuid>>> {
    match (ids, all.unwrap_or_default()) {
        (Some(ids), false) => Ok(Some(ids)),
        (None, true) => Ok(None),
        _ => Err(Error::field("ids", "one_of", "must be there, or else `all` be true, and not both")),
    }
}

/// Notes that an account has read these of its notifications, or all of them. Others and what was read before stay as they
/// are.
pub(super) async fn read(app: &App, account: Uuid, ids: Option<&[Uuid]>) -> Result<()> {
    let now = app.clock.now();
    app.db.write(async |tx| Ok(queries::read(tx, account, ids, now).await?)).await
}
