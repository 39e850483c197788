//! The matrix holds every operation of the API document as its handler asks it, and the page shows the matrix.
use mist::accounts::{Role, Scope, matrix};

use super::role;
use crate::openapi::operations;

#[test]
fn the_matrix_has_every_operation_with_the_role_of_its_handler_and_no_other() {
    let operations = operations();
    for (method, path, operation) in &operations {
        let row = matrix::MATRIX.iter().find(|row| row.path == path && row.method == method);
        let row = row.unwrap_or_else(|| panic!("{method} {path} has no row in src/accounts/matrix.rs"));
        assert_eq!(row.access.role().map(Role::name), role(operation), "{method} {path}");
        assert_eq!(row.access.scope().map(Scope::name), operation["x-scope"].as_str(), "{method} {path}");
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
