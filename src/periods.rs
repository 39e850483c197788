//! Spans of time in which the back office counts: hours, days, weeks and months, UTC.
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DbBackend;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Error, Fault, Result},
    languages::Sentence,
};

/// Rows of one answer at most; who asks for more narrows the period.
pub const MOST_ROWS: usize = 5_000;
/// What happens this second counts as until now.
const INCLUSIVE: TimeDelta = TimeDelta::seconds(1);
/// Where a period that is counted as one begins, for want of another place.
const WHOLE: &str = "1970-01-01T00:00:00Z";
/// Days of a period that ends now unless the caller says when it begins.
const USUAL_DAYS: i64 = 30;
/// Days of a period that is counted by the hour.
const MOST_DAYS_OF_HOURS: i64 = 31;
/// Days of a period that is counted by the day.
const MOST_DAYS_OF_DAYS: i64 = 2 * 366;
/// Days of a period that is counted by longer spans.
const MOST_DAYS: i64 = 20 * 366;

/// How long each span is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// From a full hour.
    Hour,
    /// From midnight.
    #[default]
    Day,
    /// From Monday, as ISO 8601 has it.
    Week,
    /// From the first of a month.
    Month,
}

/// A period that is counted span by span.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// Not before.
    pub from: DateTime<Utc>,
    /// Before.
    pub to: DateTime<Utc>,
    /// How long each span is; none: the period is counted as one.
    pub interval: Option<Interval>,
}

/// What is asked to be counted, grouped by something or not.
#[derive(Clone, Copy, Debug)]
pub struct Asked<By> {
    /// When.
    pub period: Period,
    /// By what it is grouped.
    pub by: Option<By>,
    /// Of which product alone.
    pub product: Option<Uuid>,
}

impl Interval {
    const fn most_days(self) -> i64 {
        match self {
            Self::Hour => MOST_DAYS_OF_HOURS,
            Self::Day => MOST_DAYS_OF_DAYS,
            Self::Week | Self::Month => MOST_DAYS,
        }
    }

    /// SQLite keeps moments as texts: cut, for its functions of time round a moment to milliseconds, which may be the
    /// next day's.
    fn span(self, backend: DbBackend, column: &str) -> String {
        if backend == DbBackend::Postgres {
            let unit = match self {
                Self::Hour => "hour",
                Self::Day => "day",
                Self::Week => "week",
                Self::Month => "month",
            };
            return format!(
                "to_char(date_trunc('{unit}', {column} AT TIME ZONE 'UTC'), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
            );
        }
        match self {
            Self::Hour => format!("substr({column}, 1, 13) || ':00:00Z'"),
            Self::Day => format!("substr({column}, 1, 10) || 'T00:00:00Z'"),
            Self::Week => {
                format!("strftime('%Y-%m-%dT00:00:00Z', substr({column}, 1, 10), '-6 days', 'weekday 1')")
            }
            Self::Month => format!("substr({column}, 1, 7) || '-01T00:00:00Z'"),
        }
    }
}

impl Period {
    /// What is asked for; 422 when it ends before it begins or is longer than its interval allows. By default it is
    /// the 30 days until now.
    pub fn asked(
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
        interval: Option<Interval>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let (to, interval) = (to.unwrap_or(now + INCLUSIVE), interval.unwrap_or_default());
        let usual = || to.checked_sub_signed(TimeDelta::days(USUAL_DAYS));
        let from = from.or_else(usual).unwrap_or(DateTime::UNIX_EPOCH);
        if to <= from {
            return Err(Error::field("to", "out_of_range", "must be after the start"));
        }
        let most = interval.most_days();
        if to - from > TimeDelta::days(most) {
            let rule = Sentence::from("must be at most { $most } days after the start").with("most", most);
            return Err(Error::Invalid(vec![Fault::new("to", "out_of_range", rule)]));
        }
        Ok(Self { from, to, interval: Some(interval) })
    }

    /// The last 30 days, day by day.
    pub fn lately(now: DateTime<Utc>) -> Self {
        let to = now + INCLUSIVE;
        Self { from: to - TimeDelta::days(USUAL_DAYS), to, interval: Some(Interval::Day) }
    }

    /// All that was until now, as one.
    pub fn ever(now: DateTime<Utc>) -> Self {
        Self { from: DateTime::UNIX_EPOCH, to: now + INCLUSIVE, interval: None }
    }

    /// The expression that says, as RFC 3339, in which span the moment of `column` lies.
    pub fn span(&self, backend: DbBackend, column: &str) -> String {
        match self.interval {
            Some(interval) => interval.span(backend, column),
            None => format!("CAST('{WHOLE}' AS TEXT)"),
        }
    }
}

/// Refuses more rows than one answer holds.
pub fn at_most<T>(rows: Vec<T>) -> Result<Vec<T>> {
    if rows.len() > MOST_ROWS {
        let rule = Sentence::from("would take more than { $most } rows: ask for less time or longer spans");
        return Err(Error::field("interval", "too_many_rows", rule.with("most", MOST_ROWS)));
    }
    Ok(rows)
}

/// The moment that [`Period::span`] said.
pub fn start(span: &str) -> Result<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(span).map(|start| start.to_utc()).map_err(Error::unexpected)
}

/// What was counted in a span, of one thing if it is grouped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Row<T> {
    /// When the span begins, UTC.
    pub from: DateTime<Utc>,
    /// Of what: a product's id, a country, a platform. Absent where nothing is grouped, or it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub key: Option<String>,
    /// What was counted.
    #[serde(flatten)]
    pub counted: T,
}
