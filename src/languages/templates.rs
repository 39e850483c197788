//! `t(key, gap=…)`: how templates of pages and mails ask for their texts.
use minijinja::{
    Environment, Error, ErrorKind, State,
    value::{Kwargs, Value},
};

use super::{Gap, Language, Part};

/// Gives templates the function `t`, which says a text of `part` in the language that the template is told as `lang`.
pub fn speak(environment: &mut Environment<'static>, part: Part) {
    environment.add_function("t", move |state: &State, key: &str, gaps: Kwargs| {
        let language = state.lookup("lang").and_then(|tag| Language::named(tag.as_str()?));
        let language = language.ok_or_else(|| Error::new(ErrorKind::UndefinedError, "lang"))?;
        let filled = filled(&gaps)?;
        let filled: Vec<(&str, Gap)> =
            filled.iter().map(|(name, gap)| (name.as_str(), gap.clone())).collect();
        language
            .text(part, key, &filled)
            .ok_or_else(|| Error::new(ErrorKind::UndefinedError, format!("{key} in {}", language.tag())))
    });
}

fn filled(gaps: &Kwargs) -> Result<Vec<(String, Gap)>, Error> {
    let filled = gaps.args().map(|name| {
        let value: Value = gaps.peek(name)?;
        let gap = match value.as_i64() {
            Some(number) => Gap::Number(number),
            None => Gap::Text(value.to_string()),
        };
        Ok((name.to_owned(), gap))
    });
    filled.collect()
}
