//! How much somebody likes a product.
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

use super::Invalid;
use crate::languages::Sentence;

/// From 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stars(u8);

impl Stars {
    /// How many there are to give.
    pub const MOST: u8 = 5;

    /// Reads a number; `out_of_range` unless it is 1 to 5.
    pub fn new(number: i32) -> Result<Self, Invalid> {
        let stars = u8::try_from(number).ok().filter(|stars| (1..=Self::MOST).contains(stars));
        let range = || {
            Sentence::from("must lie between { $least } and { $most }")
                .with("least", 1_u64)
                .with("most", u64::from(Self::MOST))
        };
        stars.map(Self).ok_or_else(|| Invalid::new("out_of_range", range()))
    }

    /// The number.
    pub fn number(self) -> i32 {
        self.0.into()
    }
}

impl Serialize for Stars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0)
    }
}

impl<'de> Deserialize<'de> for Stars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i32::deserialize(deserializer)?).map_err(|invalid| D::Error::custom(invalid.message))
    }
}

impl PartialSchema for Stars {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Self::MOST))
            .examples([4])
            .into()
    }
}

impl ToSchema for Stars {}

#[cfg(test)]
mod tests {
    use super::Stars;

    #[test]
    fn there_are_one_to_five() {
        assert_eq!(Stars::new(5).unwrap().number(), 5);
        for wrong in [0, 6, -1, 256 + 1] {
            assert_eq!(Stars::new(wrong).unwrap_err().code, "out_of_range");
        }
    }
}
