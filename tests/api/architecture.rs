//! The shape of the code, held by reading it as text.
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The slices, lowest first: each may use those before it.
const SLICES: [&str; 14] = [
    "accounts",
    "bounces",
    "catalog",
    "library",
    "checkout",
    "delivery",
    "licenses",
    "community",
    "storefront",
    "feeds",
    "backoffice",
    "notifications",
    "webhooks",
    "privacy",
];

/// What puts the slices together and so may name them all.
const WIRING: [&str; 10] = [
    "app.rs",
    "background",
    "backup",
    "cli",
    "demo",
    "lib.rs",
    "main.rs",
    "metrics.rs",
    "router",
    "store.rs",
];

/// Files of a slice that speak HTTP without being a list of routes: extractors, and a body of bytes.
const SPEAKING: [&str; 8] = [
    "accounts/access.rs",
    "accounts/reader.rs",
    "delivery/response.rs",
    "feeds/opds/asking.rs",
    "storefront/answers/asked.rs",
    "storefront/answers/front.rs",
    "storefront/answers/kept.rs",
    "storefront/visitor.rs",
];

/// What speaks HTTP beneath the slices.
const HTTP: [&str; 6] = ["error.rs", "metrics.rs", "operations.rs", "router", "serve.rs", "web"];

/// Every table and who alone has statements on it.
const OWNERS: &[(&str, &str)] = &[
    ("account", "accounts"),
    ("account_link", "accounts"),
    ("api_key", "accounts"),
    ("audit_entry", "backoffice"),
    ("build", "catalog"),
    ("build_file", "catalog"),
    ("cart_coupon", "checkout"),
    ("cart_item", "checkout"),
    ("category", "catalog"),
    ("category_translation", "catalog"),
    ("coupon", "checkout"),
    ("coupon_redemption", "checkout"),
    ("credit_balance", "checkout"),
    ("credit_entry", "checkout"),
    ("direct_upload", "delivery"),
    ("dispute", "checkout"),
    ("download_grant", "delivery"),
    ("entitlement", "library"),
    ("event", "events"),
    ("event_origin", "events"),
    ("event_reader", "events"),
    ("gift", "checkout"),
    ("idempotency_key", "idempotency.rs"),
    ("identity", "accounts"),
    ("invoice", "checkout"),
    ("invoice_counter", "checkout"),
    ("job", "the crate queue"),
    ("lease", "background"),
    ("ledger_entry", "checkout"),
    ("license_activation", "licenses"),
    ("license_key", "catalog"),
    ("license_policy", "catalog"),
    ("license_pool_low", "catalog"),
    ("logged_request", "delivery"),
    ("mail_unsubscribe", "notifications"),
    ("notification", "notifications"),
    ("notification_fan_out", "notifications"),
    ("notification_mark", "notifications"),
    ("notification_preference", "notifications"),
    ("object", "catalog"),
    ("object_scan", "delivery"),
    ("oidc_sign_in", "accounts"),
    ("order", "checkout"),
    ("order_line", "checkout"),
    ("order_place", "checkout"),
    ("order_transition", "checkout"),
    ("passkey", "accounts"),
    ("passkey_ceremony", "accounts"),
    ("payment", "checkout"),
    ("payment_flag", "checkout"),
    ("payment_return", "checkout"),
    ("price_change", "catalog"),
    ("product", "catalog"),
    ("product_category", "catalog"),
    ("product_language", "catalog"),
    ("product_media", "catalog"),
    ("product_media_file", "catalog"),
    ("provider_event", "checkout"),
    ("product_platform", "catalog"),
    ("product_relation", "catalog"),
    ("product_affinity", "catalog"),
    ("product_price", "catalog"),
    ("product_tag", "catalog"),
    ("product_translation", "catalog"),
    ("recovery_code", "accounts"),
    ("refresh_token", "accounts"),
    ("refund", "checkout"),
    ("refund_line", "checkout"),
    ("retired_slug", "catalog"),
    ("review", "community"),
    ("review_report", "community"),
    ("review_vote", "community"),
    ("sale", "catalog"),
    ("secret_key", "keys.rs"),
    ("session", "accounts"),
    ("sign_in_code", "accounts"),
    ("staff_grant", "library"),
    ("stamped_file", "catalog"),
    ("stream_ticket", "notifications"),
    ("suppressed_address", "mail"),
    ("tag", "catalog"),
    ("tag_translation", "catalog"),
    ("throttle", "accounts"),
    ("token_key", "accounts"),
    ("totp_factor", "accounts"),
    ("upload", "delivery"),
    ("webhook", "webhooks"),
    ("webhook_attempt", "webhooks"),
    ("webhook_delivery", "webhooks"),
    ("wishlist_item", "community"),
    ("withdrawal", "checkout"),
    ("withdrawal_line", "checkout"),
];

/// Lines of a file that is still one idea.
const LONGEST: usize = 500;

/// A file of `src/`.
struct Source {
    /// Below `src/`, such as `catalog/price.rs`.
    path: String,
    /// Without comments.
    code: String,
    lines: usize,
}

impl Source {
    /// The first part of the path: a slice's name, `web`, `error.rs`.
    fn part(&self) -> &str {
        self.path.split('/').next().unwrap()
    }

    fn is_in(&self, parts: &[&str]) -> bool {
        let part = self.part();
        parts
            .iter()
            .any(|one| *one == part || one.strip_suffix(".rs").is_none() && format!("{one}.rs") == part)
    }

    /// Whether it is a front door: `api.rs`, `something_api.rs`, or a file of a folder of that name.
    fn is_front_door(&self) -> bool {
        self.path.split('/').any(|part| {
            let name = part.trim_end_matches(".rs");
            name == "api" || name.ends_with("_api")
        })
    }

    /// What it takes from `root`, such as `catalog` and `error::Result` from `crate`.
    fn taken_from(&self, root: &str) -> Vec<String> {
        let path = format!("{root}::");
        let mut taken = Vec::new();
        for (at, _) in self.code.match_indices(&path) {
            let before = self.code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &self.code[at + path.len()..];
            if rest.starts_with('{') {
                taken.extend(items(rest));
            } else {
                let end =
                    rest.find(|c: char| !c.is_alphanumeric() && !"_:".contains(c)).unwrap_or(rest.len());
                taken.push(rest[..end].to_owned());
            }
        }
        taken
    }
}

/// The items between a brace and the one that closes it.
fn items(text: &str) -> Vec<String> {
    let (mut depth, mut item, mut items) = (0, String::new(), Vec::new());
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || c == ',' && depth == 1 {
            items.push(std::mem::take(&mut item));
        } else if depth > 1 || c != '{' {
            item.push(c);
        }
        if depth == 0 {
            break;
        }
    }
    items.into_iter().map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

/// The first name of a path.
fn first(path: &str) -> &str {
    path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = |line: &str| line.split("//").next().unwrap().to_owned() + "\n";
                sources.push(Source {
                    path: path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(),
                    code: text.lines().map(code).collect(),
                    lines: text.lines().count(),
                });
            }
        }
    }
    assert!(sources.len() > 50, "the sources were not found");
    sources
}

/// Collects what each file does wrong, and fails with all of it.
fn hold(rule: impl Fn(&Source) -> Vec<String>) {
    let told = |source: &Source| {
        rule(source).into_iter().map(|what| format!("src/{}: {what}", source.path)).collect::<Vec<_>>()
    };
    let broken: Vec<String> = sources().iter().flat_map(told).collect();
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn a_slice_uses_only_lower_slices() {
    hold(|source| {
        let own = SLICES.iter().position(|slice| *slice == source.part());
        let may = if source.is_in(&WIRING) { SLICES.len() } else { own.map_or(0, |own| own + 1) };
        let taken = source.taken_from("crate");
        let above = taken.iter().map(|path| first(path)).filter(|name| SLICES[may..].contains(name));
        above
            .map(|name| {
                format!(
                    "uses `crate::{name}`, which lies above. Move the use case up into `{name}`, or hand what it \
                     needs down as an argument."
                )
            })
            .collect()
    });
}

#[test]
fn rules_know_nothing_of_http() {
    hold(|source| {
        let speaks =
            source.is_in(&HTTP) || source.is_front_door() || SPEAKING.contains(&source.path.as_str());
        if speaks || source.taken_from("axum").is_empty() {
            return Vec::new();
        }
        vec!["uses axum. Let the handler in `api.rs` read the request and write the answer; take parsed values and \
              return a plain type here."
            .to_owned()]
    });
}

#[test]
fn a_table_is_used_by_its_owner_alone() {
    hold(|source| {
        let taken = source.taken_from("entity");
        let tables = taken.iter().map(|path| first(path));
        tables
            .filter_map(|table| match OWNERS.iter().find(|(name, _)| *name == table) {
                None => Some(format!(
                    "uses the table `{table}`, which has no owner. Name one in tests/api/architecture.rs."
                )),
                Some((_, owner)) if *owner != source.part() => Some(format!(
                    "uses the table `{table}` of `{owner}`. Call a function of `crate::{owner}`, or let it re-export \
                     the type."
                )),
                Some(_) => None,
            })
            .collect()
    });
}

#[test]
fn statements_are_private_to_their_slice() {
    hold(|source| {
        let public = source.code.lines().any(|line| {
            let line = line.trim();
            line.starts_with("pub") && line.ends_with("mod queries;")
        });
        let advice =
            "makes `queries` public. Keep `mod queries;` private and offer a function of the use case.";
        if public { vec![advice.to_owned()] } else { Vec::new() }
    });
}

#[test]
fn requests_are_read_by_our_own_extractors() {
    hold(|source| {
        if source.part() == "web" {
            return Vec::new();
        }
        let taken = source.taken_from("axum");
        let words = taken.iter().flat_map(|path| path.split(|c: char| !c.is_alphanumeric()));
        words
            .filter(|word| ["Form", "Json", "Path", "Query"].contains(word))
            .map(|word| {
                format!("uses axum's own `{word}`. Use `web::{word}`, whose refusals are problem documents.")
            })
            .collect()
    });
}

#[test]
fn every_route_is_in_the_document() {
    hold(|source| {
        // Pages for people are no operations of the API.
        let outside = source.path == "metrics.rs" || source.path.ends_with("/pages_api.rs");
        let plain = source.code.contains(".route(") && !outside;
        let advice = "adds a route by `.route(…)`, which no document shows. Use `.routes(routes!(handler))`.";
        if plain { vec![advice.to_owned()] } else { Vec::new() }
    });
}

#[test]
fn a_file_is_one_idea() {
    hold(|source| {
        let advice = || format!("has {} lines. Split it by use case, not by kind of item.", source.lines);
        if source.lines > LONGEST { vec![advice()] } else { Vec::new() }
    });
}

#[test]
fn what_is_taken_is_found_in_groups_too() {
    let code = "use crate::{\n    a::{self, b},\n    c, d::E,\n};\nlet x = crate::f::g();\nnot_crate::h;";
    let source = Source { path: "x.rs".to_owned(), code: code.to_owned(), lines: 1 };
    assert_eq!(source.taken_from("crate"), ["a::{self, b}", "c", "d::E", "f::g"]);
}
