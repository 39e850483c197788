//! The layers of the settings: built-in defaults, a file, the environment, the flags; a later one wins.
use std::{fmt, path::Path};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Serialized, Toml},
    value::{Dict, Map, Value},
};

use super::{Config, Secret};

/// The file that is read from the working directory when none is named.
const FILE: &str = "mist.toml";
/// What the names of our environment variables begin with.
const PREFIX: &str = "MIST_";
/// Kubernetes injects these for a service called `mist`.
const INJECTED: [&str; 2] = ["MIST_SERVICE_", "MIST_PORT"];
/// With this key `mist push` and `mist pull` ask other stores; to this one it is nothing.
const KEY: &str = "MIST_API_KEY";

/// Why the settings can't be used: each line names a setting and where it comes from.
#[derive(Debug)]
pub struct Problem(Vec<String>);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problem {}

/// Reads the settings; `flags` are pairs such as `("http.listen", "127.0.0.1:0")`.
pub fn load(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
    flags: &[(&str, String)],
) -> Result<Config, Problem> {
    let mut figment = Figment::new();
    match file {
        Some(path) if !path.is_file() => {
            return Err(Problem(vec![format!("--config {}: there is no such file", path.display())]));
        }
        Some(path) => figment = figment.merge(Toml::file_exact(path)),
        None if Path::new(FILE).is_file() => figment = figment.merge(Toml::file_exact(FILE)),
        None => {}
    }
    figment = figment.merge(Environment::read(environment));
    for (key, value) in flags {
        figment = figment.merge(Serialized::default(key, value));
    }
    let mut config: Config = figment
        .extract()
        .map_err(|error| Problem(error.into_iter().map(|error| describe(&error)).collect()))?;
    if config.database.url.as_str().is_empty() {
        config.database.url = Secret::new(format!("sqlite://{}", config.folder("mist.db").display()));
    }
    check(&config)?;
    Ok(config)
}

/// What no single field can say of itself.
fn check(config: &Config) -> Result<(), Problem> {
    let mut faults = Vec::new();
    let mut refuse = |wrong: bool, setting: &str, why: &str| {
        if wrong {
            faults.push(format!("{setting}: {why}"));
        }
    };
    let url = config.database.url.as_str();
    let known = ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme));
    refuse(!known, "database.url", "begins with neither sqlite:// nor postgres://");
    let replica = config.database.read_url.as_ref().map(Secret::as_str);
    let of_postgres = |url: &str| ["postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme));
    refuse(
        replica.is_some_and(|replica| !of_postgres(replica) || !of_postgres(url)),
        "database.read_url",
        "is a replica of PostgreSQL, postgres://…, beside a database.url of PostgreSQL",
    );
    refuse(config.database.connections == 0, "database.connections", "must be at least 1");
    refuse(config.database.read_connections == 0, "database.read_connections", "must be at least 1");
    refuse(config.http.max_connections == 0, "http.max_connections", "must be at least 1");
    refuse(
        config.http.drain_seconds > super::MOST_DRAIN_SECONDS,
        "http.drain_seconds",
        "must be at most 300",
    );
    let tls = &config.http.tls;
    refuse(
        tls.certificate.is_some() != tls.key.is_some(),
        "http.tls",
        "names a certificate and its key, or neither",
    );
    refuse(
        config.storefront.sitemap_addresses > super::SITEMAP_ADDRESSES,
        "storefront.sitemap_addresses",
        "must be at most 50000",
    );
    refuse(
        config.metrics.emf_seconds > 0 && config.metrics.listen.is_none(),
        "metrics.emf_seconds",
        "needs metrics.listen",
    );
    for (setting, url) in
        [("http.public_url", &config.http.public_url), ("http.frontend_url", &config.http.frontend_url)]
    {
        refuse(
            url.as_ref().is_some_and(|url| !matches!(url.scheme(), "http" | "https")),
            setting,
            "must begin with http:// or https://",
        );
    }
    refuse(
        config.http.return_origins.iter().any(|url| !matches!(url.scheme(), "http" | "https")),
        "http.return_origins",
        "must begin with http:// or https://",
    );
    faults.extend(config.mail.faults());
    faults.extend(config.topic.faults());
    faults.extend(config.payments.faults());
    faults.extend(config.storage.faults());
    faults.extend(config.traces.faults());
    faults.extend(config.delivery.faults(config));
    faults.extend(config.cdn.cloudfront.faults(&config.storage));
    faults.extend(config.oidc.iter().flat_map(|(name, provider)| provider.faults(name)));
    if faults.is_empty() { Ok(()) } else { Err(Problem(faults)) }
}

fn describe(error: &figment::Error) -> String {
    let path = error.path.join(".");
    let source = error.metadata.as_ref().map_or_else(String::new, |source| {
        let name = match &source.source {
            Some(from) => from.to_string(),
            None => source.name.to_string(),
        };
        format!(" (from {name})")
    });
    let variable = format!("{PREFIX}{}", path.to_uppercase().replace('.', "__"));
    match &error.kind {
        figment::error::Kind::UnknownField(field, _) => {
            let section = if path.is_empty() {
                field.clone()
            } else if path.ends_with(field.as_str()) {
                path.clone()
            } else {
                format!("{path}.{field}")
            };
            format!(
                "{section}: there is no such setting (in the environment {PREFIX}{}){source}",
                section.to_uppercase().replace('.', "__")
            )
        }
        kind => format!("{path} (in the environment {variable}): {kind}{source}"),
    }
}

/// The environment as a layer: every value a text, `__` between section and key.
struct Environment(Dict);

impl Environment {
    fn read(variables: impl Iterator<Item = (String, String)>) -> Self {
        let mut root = Dict::new();
        for (name, value) in variables {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            if name == KEY || INJECTED.iter().any(|injected| name.starts_with(injected)) {
                continue;
            }
            let path: Vec<String> = key.split("__").map(str::to_lowercase).collect();
            insert(&mut root, &path, value);
        }
        Self(root)
    }
}

fn insert(dict: &mut Dict, path: &[String], value: String) {
    match path {
        [] => {}
        [key] => {
            dict.insert(key.clone(), Value::from(value));
        }
        [section, rest @ ..] => {
            let mut inner = match dict.remove(section) {
                Some(Value::Dict(_, inner)) => inner,
                _ => Dict::new(),
            };
            insert(&mut inner, rest, value);
            dict.insert(section.clone(), Value::from(inner));
        }
    }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.0.clone())]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Config, Problem> {
        load(None, variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())), &[])
    }

    #[test]
    fn the_environment_beats_the_defaults_and_flags_beat_both() {
        let config = with(&[
            ("MIST_HTTP__LISTEN", "127.0.0.1:9"),
            ("MIST_STORE__NAME", "42"),
            ("MIST_DATABASE__MIGRATE", "false"),
        ])
        .unwrap();
        assert_eq!(
            (config.http.listen.port(), config.store.name.as_str(), config.database.migrate),
            (9, "42", false)
        );
        let flags = [("http.listen", "127.0.0.1:7".to_owned())];
        let config =
            load(None, [("MIST_HTTP__LISTEN".to_owned(), "127.0.0.1:9".to_owned())].into_iter(), &flags)
                .unwrap();
        assert_eq!(config.http.listen.port(), 7);
    }

    #[test]
    fn an_unknown_or_malformed_setting_is_named() {
        for (variable, value, named) in [
            ("MIST_HTTP__LISTN", "x", "http.listn"),
            ("MIST_NONSENSE", "x", "nonsense"),
            ("MIST_HTTP__LISTEN", "not an address", "http.listen"),
            ("MIST_CHECKOUT__ORDER_EXPIRY", "soon", "checkout.order_expiry"),
            ("MIST_STORE__CURRENCY", "XXX", "store.currency"),
            ("MIST_PAYMENTS__PROVIDERS", "mock,gold", "payments.providers"),
            ("MIST_PAYMENTS__PROVIDERS", "stripe", "payments.stripe.secret_key"),
            ("MIST_PAYMENTS__STRIPE__SECRET_KEY", "sk_live_1", "payments.providers"),
            ("MIST_DATABASE__URL", "mysql://x", "database.url"),
            ("MIST_DATABASE__READ_URL", "postgres://db/mist", "database.read_url"),
            ("MIST_OIDC__GOOGLE__ISSUER", "https://accounts.google.com", "oidc.google"),
            ("MIST_OIDC__GOOGLE__SECRET", "x", "oidc.google.secret"),
        ] {
            let message = with(&[(variable, value)]).unwrap_err().to_string();
            assert!(message.contains(named), "{variable}: {message}");
        }
    }

    #[test]
    fn a_trusted_proxy_is_an_address_or_a_network() {
        let config = with(&[("MIST_HTTP__TRUSTED_PROXIES", "127.0.0.1, ::1,10.0.0.0/8")]).unwrap();
        let named: Vec<String> = config.http.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(named, ["127.0.0.1/32", "::1/128", "10.0.0.0/8"]);
    }

    #[test]
    fn what_is_meant_for_others_is_ignored() {
        assert!(with(&[("MIST_API_KEY", "mist_secret")]).is_ok());
        assert!(
            with(&[("MIST_SERVICE_HOST", "10.0.0.1"), ("MIST_PORT_8080_TCP", "tcp://10.0.0.1:8080")]).is_ok()
        );
    }

    #[test]
    fn a_provider_is_named_and_reached_as_it_should_be() {
        let with = |name: &str, issuer: &str| {
            let variables = [("ISSUER", issuer), ("CLIENT_ID", "mist"), ("CLIENT_SECRET", "a:secret")];
            let variables =
                variables.map(|(key, value)| (format!("MIST_OIDC__{name}__{key}"), value.to_owned()));
            load(None, variables.into_iter(), &[])
        };
        let config = with("KEY_CLOAK", "https://id.example.com/realms/mist").unwrap();
        assert_eq!(config.oidc["key_cloak"].scopes, ["openid", "email", "profile"]);
        let shown = serde_json::to_string(&config).unwrap();
        assert!(!shown.contains("a:secret") && !format!("{config:?}").contains("a:secret"), "{shown}");
        for (name, issuer, named) in [
            ("A.B", "https://id.example.com", "oidc.a.b:"),
            ("X", "ftp://id.example.com", "oidc.x.issuer"),
            ("X", "id.example.com", "oidc.x.issuer"),
            ("X", "https://id.example.com?realm=1", "oidc.x.issuer"),
        ] {
            let message = with(name, issuer).unwrap_err().to_string();
            assert!(message.contains(named), "{issuer}: {message}");
        }
    }

    #[test]
    fn a_bucket_is_no_name_before_an_address_of_numbers() {
        let with = |endpoint: &str, path_style: &str| {
            with(&[
                ("MIST_STORAGE__KIND", "s3"),
                ("MIST_STORAGE__S3__BUCKET", "mist"),
                ("MIST_STORAGE__S3__ENDPOINT", endpoint),
                ("MIST_STORAGE__S3__PATH_STYLE", path_style),
            ])
        };
        for endpoint in ["http://127.0.0.1:3900", "http://[::1]:3900"] {
            assert!(with(endpoint, "true").is_ok());
            let message = with(endpoint, "false").unwrap_err().to_string();
            assert!(message.contains("storage.s3.path_style: must be true"), "{message}");
        }
        assert!(with("http://s3.example.com:3900", "false").is_ok());
    }

    #[test]
    fn the_key_of_cloudfront_is_a_file_or_a_text_that_is_never_shown() {
        let with = |keys: &[(&str, &str)]| {
            let cloudfront = [
                ("MIST_STORAGE__KIND", "s3"),
                ("MIST_STORAGE__S3__BUCKET", "mist"),
                ("MIST_CDN__CLOUDFRONT__DOMAIN", "d111111abcdef8.cloudfront.net"),
                ("MIST_CDN__CLOUDFRONT__KEY_PAIR_ID", "K2JCJMDEHXQW5F"),
            ];
            with(&[&cloudfront, keys].concat())
        };
        let (file, text) = (
            ("MIST_CDN__CLOUDFRONT__PRIVATE_KEY_FILE", "links.pem"),
            ("MIST_CDN__CLOUDFRONT__PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----\nhunter2\n"),
        );
        assert!(with(&[file]).is_ok());
        let config = with(&[text]).unwrap();
        let shown = serde_json::to_string(&config).unwrap();
        assert!(!shown.contains("hunter2") && !format!("{config:?}").contains("hunter2"), "{shown}");
        for keys in [vec![], vec![file, text]] {
            let message = with(&keys).unwrap_err().to_string();
            assert!(message.contains("cdn.cloudfront.private_key_file, private_key"), "{message}");
        }
    }

    #[test]
    fn secrets_are_shown_masked() {
        let config =
            with(&[("MIST_DATABASE__URL", "postgres://mist:hunter2@db/mist"), ("MIST_MASTER_KEY", "cafe")])
                .unwrap();
        let shown = serde_json::to_string(&config).unwrap();
        assert!(!shown.contains("hunter2") && !shown.contains("cafe"), "{shown}");
    }
}
