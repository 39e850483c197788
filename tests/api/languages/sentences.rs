//! Every sentence by which the code refuses something, found by reading the code, has its key.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use http::StatusCode;
use syn::{
    Expr, ExprCall, ExprMethodCall, Lit, Macro, Token, parse::Parser, punctuated::Punctuated, visit::Visit,
};

use super::keys::{english, root};

/// What the code says: sentences with the codes that state them, and the statuses of refusals.
#[derive(Default)]
struct Said {
    problems: BTreeMap<String, BTreeSet<String>>,
    faults: BTreeMap<String, BTreeSet<String>>,
    statuses: BTreeSet<u16>,
    /// Where a sentence is not to be found by reading.
    hidden: Vec<String>,
    file: String,
    source: String,
}

/// The status of a constructor of `Refusal`, if it is one.
fn status_of(constructor: &str, first: Option<&&Expr>) -> Option<u16> {
    match constructor {
        "malformed" => Some(400),
        "unauthorized" => Some(401),
        "forbidden" => Some(403),
        "not_found" => Some(404),
        "conflict" => Some(409),
        "invalid" => Some(422),
        "checksum" => Some(460),
        "with_status" => {
            let Some(Expr::Path(path)) = first else { return None };
            let name = path.path.segments.last()?.ident.to_string();
            (400..600).find(|code| constant(*code).is_some_and(|constant| constant == name))
        }
        _ => None,
    }
}

/// How `http` names a status: `NOT_FOUND`.
fn constant(code: u16) -> Option<String> {
    let reason = StatusCode::from_u16(code).ok()?.canonical_reason()?;
    Some(reason.to_uppercase().replace(' ', "_"))
}

fn literal(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The last two segments of what is called: `Refusal`, `conflict`.
fn called(call: &ExprCall) -> Option<(String, String)> {
    let Expr::Path(path) = &*call.func else { return None };
    let mut last = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let (function, of) = (last.next()?, last.next()?);
    Some((of, function))
}

/// The text of a sentence that is written where it is said: `"…"` or `Sentence::from("…").with(…)`.
fn sentence(expression: &Expr) -> Option<String> {
    match expression {
        Expr::MethodCall(call) if call.method == "with" => sentence(&call.receiver),
        Expr::Call(call) if called(call)? == ("Sentence".to_owned(), "from".to_owned()) => {
            literal(call.args.first()?)
        }
        other => literal(other),
    }
}

impl Said {
    fn read(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.read(&path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                self.source = fs::read_to_string(&path).unwrap();
                self.file = path.strip_prefix(root()).unwrap().display().to_string();
                let file = syn::parse_file(&self.source).unwrap();
                self.visit_file(&file);
            }
        }
    }

    fn fault(&mut self, code: Option<&Expr>, said: Option<&Expr>) {
        let (Some(code), Some(said)) = (code, said) else { return };
        match sentence(said) {
            Some(text) => {
                let codes = self.faults.entry(text).or_default();
                codes.extend(literal(code));
            }
            None if self.is_a_sentence(said) => {}
            None => self.hidden.push(format!("{}: {}", self.file, literal(code).unwrap_or_default())),
        }
    }

    /// Whether what is said is a `Sentence` already, whose text is found where it is made.
    fn is_a_sentence(&self, said: &Expr) -> bool {
        let has = |text: &str| self.source.contains(text);
        let one_line = self.source.split_whitespace().collect::<Vec<_>>().join(" ");
        match said {
            Expr::Call(call) => match &*call.func {
                Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                    let closure = format!("let {name} = || ");
                    let made = |rest: &str| rest.trim_start_matches("{ ").starts_with("Sentence::from(");
                    one_line.split(&closure).skip(1).any(made)
                        || self.source.lines().any(|line| {
                            line.contains(&format!("fn {name}(")) && line.ends_with("-> Sentence {")
                        })
                }),
                _ => false,
            },
            Expr::MethodCall(call) => call.method == "with" && self.is_a_sentence(&call.receiver),
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| {
                has(&format!("let {name} = Sentence::from("))
                    || has(&format!("{name}: Sentence"))
                    || has(&format!("{name}: impl Into<Sentence>"))
                    || has(&format!("Invalid {{ code, {name} }}"))
            }),
            _ => false,
        }
    }
}

impl<'a> Visit<'a> for Said {
    fn visit_expr_call(&mut self, call: &'a ExprCall) {
        let arguments: Vec<&Expr> = call.args.iter().collect();
        if let Some((of, function)) = called(call) {
            match (of.as_str(), function.as_str()) {
                ("Refusal", constructor) => {
                    if let Some(status) = status_of(constructor, arguments.first()) {
                        self.statuses.insert(status);
                        let skipped = usize::from(constructor == "with_status");
                        let texts: Vec<String> =
                            arguments.iter().skip(skipped).filter_map(|one| literal(one)).collect();
                        match texts.as_slice() {
                            [code, detail] => {
                                self.problems.entry(detail.clone()).or_default().insert(code.clone());
                            }
                            other => self.hidden.push(format!("{}: {other:?}", self.file)),
                        }
                    }
                }
                ("Fault", "new") | ("Error", "field") => {
                    self.fault(arguments.get(1).copied(), arguments.get(2).copied());
                }
                ("Invalid", "new") => self.fault(arguments.first().copied(), arguments.get(1).copied()),
                ("Sentence", "from") => {
                    if let Some(text) = arguments.first().and_then(|text| literal(text)) {
                        self.faults.entry(text).or_default();
                    }
                }
                _ => {}
            }
        }
        syn::visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        if call.method == "fault" && call.args.len() == 3 {
            self.fault(call.args.get(1), call.args.get(2));
        }
        syn::visit::visit_expr_method_call(self, call);
    }

    /// Inside of `vec![…]` and the like.
    fn visit_macro(&mut self, inside: &'a Macro) {
        let read = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(inside.tokens.clone());
        for expression in read.into_iter().flatten() {
            <Self as Visit<'_>>::visit_expr(self, &expression);
        }
    }

    /// Tests say what they like.
    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        if module.ident != "tests" {
            syn::visit::visit_item_mod(self, module);
        }
    }
}

fn said() -> Said {
    let mut said = Said::default();
    said.read(&root().join("src"));
    said
}

/// The sentences of a file by their keys.
fn keyed(part: &str) -> BTreeMap<String, String> {
    let messages = english(part).into_iter();
    messages.filter(|(key, _)| !key.starts_with("title-")).map(|(key, (text, _))| (key, text)).collect()
}

#[test]
fn every_sentence_of_the_code_has_one_key_and_every_key_its_sentence() {
    let said = said();
    assert!(said.hidden.is_empty(), "say these where their code stands: {:#?}", said.hidden);
    assert!(said.problems.len() > 100 && said.faults.len() > 60, "they are found");
    for (part, sentences) in [("problems", &said.problems), ("faults", &said.faults)] {
        let keyed = keyed(part);
        let texts: BTreeSet<&String> = keyed.values().collect();
        assert_eq!(
            texts.len(),
            keyed.len(),
            "locales/en/{part}.ftl: a sentence with two keys has one too many"
        );
        let missing: Vec<&String> = sentences.keys().filter(|text| !texts.contains(text)).collect();
        assert!(missing.is_empty(), "locales/en/{part}.ftl lacks {missing:#?}");
        for (key, text) in &keyed {
            let codes = sentences.get(text);
            let codes = codes.unwrap_or_else(|| panic!("locales/en/{part}.ftl: nothing says {key}: {text}"));
            let code = key.split('-').next().unwrap();
            assert!(codes.is_empty() || codes.contains(code), "{part}: {key} is said by {codes:?}");
        }
    }
}

#[test]
fn every_status_that_the_code_refuses_with_has_its_title() {
    let titles: BTreeMap<u16, String> = english("problems")
        .into_iter()
        .filter_map(|(key, (text, _))| Some((key.strip_prefix("title-")?.parse().unwrap(), text)))
        .collect();
    // The range of a file is judged without a refusal of its own.
    let known: BTreeSet<u16> = titles.keys().copied().collect();
    assert_eq!(known, said().statuses);
    for (status, title) in titles {
        // One that only tus has.
        let reason = StatusCode::from_u16(status).unwrap().canonical_reason().unwrap_or("Refused");
        assert_eq!(reason, title);
    }
}
