//! The API document: what every operation shares is said here once.
use http::Method;
use serde_json::json;
use utoipa::{
    OpenApi as _, ToSchema,
    openapi::{
        ComponentsBuilder, ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr,
        Required, ResponseBuilder,
        extensions::ExtensionsBuilder,
        path::Operation,
        schema::{ObjectBuilder, Schema, Type},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

use crate::{
    accounts::{Scope, matrix},
    error::{Fault, Problem},
};

/// The name of the credential that opens everything.
const BEARER: &str = "bearer";
/// The name of the one that e-readers can send: an API key as the password.
const BASIC: &str = "basic";

#[derive(utoipa::OpenApi)]
struct Base;

/// What the document says before any route.
pub(super) fn base() -> OpenApi {
    let mut document = Base::openapi();
    document.info = InfoBuilder::new()
        .title("Mist")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("A store that sells, owns and delivers games, software and e-books."))
        .license(Some(LicenseBuilder::new().name("Apache-2.0 OR MIT").build()))
        .build();
    document
}

/// Adds what every operation shares: the credential, the problem documents, the request id.
pub(super) fn finish(mut document: OpenApi) -> OpenApi {
    let mut schemas = vec![(Problem::name().into_owned(), <Problem as utoipa::PartialSchema>::schema())];
    Problem::schemas(&mut schemas);
    schemas.push((Fault::name().into_owned(), <Fault as utoipa::PartialSchema>::schema()));
    let components = document.components.get_or_insert_with(|| ComponentsBuilder::new().build());
    for (name, schema) in schemas {
        components.schemas.insert(name, schema);
    }
    let token = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(token));
    let password = Http::builder().scheme(HttpAuthScheme::Basic).build();
    components.add_security_scheme(BASIC, SecurityScheme::Http(password));
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (Method::GET, &mut item.get),
            (Method::PUT, &mut item.put),
            (Method::POST, &mut item.post),
            (Method::DELETE, &mut item.delete),
            (Method::PATCH, &mut item.patch),
            (Method::HEAD, &mut item.head),
            (Method::OPTIONS, &mut item.options),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                complete(operation);
                tell_scope(operation, &method, path);
            }
        }
    }
    document
}

/// Says as `x-scope` which scope opens an operation to API keys, a list where one of several does; where it says none,
/// none does.
fn tell_scope(operation: &mut Operation, method: &Method, path: &str) {
    let names = matrix::row(method, path).into_iter().flat_map(|row| row.access.scopes());
    let names: Vec<&str> = names.map(Scope::name).collect();
    let told = match names.as_slice() {
        [] => return,
        [only] => json!(only),
        several => json!(several),
    };
    operation.extensions = Some(ExtensionsBuilder::new().add("x-scope", told).build());
}

fn complete(operation: &mut Operation) {
    // Public operations say so with an empty `security(())`.
    if operation.security.is_none() {
        operation.security = Some(vec![SecurityRequirement::new(BEARER, Vec::<String>::new())]);
    }
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    for (status, description) in
        [("4XX", "Refused: see `code`."), ("5XX", "Failed, or unavailable at present.")]
    {
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", problem.clone())
            .build();
        operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            let id = HeaderBuilder::new()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .description(Some("The caller's id of this request if it was well-formed, else a new one."))
                .build();
            response.headers.insert("X-Request-Id".to_owned(), RefOr::T(id));
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::True);
        for content in body.content.values_mut() {
            let RefOr::T(content) = content else { continue };
            // `Option<T>` means that the body may be left out, not that it may be `null`.
            if let Some(present) = content.schema.as_ref().and_then(without_null) {
                content.schema = Some(present);
                body.required = Some(Required::False);
            }
        }
    }
}

/// The schema that a `oneOf` offers beside `null`.
fn without_null(schema: &RefOr<Schema>) -> Option<RefOr<Schema>> {
    let RefOr::T(Schema::OneOf(choice)) = schema else { return None };
    let is_null = |item: &&RefOr<Schema>| matches!(item, RefOr::T(Schema::Object(object)) if object.schema_type == Type::Null.into());
    choice.items.iter().find(is_null)?;
    choice.items.iter().find(|item| !is_null(item)).cloned()
}
