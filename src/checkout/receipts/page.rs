//! A document as a page.
use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior, context, syntax::SyntaxConfig, value::Serde};

use super::Paper;
use crate::{
    error::{Error, Result},
    languages::Language,
};

/// How the page looks, on screen and on paper.
pub(in crate::checkout) const STYLE: &str = include_str!("../../../templates/receipts/style.css");
const TEMPLATE: &str = "receipt.html";

static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_template(TEMPLATE, include_str!("../../../templates/receipts/receipt.html"))?;
    Ok(environment)
});

/// The page of a document, in a language.
pub(in crate::checkout) fn html(paper: &impl Paper, language: Language) -> Result<String> {
    let environment = ENVIRONMENT.as_ref().map_err(|error| Error::unexpected(error.to_string()))?;
    let template = environment.get_template(TEMPLATE).map_err(Error::unexpected)?;
    let (lang, receipt) = (language.tag(), Serde(paper.write(language)));
    template.render(context! { lang, receipt, style => STYLE }).map_err(Error::unexpected)
}
