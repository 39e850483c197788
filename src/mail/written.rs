//! Dates, times and money as they are written in a language.
use chrono::{DateTime, Datelike, Duration, Utc};

use crate::{
    languages::{Gap, Language, Part},
    values::Money,
};

/// The day of a moment, UTC.
pub fn day(language: Language, at: DateTime<Utc>) -> String {
    let gaps = [
        ("year", Gap::Text(at.year().to_string())),
        ("month", i64::from(at.month()).into()),
        ("day", i64::from(at.day()).into()),
    ];
    language.text(Part::Mail, "day", &gaps).unwrap_or_else(|| at.format("%Y-%m-%d").to_string())
}

/// A moment to the minute, UTC.
pub fn minute(language: Language, at: DateTime<Utc>) -> String {
    moment(language, at, "%H:%M")
}

/// A moment to the second, UTC.
pub(super) fn second(language: Language, at: DateTime<Utc>) -> String {
    moment(language, at, "%H:%M:%S")
}

fn moment(language: Language, at: DateTime<Utc>, clock: &str) -> String {
    let clock = at.format(clock).to_string();
    let day = day(language, at);
    let gaps = [("day", Gap::from(day.as_str())), ("clock", Gap::from(clock.as_str()))];
    language.text(Part::Mail, "minute", &gaps).unwrap_or_else(|| format!("{day} {clock} UTC"))
}

/// How long something lasts, in its largest unit that tells it whole.
pub(super) fn lasting(language: Language, time: Duration) -> String {
    let (unit, count) = match (time.num_days(), time.num_hours(), time.num_minutes()) {
        (days, ..) if Duration::days(days) == time => ("days", days),
        (_, hours, _) if Duration::hours(hours) == time => ("hours", hours),
        (.., minutes) => ("minutes", minutes),
    };
    let gaps = [("unit", Gap::from(unit)), ("count", Gap::from(count))];
    language.text(Part::Mail, "lasting", &gaps).unwrap_or_else(|| format!("{count} {unit}"))
}

/// An amount with the digits of its currency and the marks of the language.
pub fn money(language: Language, money: &Money) -> String {
    let mark =
        |key: &str, usual: &str| language.text(Part::Mail, key, &[]).unwrap_or_else(|| usual.to_owned());
    let amount = money.digits(&mark("group-mark", ","), &mark("decimal-mark", "."));
    let gaps = [("amount", Gap::from(amount.as_str())), ("currency", Gap::from(money.currency.as_str()))];
    language.text(Part::Mail, "money", &gaps).unwrap_or_else(|| format!("{amount} {}", money.currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_all(write: impl Fn(Language) -> String) -> Vec<String> {
        Language::all().map(|language| format!("{}: {}", language.tag(), write(language))).collect()
    }

    #[test]
    fn money_has_the_digits_of_its_currency_and_the_marks_of_the_language() {
        let of = |amount, currency: &str| Money { amount, currency: currency.parse().unwrap() };
        assert_eq!(
            in_all(|language| money(language, &of(123_456_789, "EUR"))),
            [
                "en: 1,234,567.89 EUR",
                "de: 1.234.567,89 EUR",
                "fr: 1\u{202f}234\u{202f}567,89\u{a0}EUR",
                "es: 1.234.567,89 EUR",
                "ja: 1,234,567.89 EUR",
            ]
        );
        assert_eq!(money(Language::english(), &of(500, "JPY")), "500 JPY");
        assert_eq!(money(Language::english(), &of(1005, "KWD")), "1.005 KWD");
    }

    #[test]
    fn days_and_times_are_written_as_readers_write_them() {
        let at = "2026-11-01T09:05:59Z".parse().unwrap();
        assert_eq!(
            in_all(|language| minute(language, at)),
            [
                "en: 1 November 2026, 09:05 UTC",
                "de: 1. November 2026, 09:05 Uhr (UTC)",
                "fr: 1er novembre 2026 à 09:05 (UTC)",
                "es: 1 de noviembre de 2026, 09:05 (UTC)",
                "ja: 2026年11月1日 09:05（UTC）",
            ]
        );
    }

    #[test]
    fn how_long_something_lasts_is_told_in_whole_units() {
        let times = [Duration::days(3), Duration::days(1), Duration::hours(36), Duration::minutes(30)];
        let told = |language| times.map(|time| lasting(language, time)).join(", ");
        assert_eq!(
            in_all(told),
            [
                "en: 3 days, 1 day, 36 hours, 30 minutes",
                "de: 3 Tage, 1 Tag, 36 Stunden, 30 Minuten",
                "fr: 3 jours, 1 jour, 36 heures, 30 minutes",
                "es: 3 días, 1 día, 36 horas, 30 minutos",
                "ja: 3日間, 1日間, 36時間, 30分間",
            ]
        );
    }
}
