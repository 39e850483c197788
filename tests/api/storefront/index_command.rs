//! The index as the operator sees it, and builds it anew.
use entity::product;
use mist::{background, values::fold};
use sea_orm::{ActiveModelTrait, Set, Unchanged};
use uuid::Uuid;

use super::shelf::{Item, add, found, item};
use crate::support::TestApp;

/// Renames a product behind the store's back: no event tells of it.
async fn rename_silently(app: &TestApp, id: Uuid, title: &str) {
    let row = product::ActiveModel {
        id: Unchanged(id),
        title: Set(title.to_owned()),
        sort_title: Set(fold(title)),
        ..Default::default()
    };
    row.update(app.app.db.writer()).await.unwrap();
}

#[tokio::test]
async fn a_running_store_builds_its_index_anew_when_the_operator_asks() {
    let app = TestApp::new().await;
    let id = add(&app, Item { title: "Moby", ..item("moby") }).await;
    assert_eq!(found(&app, "q=moby").await, ["moby"]);
    let (fine, said) = app.run(&["index", "status"]).await;
    assert!(fine && said.contains("1  in use  1 products in 1 segments  up to event"), "{said}");

    rename_silently(&app, id, "Ahab").await;
    assert_eq!(found(&app, "q=ahab").await, [""; 0], "the index follows the log, and the log is silent");
    let (fine, said) = app.run(&["index", "rebuild"]).await;
    assert!(fine && said.contains("1 running copy"), "{said}");
    background::tick(&app.app, "catalog index").await.unwrap();
    assert_eq!(found(&app, "q=ahab").await, ["moby"]);

    rename_silently(&app, id, "Queequeg").await;
    background::tick(&app.app, "catalog index").await.unwrap();
    assert_eq!(found(&app, "q=queequeg").await, [""; 0], "it was asked for once");
}

#[tokio::test]
async fn the_index_of_a_store_at_rest_is_built_by_the_command() {
    let app = TestApp::new().await;
    add(&app, item("moby")).await;
    let folder = tempfile::tempdir().unwrap();
    let at_rest = async |arguments: &[&str]| {
        // The same tables, seen from another machine on which nothing runs.
        let mut program = crate::support::program();
        program
            .arg("--data-dir")
            .arg(folder.path())
            .env("MIST_DATABASE__URL", app.app.config.database.url.as_str())
            .env("MIST_MASTER_KEY", master_key(&app))
            .current_dir(folder.path());
        crate::support::said(program.args(arguments).output().await.unwrap())
    };
    let (fine, said) = at_rest(&["index", "rebuild"]).await;
    assert!(fine && said.contains("1  not in use  1 products in 1 segments"), "{said}");
    assert_eq!(at_rest(&["index", "status"]).await.1.lines().count(), 1);
}

fn master_key(app: &TestApp) -> String {
    std::fs::read_to_string(app.app.config.data_dir.join("master.key")).unwrap().trim().to_owned()
}
