//! Judges a JSON value by the schema that the API document shows, and names every fault in one pass.
use serde_json::{Map, Value};

use crate::{
    error::Fault,
    languages::Sentence,
    values::{Invalid, check_format},
};

/// Deepest nesting of a body.
const DEEPEST: usize = 32;
/// Most faults that are told at once.
const MOST_FAULTS: usize = 50;

/// A schema with the components it refers to.
pub(super) struct Shape {
    schema: Value,
    components: Map<String, Value>,
}

impl Shape {
    pub(super) fn new(schema: Value, components: Map<String, Value>) -> Self {
        Self { schema, components }
    }

    /// Every fault of a value, none when it fits.
    pub(super) fn faults(&self, value: &Value) -> Vec<Fault> {
        let mut judge = Judge { components: &self.components, faults: Vec::new() };
        judge.value("", &self.schema, value, 0);
        // One order, whatever the order in which the members came.
        judge.faults.sort_by(|left, right| left.field.cmp(&right.field));
        judge.faults.truncate(MOST_FAULTS);
        judge.faults
    }
}

struct Judge<'a> {
    components: &'a Map<String, Value>,
    faults: Vec<Fault>,
}

impl<'a> Judge<'a> {
    fn value(&mut self, at: &str, schema: &'a Value, value: &Value, depth: usize) {
        if depth > DEEPEST {
            return self.fault(at, "too_deep", "is nested too deep");
        }
        let schema = self.resolve(schema);
        if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
            return self.one_of(at, choices, value, depth);
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.value(at, part, value, depth + 1);
        }
        if let Some(types) = schema.get("type")
            && !fits_type(types, value)
        {
            return self.fault(at, "wrong_type", kind(types));
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            let names: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
            let rule = Sentence::from("must be one of { $choices }").with("choices", names.join(", "));
            return self.fault(at, "invalid_choice", rule);
        }
        match value {
            Value::String(text) => self.text(at, schema, text),
            Value::Number(number) => self.number(at, schema, number),
            Value::Array(items) => self.array(at, schema, items, depth),
            Value::Object(members) => self.object(at, schema, members, depth),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
        name.and_then(|name| self.components.get(name)).unwrap_or(schema)
    }

    fn one_of(&mut self, at: &str, choices: &'a [Value], value: &Value, depth: usize) {
        let mut nearest: Option<Vec<Fault>> = None;
        for choice in choices {
            let mut judge = Judge { components: self.components, faults: Vec::new() };
            judge.value(at, choice, value, depth + 1);
            if judge.faults.is_empty() {
                return;
            }
            let only_null = choice.get("type").and_then(Value::as_str) == Some("null");
            if !only_null || nearest.is_none() {
                nearest = Some(judge.faults);
            }
        }
        self.faults.extend(nearest.unwrap_or_default());
    }

    fn text(&mut self, at: &str, schema: &Value, text: &str) {
        if text.contains('\0') {
            return self.fault(at, "nul_character", "must not contain the character NUL");
        }
        let length = text.chars().count() as u64;
        if let Some(format) = schema.get("format").and_then(Value::as_str) {
            if let Err(Invalid { code, message }) = check_format(format, text) {
                self.fault(at, code, message);
            }
            return;
        }
        if let Some(least) = schema.get("minLength").and_then(Value::as_u64)
            && length < least
        {
            if length == 0 {
                return self.fault(at, "required", "must not be empty");
            }
            let rule = Sentence::from("must have at least { $least } characters").with("least", least);
            return self.fault(at, "too_short", rule);
        }
        if let Some(most) = schema.get("maxLength").and_then(Value::as_u64)
            && length > most
        {
            let rule = Sentence::from("must have at most { $most } characters").with("most", most);
            self.fault(at, "too_long", rule);
        }
    }

    fn number(&mut self, at: &str, schema: &Value, number: &serde_json::Number) {
        let value = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        let Some(value) = value else { return self.fraction(at, schema, number) };
        let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
        let (least, most) = (bound("minimum"), bound("maximum"));
        let low = least.is_some_and(|least| value < i128::from(least));
        let high = value > i128::from(most.unwrap_or(i64::MAX));
        if low || high {
            self.fault(at, "out_of_range", range(least, most));
        }
    }

    fn fraction(&mut self, at: &str, schema: &Value, number: &serde_json::Number) {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let Some(value) = number.as_f64() else { return };
        let low = bound("minimum").is_some_and(|least| value < least);
        if low || bound("maximum").is_some_and(|most| value > most) {
            self.fault(at, "out_of_range", "is out of its range");
        }
    }

    fn array(&mut self, at: &str, schema: &'a Value, items: &[Value], depth: usize) {
        let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
        if bound("minItems").is_some_and(|least| (items.len() as u64) < least) {
            self.fault(at, "too_few", "has too few items");
        }
        if let Some(most) = bound("maxItems").filter(|most| items.len() as u64 > *most) {
            let rule = Sentence::from("must have at most { $most } items").with("most", most);
            return self.fault(at, "too_many", rule);
        }
        let Some(of) = schema.get("items") else { return };
        for (index, item) in items.iter().enumerate() {
            self.value(&format!("{at}[{index}]"), of, item, depth + 1);
        }
    }

    fn object(&mut self, at: &str, schema: &'a Value, members: &Map<String, Value>, depth: usize) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let named = |name: &str| properties.and_then(|properties| properties.get(name));
        for required in
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
        {
            if !members.contains_key(required) {
                self.fault(&join(at, required), "required", "is required");
            }
        }
        for (name, member) in members {
            let at = join(at, name);
            if name.contains('\0') {
                self.fault(&at, "nul_character", "must not contain the character NUL");
            } else if let Some(property) = named(name) {
                self.value(&at, property, member, depth + 1);
            } else {
                match schema.get("additionalProperties") {
                    Some(Value::Bool(false)) => self.fault(&at, "unknown_field", "is not a field here"),
                    Some(additional @ Value::Object(_)) => self.value(&at, additional, member, depth + 1),
                    _ => self.free(&at, member, depth + 1),
                }
            }
        }
    }

    /// What no schema describes is still bounded in depth and free of NUL.
    fn free(&mut self, at: &str, value: &Value, depth: usize) {
        self.value(at, &Value::Null, value, depth);
        if let Value::Array(items) = value {
            for (index, item) in items.iter().enumerate() {
                self.free(&format!("{at}[{index}]"), item, depth + 1);
            }
        }
    }

    fn fault(&mut self, at: &str, code: &str, message: impl Into<Sentence>) {
        let field = if at.is_empty() { "(body)" } else { at };
        self.faults.push(Fault::new(field, code, message));
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn fits_type(types: &Value, value: &Value) -> bool {
    match types {
        Value::Array(several) => several.iter().any(|one| fits_type(one, value)),
        Value::String(one) => match (one.as_str(), value) {
            ("null", Value::Null) | ("boolean", Value::Bool(_)) | ("string", Value::String(_)) => true,
            ("array", Value::Array(_)) | ("object", Value::Object(_)) | ("number", Value::Number(_)) => true,
            ("integer", Value::Number(number)) => number.is_i64() || number.is_u64(),
            _ => false,
        },
        _ => true,
    }
}

/// What a value must be.
fn kind(types: &Value) -> Sentence {
    let names: Vec<&str> = match types {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let kind = names.iter().find(|name| **name != "null");
    match (kind.copied(), names.contains(&"null")) {
        (Some("string"), false) => Sentence::from("must be a text"),
        (Some("string"), true) => Sentence::from("must be a text or null"),
        (Some("integer"), false) => Sentence::from("must be a whole number"),
        (Some("integer"), true) => Sentence::from("must be a whole number or null"),
        (Some("number"), false) => Sentence::from("must be a number"),
        (Some("number"), true) => Sentence::from("must be a number or null"),
        (Some("boolean"), false) => Sentence::from("must be true or false"),
        (Some("boolean"), true) => Sentence::from("must be true, false or null"),
        (Some("array"), false) => Sentence::from("must be a list"),
        (Some("array"), true) => Sentence::from("must be a list or null"),
        (Some("object"), false) => Sentence::from("must be an object"),
        (Some("object"), true) => Sentence::from("must be an object or null"),
        (None, true) => Sentence::from("must be null"),
        _ => Sentence::from("must be of another type"),
    }
}

/// Within what a number must lie.
fn range(least: Option<i64>, most: Option<i64>) -> Sentence {
    match (least, most) {
        (Some(least), Some(most)) => Sentence::from("must lie between { $least } and { $most }")
            .with("least", least)
            .with("most", most),
        (Some(least), None) => Sentence::from("must be at least { $least }").with("least", least),
        (None, Some(most)) => Sentence::from("must be at most { $most }").with("most", most),
        (None, None) => Sentence::from("is too large"),
    }
}
