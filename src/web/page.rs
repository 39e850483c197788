//! Pages of a list by keyset, with cursors that can't be forged.
use axum::response::{IntoResponse, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, Uri, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::Json;
use crate::{
    error::{Error, Refusal, Result},
    keys::MacKey,
};

/// Items of a page when the caller names no number.
pub const DEFAULT_LIMIT: u64 = 24;
/// Bytes of a cursor's digest: enough that none is guessed.
const DIGEST_BYTES: usize = 16;

const INVALID_CURSOR: Refusal =
    Refusal::malformed("invalid_cursor", "The cursor is not one that was given out for this list.");

/// `limit` and `cursor` of every list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items at most.
    #[param(minimum = 1, maximum = 100, default = 24)]
    pub limit: Option<u64>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// Items at most, 1 to 100.
    pub fn limit(&self) -> u64 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }
}

/// A place in a list, bound to the list's query and to this store's key.
///
/// The place is whatever the list sorts by; clients see it as an opaque text.
pub struct Cursor;

impl Cursor {
    /// The text of a place; `list` names the list with all its filters and its sort.
    pub fn write<P: Serialize>(key: &MacKey, list: &str, place: &P) -> Result<String> {
        let payload = serde_json::to_vec(place).map_err(Error::unexpected)?;
        let mut bytes = key.sign(&message(list, &payload));
        bytes.truncate(DIGEST_BYTES);
        bytes.extend_from_slice(&payload);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The place of a text; 400 `invalid_cursor` when it was tampered with or belongs to another list.
    pub fn read<P: DeserializeOwned>(key: &MacKey, list: &str, text: &str) -> Result<P> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| INVALID_CURSOR)?;
        let (digest, payload) = bytes.split_at_checked(DIGEST_BYTES).ok_or(INVALID_CURSOR)?;
        let mut expected = key.sign(&message(list, payload));
        expected.truncate(DIGEST_BYTES);
        if !crate::keys::equal(digest, &expected) {
            return Err(INVALID_CURSOR.into());
        }
        serde_json::from_slice(payload).map_err(|_| INVALID_CURSOR.into())
    }
}

fn message(list: &str, payload: &[u8]) -> Vec<u8> {
    [list.as_bytes(), b"\n", payload].concat()
}

/// A page of a list; as a response it also says `Link: <…>; rel="next"`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<String>,
    /// Items of the whole list, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// A page from one item more than its limit: `place` says where an item stands.
    pub fn of<P: Serialize>(
        mut items: Vec<T>,
        limit: u64,
        key: &MacKey,
        list: &str,
        place: impl Fn(&T) -> P,
    ) -> Result<Self> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = match items.last().filter(|_| more) {
            Some(last) => Some(Cursor::write(key, list, &place(last))?),
            None => None,
        };
        Ok(Self { items, next_cursor, total: None })
    }

    /// The same page of other items.
    pub fn map<U>(self, item: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(item).collect(),
            next_cursor: self.next_cursor,
            total: self.total,
        }
    }
}

impl<T: Serialize> Page<T> {
    /// The answer to a request for `uri`, with its `Link` to the next page.
    pub fn answer(self, uri: &Uri) -> Response {
        let next = self.next_cursor.clone();
        linked(Json::of(self).into_response(), uri, next.as_deref())
    }
}

/// Adds to the answer to a request for `uri` the `Link` to its next page, if there is one (RFC 8288).
pub fn linked(mut response: Response, uri: &Uri, next: Option<&str>) -> Response {
    let next = next.map(|cursor| {
        let kept = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .filter(|(name, _)| name != "cursor");
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("cursor", cursor)
            .finish();
        format!("<{}?{query}>; rel=\"next\"", uri.path())
    });
    if let Some(link) = next.and_then(|next| HeaderValue::try_from(next).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}
