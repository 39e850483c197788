//! The matrix holds every operation of the API document as its handler asks it, and the page shows the matrix.
use mist::accounts::{Role, Scope, matrix};

use serde_json::Value;

use super::roles_of;
use crate::openapi::operations;

#[test]
fn the_matrix_has_every_operation_with_the_role_of_its_handler_and_no_other() {
    let operations = operations();
    for (method, path, operation) in &operations {
        let row = matrix::MATRIX.iter().find(|row| row.path == path && row.method == method);
        let row = row.unwrap_or_else(|| panic!("{method} {path} has no row in src/accounts/matrix.rs"));
        let (roles, scopes) = (row.access.roles(), row.access.scopes());
        assert_eq!(
            roles.into_iter().map(Role::name).collect::<Vec<_>>(),
            roles_of(operation),
            "{method} {path}"
        );
        let told = match &operation["x-scope"] {
            Value::Null => Vec::new(),
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        assert_eq!(scopes.into_iter().map(Scope::name).collect::<Vec<_>>(), told, "{method} {path}");
    }
    assert_eq!(
        matrix::MATRIX.len(),
        operations.len(),
        "a row of the matrix is no operation or is there twice"
    );
}

#[test]
fn the_page_of_roles_is_that_of_the_matrix() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/roles.md");
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(kept == matrix::page(), "docs/roles.md is out of date: `cargo run -- roles > docs/roles.md`");
}
