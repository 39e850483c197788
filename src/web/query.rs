//! Query strings, judged by the parameters that the API document shows.
use std::any::TypeId;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use super::shape::Shape;
use crate::{
    app::App,
    error::{Error, Fault, Refusal, Result},
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

struct Parameter {
    name: String,
    /// Separated by commas rather than repeated.
    joined: bool,
    schema: Value,
    required: bool,
}

fn parse<T: DeserializeOwned + IntoParams + 'static>(query: &str) -> Result<T> {
    let parameters = parameters::<T>();
    let mut given = Map::new();
    let mut faults = Vec::new();
    for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
        if name.contains('\u{fffd}') || text.contains('\u{fffd}') {
            return Err(MALFORMED_QUERY.into());
        }
        let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
            faults.push(Fault::new(name, "unknown_parameter", "is not a query parameter here"));
            continue;
        };
        let several = has_type(&parameter.schema, "array");
        if !several {
            if given.insert(parameter.name.clone(), coerce(&parameter.schema, &text)).is_some() {
                faults.push(Fault::new(name, "repeated_parameter", "may be given once"));
            }
            continue;
        }
        let of = parameter.schema.get("items").cloned().unwrap_or_default();
        let list = given.entry(parameter.name.clone()).or_insert_with(|| json!([]));
        if let Value::Array(items) = list {
            let texts: Vec<&str> = if parameter.joined { text.split(',').collect() } else { vec![&text] };
            items.extend(texts.into_iter().map(|text| coerce(&of, text)));
        }
    }
    let properties: Map<String, Value> =
        parameters.iter().map(|parameter| (parameter.name.clone(), parameter.schema.clone())).collect();
    let required: Vec<&str> = parameters
        .iter()
        .filter(|parameter| parameter.required)
        .map(|parameter| parameter.name.as_str())
        .collect();
    let shape =
        Shape::new(json!({"type": "object", "properties": properties, "required": required}), Map::new());
    let value = Value::Object(given);
    faults.extend(shape.faults(&value));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    serde_json::from_value(value).map_err(|error| Error::field("(query)", "invalid", error.to_string()))
}

/// The parameters of `T` as its document shows them; schemas are inline (`#[param(inline)]`).
fn parameters<T: IntoParams + 'static>() -> std::sync::Arc<Vec<Parameter>> {
    use std::{
        collections::HashMap,
        sync::{Arc, OnceLock, PoisonError, RwLock},
    };
    static KNOWN: OnceLock<RwLock<HashMap<TypeId, Arc<Vec<Parameter>>>>> = OnceLock::new();
    let known = KNOWN.get_or_init(RwLock::default);
    if let Some(parameters) = known.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()) {
        return Arc::clone(parameters);
    }
    let parameters = T::into_params(|| Some(utoipa::openapi::path::ParameterIn::Query))
        .into_iter()
        .filter_map(|parameter| {
            let shown = serde_json::to_value(parameter).ok()?;
            Some(Parameter {
                name: shown.get("name")?.as_str()?.to_owned(),
                joined: shown.get("explode").and_then(Value::as_bool) == Some(false),
                schema: shown.get("schema").cloned().unwrap_or_default(),
                required: shown.get("required").and_then(Value::as_bool).unwrap_or_default(),
            })
        });
    let parameters = Arc::new(parameters.collect::<Vec<_>>());
    known.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), Arc::clone(&parameters));
    parameters
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
    if has_type(schema, "boolean") {
        return text.parse::<bool>().map_or_else(|_| json!(text), |truth| json!(truth));
    }
    json!(text)
}
