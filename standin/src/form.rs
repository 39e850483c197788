//! Forms as Stripe reads them: `a[b][0][c]=d` is a tree.
use serde_json::{Map, Value, json};

/// The tree that a form means.
pub(crate) fn tree(form: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for (name, value) in url::form_urlencoded::parse(form.as_bytes()) {
        let mut place = &mut root;
        for part in name.split(['[', ']']).filter(|part| !part.is_empty()) {
            if !place.is_object() {
                *place = json!({});
            }
            place = place.as_object_mut().unwrap().entry(part).or_insert(Value::Null);
        }
        *place = json!(value);
    }
    listed(root)
}

/// Members that are numbered are a list.
fn listed(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    if members.contains_key("0") {
        return Value::Array(members.into_iter().map(|(_, value)| listed(value)).collect());
    }
    Value::Object(members.into_iter().map(|(name, value)| (name, listed(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_a_tree_whose_numbered_members_are_lists() {
        let read = tree("mode=payment&line_items[0][price_data][unit_amount]=100&metadata[a]=b");
        let meant = json!({"mode": "payment", "line_items": [{"price_data": {"unit_amount": "100"}}], "metadata": {"a": "b"}});
        assert_eq!(read, meant);
    }
}
