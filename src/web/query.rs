//! Query strings, judged by the parameters that the API document shows.
use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, openapi::path::ParameterIn};

use super::shape::Shape;
use crate::{
    app::App,
    error::{Error, Fault, Refusal, Result},
    languages::Sentence,
};

const MALFORMED_QUERY: Refusal = Refusal::malformed("malformed_query", "The query string is not UTF-8.");

/// The query parameters: 422 for an unknown, repeated or malformed one, with every fault named.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + IntoParams + 'static> FromRequestParts<App> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// No parameter: every one is refused.
#[derive(serde::Deserialize)]
pub struct NoParameters {}

impl IntoParams for NoParameters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<utoipa::openapi::path::Parameter> {
        Vec::new()
    }
}

/// The parameters of a type, and the shape that judges them together.
struct Known {
    parameters: Vec<Parameter>,
    shape: Shape,
}

struct Parameter {
    name: String,
    /// Separated by commas rather than repeated.
    joined: bool,
    /// Given more than once.
    several: bool,
    /// Of the parameter, or of its items.
    schema: Value,
}

fn parse<T: DeserializeOwned + IntoParams + 'static>(query: &str) -> Result<T> {
    let known = known::<T>();
    let mut given = Map::new();
    let mut faults = Vec::new();
    for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
        if name.contains('\u{fffd}') || text.contains('\u{fffd}') {
            return Err(MALFORMED_QUERY.into());
        }
        let Some(parameter) = known.parameters.iter().find(|parameter| parameter.name == name) else {
            faults.push(Fault::new(name, "unknown_parameter", "is not a query parameter here"));
            continue;
        };
        if !parameter.several {
            if given.insert(parameter.name.clone(), coerce(&parameter.schema, &text)).is_some() {
                faults.push(Fault::new(name, "repeated_parameter", "may be given once"));
            }
            continue;
        }
        let list = given.entry(parameter.name.clone()).or_insert_with(|| json!([]));
        if let Value::Array(items) = list {
            let texts: Vec<&str> = if parameter.joined { text.split(',').collect() } else { vec![&text] };
            items.extend(texts.into_iter().map(|text| coerce(&parameter.schema, text)));
        }
    }
    let value = Value::Object(given);
    faults.extend(known.shape.faults(&value));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    serde_json::from_value(value).map_err(|error| {
        let fault = Sentence::from("does not fit: { $reason }").with("reason", error.to_string());
        Error::field("(query)", "invalid", fault)
    })
}

/// The parameters of `T` as its document shows them; schemas are inline (`#[param(inline)]`).
fn known<T: IntoParams + 'static>() -> Arc<Known> {
    static KNOWN: OnceLock<RwLock<HashMap<TypeId, Arc<Known>>>> = OnceLock::new();
    let all = KNOWN.get_or_init(RwLock::default);
    if let Some(known) = all.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()) {
        return Arc::clone(known);
    }
    let known = Arc::new(read(T::into_params(|| Some(ParameterIn::Query))));
    all.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), Arc::clone(&known));
    known
}

fn read(documented: Vec<utoipa::openapi::path::Parameter>) -> Known {
    let (mut parameters, mut properties, mut required) = (Vec::new(), Map::new(), Vec::new());
    for shown in documented.into_iter().filter_map(|parameter| serde_json::to_value(parameter).ok()) {
        let Some(name) = shown.get("name").and_then(Value::as_str) else { continue };
        let schema = shown.get("schema").cloned().unwrap_or_default();
        if shown.get("required").and_then(Value::as_bool).unwrap_or_default() {
            required.push(name.to_owned());
        }
        let several = has_type(&schema, "array");
        let of = if several { schema.get("items").cloned().unwrap_or_default() } else { schema.clone() };
        let joined = shown.get("explode").and_then(Value::as_bool) == Some(false);
        parameters.push(Parameter { name: name.to_owned(), joined, several, schema: of });
        properties.insert(name.to_owned(), schema);
    }
    let schema = json!({"type": "object", "properties": properties, "required": required});
    Known { parameters, shape: Shape::new(schema, Map::new()) }
}

fn has_type(schema: &Value, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == wanted,
        Some(Value::Array(several)) => several.iter().any(|one| one == wanted),
        _ => schema
            .get("oneOf")
            .and_then(Value::as_array)
            .is_some_and(|choices| choices.iter().any(|choice| has_type(choice, wanted))),
    }
}

/// A text as the number or truth value its schema asks for; what it can't be stays a text and is refused by the schema.
fn coerce(schema: &Value, text: &str) -> Value {
    if has_type(schema, "integer") {
        return text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number));
    }
    if has_type(schema, "number") {
        // What JSON can't hold, such as NaN, stays a text too.
        let number = text.parse().ok().and_then(serde_json::Number::from_f64);
        return number.map_or_else(|| json!(text), Value::Number);
    }
    if has_type(schema, "boolean") {
        return text.parse::<bool>().map_or_else(|_| json!(text), |truth| json!(truth));
    }
    json!(text)
}
