//! Parsed values that every slice speaks: each has one constructor, and whoever holds one need not check again.
pub mod base32;
mod basis_points;
mod build;
mod country;
mod currency;
mod email;
mod license_key;
mod locale;
mod money;
mod password;
mod slug;
mod stars;
mod text;

pub use basis_points::BasisPoints;
pub use build::{FileName, Version};
pub use country::Country;
pub use currency::Currency;
pub use email::Email;
pub use license_key::LicenseKey;
pub use locale::Locale;
pub use money::{Money, MoneyChange};
pub use password::{NewPassword, Password};
pub use slug::Slug;
pub use stars::Stars;
pub use text::{DisplayName, Note, Prose, Reason, Word, fold, words};

use crate::languages::Sentence;

/// Why a value was refused: a stable word for programs and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Such as `too_short`.
    pub code: &'static str,
    /// Without the field's name.
    pub message: Sentence,
}

impl Invalid {
    /// A refusal under a stable word.
    pub fn new(code: &'static str, message: impl Into<Sentence>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Judges a text by the `format` its schema names, so that a body's faults are all found in one pass.
///
/// Formats that are no value of ours (`uuid`, `date`, `date-time`) are judged by what reads them.
pub fn check_format(format: &str, text: &str) -> Result<(), Invalid> {
    match format {
        Email::FORMAT => Email::parse(text).map(drop),
        Slug::FORMAT => Slug::parse(text).map(drop),
        Country::FORMAT => Country::parse(text).map(drop),
        Currency::FORMAT => Currency::parse(text).map(drop),
        Locale::FORMAT => Locale::parse(text).map(drop),
        DisplayName::FORMAT => DisplayName::parse(text).map(drop),
        Word::FORMAT => Word::parse(text).map(drop),
        Prose::FORMAT => Prose::parse(text).map(drop),
        Reason::FORMAT => Reason::parse(text).map(drop),
        Note::FORMAT => Note::parse(text).map(drop),
        Version::FORMAT => Version::parse(text).map(drop),
        FileName::FORMAT => FileName::parse(text).map(drop),
        NewPassword::FORMAT => NewPassword::parse(text).map(drop),
        LicenseKey::FORMAT => LicenseKey::parse(text).map(drop),
        Password::FORMAT => Password::parse(text).map(drop),
        "uuid" => {
            uuid::Uuid::try_parse(text).map(drop).map_err(|_| Invalid::new("invalid_uuid", "is not a UUID"))
        }
        "date" => {
            let date: Result<chrono::NaiveDate, _> = text.parse();
            match date {
                Ok(date) if (1..=9999).contains(&chrono::Datelike::year(&date)) && text.len() == 10 => Ok(()),
                _ => Err(Invalid::new("invalid_date", "is not a date of the form 2026-11-22")),
            }
        }
        "date-time" => chrono::DateTime::parse_from_rfc3339(text).map(drop).map_err(|_| {
            Invalid::new("invalid_time", "is not a time of RFC 3339, such as 2026-11-22T09:30:00Z")
        }),
        _ => Ok(()),
    }
}

/// Serde, schema and display of a value that is a text on the wire.
macro_rules! text_value {
    ($name:ident, $format:literal, $min:literal, $max:literal, $example:literal) => {
        impl $name {
            /// The `format` its schema bears.
            pub const FORMAT: &'static str = $format;

            /// The canonical text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The canonical text, owned.
            pub fn into_string(mut self) -> String {
                std::mem::take(&mut self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::values::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(|invalid| serde::de::Error::custom(invalid.message))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::Custom($format.into())))
                    .min_length(Some($min))
                    .max_length(Some($max))
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
use text_value;
