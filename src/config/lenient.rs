//! Settings as the environment gives them: numbers and lists are texts there.
use std::{
    fmt::Display,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error};

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Bool(bool),
    Integer(i64),
    Fraction(f64),
    Text(String),
}

/// A number or a truth value, bare or as a text.
pub(super) fn number<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = match Scalar::deserialize(deserializer)? {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Integer(value) => value.to_string(),
        Scalar::Fraction(value) => value.to_string(),
        Scalar::Text(text) => text,
    };
    text.trim().parse().map_err(|reason| D::Error::custom(format!("`{text}`: {reason}")))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Items {
    Joined(String),
    Apart(Vec<String>),
}

/// A list, or its items joined by commas.
pub(super) fn list<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let items = match Items::deserialize(deserializer)? {
        Items::Joined(text) => {
            text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
        }
        Items::Apart(items) => items,
    };
    items
        .iter()
        .map(|item| item.parse().map_err(|reason| D::Error::custom(format!("`{item}`: {reason}"))))
        .collect()
}

/// Networks, or addresses that stand for themselves.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let named: Vec<Network> = list(deserializer)?;
    Ok(named.into_iter().map(|Network(net)| net).collect())
}

struct Network(IpNet);

impl FromStr for Network {
    type Err = ipnet::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<IpAddr>() {
            Ok(address) => Ok(Self(address.into())),
            Err(_) => text.parse().map(Self),
        }
    }
}

/// An address to listen on, or `off`.
pub(super) mod listener {
    use super::{Deserialize, Deserializer, Error, SocketAddr};

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SocketAddr>, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "off" {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| D::Error::custom(format!("`{text}` is neither `off` nor an address with a port")))
    }

    #[expect(clippy::ref_option, reason = "the signature serde asks for")]
    pub(in crate::config) fn serialize<S: serde::Serializer>(
        listen: &Option<SocketAddr>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match listen {
            Some(address) => serializer.collect_str(address),
            None => serializer.serialize_str("off"),
        }
    }
}

/// How often, or `off`.
pub(super) mod rate {
    use super::{Deserialize, Deserializer, Error};
    use crate::config::Rate;

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Rate>, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "off" => Ok(None),
            text => text.parse().map(Some).map_err(|rule| D::Error::custom(format!("{rule}, or `off`"))),
        }
    }

    #[expect(clippy::ref_option, reason = "the signature serde asks for")]
    pub(in crate::config) fn serialize<S: serde::Serializer>(
        rate: &Option<Rate>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match rate {
            Some(rate) => serializer.collect_str(rate),
            None => serializer.serialize_str("off"),
        }
    }
}
