//! A value of a column as JSON, and back: the same text from either database.
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use sea_orm::{DbErr, QueryResult, Value as Cell};
use serde_json::Value;
use uuid::Uuid;

use super::schema::Kind;

/// The value in a column of a row, by the column's place.
pub(super) fn read(row: &QueryResult, place: usize, kind: Kind) -> Result<Value, DbErr> {
    Ok(match kind {
        Kind::Boolean => row.try_get_by_index::<Option<bool>>(place)?.into(),
        Kind::Small => row.try_get_by_index::<Option<i16>>(place)?.into(),
        Kind::Integer => row.try_get_by_index::<Option<i32>>(place)?.into(),
        Kind::Big => row.try_get_by_index::<Option<i64>>(place)?.into(),
        Kind::Double => row.try_get_by_index::<Option<f64>>(place)?.into(),
        Kind::Text => row.try_get_by_index::<Option<String>>(place)?.into(),
        Kind::Uuid => row.try_get_by_index::<Option<Uuid>>(place)?.map(|id| id.to_string()).into(),
        Kind::Time => {
            let time = row.try_get_by_index::<Option<DateTime<Utc>>>(place)?;
            time.map(|time| time.to_rfc3339_opts(SecondsFormat::Micros, true)).into()
        }
        Kind::Date => row.try_get_by_index::<Option<NaiveDate>>(place)?.map(|date| date.to_string()).into(),
        // Of a column that may be empty and of JSON's own null, SQL has two values; a store writes the first alone.
        Kind::Json => row.try_get_by_index::<Option<Value>>(place)?.unwrap_or_default(),
        Kind::Bytes => {
            row.try_get_by_index::<Option<Vec<u8>>>(place)?.map(|bytes| STANDARD.encode(bytes)).into()
        }
    })
}

/// The value for a column of that kind; none if the JSON is not one of its values.
pub(super) fn write(value: Value, kind: Kind) -> Option<Cell> {
    let value = (!value.is_null()).then_some(value);
    Some(match kind {
        Kind::Boolean => Cell::Bool(value.map(|value| value.as_bool().ok_or(())).transpose().ok()?),
        Kind::Small => Cell::SmallInt(number(value)?),
        Kind::Integer => Cell::Int(number(value)?),
        Kind::Big => Cell::BigInt(number(value)?),
        Kind::Double => Cell::Double(value.map(|value| value.as_f64().ok_or(())).transpose().ok()?),
        Kind::Text => Cell::String(text(value)?),
        Kind::Uuid => Cell::Uuid(text(value)?.map(|text| text.parse()).transpose().ok()?),
        Kind::Time => Cell::ChronoDateTimeUtc(text(value)?.map(|text| text.parse()).transpose().ok()?),
        Kind::Date => Cell::ChronoDate(text(value)?.map(|text| text.parse()).transpose().ok()?),
        Kind::Json => Cell::Json(value.map(Box::new)),
        Kind::Bytes => Cell::Bytes(text(value)?.map(|text| STANDARD.decode(text)).transpose().ok()?),
    })
}

/// A whole number that fits; none is also the answer to one that does not.
fn number<N: TryFrom<i64>>(value: Option<Value>) -> Option<Option<N>> {
    let Some(value) = value else { return Some(None) };
    Some(Some(N::try_from(value.as_i64()?).ok()?))
}

fn text(value: Option<Value>) -> Option<Option<String>> {
    match value {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text)),
        Some(_) => None,
    }
}
