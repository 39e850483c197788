//! A store with a product, and what tests of builds and downloads ask of it.
use chrono::{DateTime, Utc};
use entity::{entitlement, product};
use reqwest::Method;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, PASSWORD, Reply, TestApp};

pub struct Shop {
    pub app: TestApp,
    pub editor: Client,
    pub product: Uuid,
}

impl Shop {
    pub async fn new() -> Self {
        Self::of(TestApp::new().await).await
    }

    pub async fn of(app: TestApp) -> Self {
        let editor = app.editor().await;
        let product = product(&app, "celeste").await;
        Self { app, editor, product }
    }

    /// Stops the store and opens it anew, elsewhere and so with another address; its editor signs in again.
    pub async fn restart(self) -> Self {
        let app = self.app.restart().await;
        Self { app, ..self }.signed_in_again().await
    }

    /// The same with an editor whose sign-in is new.
    pub async fn signed_in_again(self) -> Self {
        let editor = self.back("editor").await;
        Self { editor, ..self }
    }

    /// Somebody whose sign-in is too old, signed in again.
    pub async fn back(&self, name: &str) -> Client {
        let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
        Client::signed_in(&self.app.url, &self.app.nobody().post("/api/v1/auth/login", body).await.json())
    }

    /// A draft of a build; its id.
    pub async fn draft(&self, version: &str, platform: &str) -> Uuid {
        let body = json!({"version": version, "platform": platform});
        let reply = self.editor.post(&format!("/api/v1/admin/products/{}/builds", self.product), body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        id(&reply.json())
    }

    pub async fn upload(&self, build: Uuid, name: &str, bytes: impl Into<reqwest::Body>) -> Reply {
        Reply::of(self.editor.request(Method::PUT, &file_path(build, name)).body(bytes)).await
    }

    pub async fn act(&self, build: Uuid, action: &str) -> Reply {
        self.editor.act(&format!("/api/v1/admin/builds/{build}/{action}")).await
    }

    pub async fn show(&self, build: Uuid) -> Value {
        self.editor.get(&format!("/api/v1/admin/builds/{build}")).await.json()
    }

    /// A released build with these files.
    pub async fn released(&self, version: &str, platform: &str, files: &[(&str, &[u8])]) -> Uuid {
        let build = self.draft(version, platform).await;
        for (name, bytes) in files {
            let reply = self.upload(build, name, bytes.to_vec()).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
        }
        let reply = self.act(build, "release").await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        build
    }

    /// Somebody who owns the product.
    pub async fn owner(&self, name: &str) -> Client {
        let client = self.app.account(name).await;
        self.grant(&client, self.product).await;
        client
    }

    pub async fn grant(&self, client: &Client, product: Uuid) {
        let row = entitlement::Model {
            id: self.app.clock.new_id(),
            account_id: client.account_id(),
            product_id: product,
            source: entitlement::Source::Grant,
            source_id: self.app.clock.new_id(),
            status: entitlement::Status::Active,
            granted_at: self.app.clock.now(),
            revoked_at: None,
            last_downloaded_at: None,
            download_begun_at: None,
        };
        row.into_active_model().insert(self.app.app.db.writer()).await.unwrap();
    }

    /// Asks for a download of the product.
    pub async fn ask(&self, client: &Client, choice: Value) -> Reply {
        client.post(&format!("/api/v1/library/{}/downloads", self.product), choice).await
    }

    /// The address of a new link.
    pub async fn link(&self, client: &Client) -> String {
        let reply = self.ask(client, json!({})).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["url"].as_str().unwrap().to_owned()
    }

    /// GET without a credential, with headers.
    pub async fn fetch(&self, url: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = self.app.nobody().request(Method::GET, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::of(request).await
    }

    /// When what is owned was last downloaded.
    pub async fn last_downloaded(&self) -> Option<DateTime<Utc>> {
        let rows = entitlement::Entity::find().all(&self.app.app.db.read).await.unwrap();
        rows[0].last_downloaded_at
    }

    /// The files under a folder of the data folder.
    pub fn files(&self, folder: &str) -> usize {
        count(&self.app.path(folder))
    }
}

fn count(folder: &std::path::Path) -> usize {
    // A bucket has no empty folders.
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
}

pub fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// The address of a file of a build, percent-encoded.
pub fn file_path(build: Uuid, name: &str) -> String {
    let mut url = url::Url::parse("http://x").unwrap();
    url.path_segments_mut().unwrap().extend([
        "api",
        "v1",
        "admin",
        "builds",
        &build.to_string(),
        "files",
        name,
    ]);
    url.path().to_owned()
}

/// A product, put straight into the database.
pub async fn product(app: &TestApp, slug: &str) -> Uuid {
    let now = app.clock.now();
    let row = product::Model {
        id: app.clock.new_id(),
        external_id: None,
        slug: slug.to_owned(),
        kind: product::Kind::Game,
        status: product::Status::Published,
        title: slug.to_owned(),
        sort_title: slug.to_owned(),
        summary: String::new(),
        description: String::new(),
        publisher: None,
        developer: None,
        release_date: None,
        age_rating: None,
        system_requirements: None,
        media_urls: json!([]),
        pictures: json!([]),
        tags: json!([]),
        categories: json!([]),
        platforms: json!([]),
        languages: json!([]),
        search_text: String::new(),
        rating_sum: 0,
        rating_count: 0,
        rating_average: 0.0,
        stars_1: 0,
        stars_2: 0,
        stars_3: 0,
        stars_4: 0,
        stars_5: 0,
        popularity: 0,
        pay_what_you_want: false,
        preorder: false,
        version: 1,
        created_at: now,
        updated_at: now,
        published_at: Some(now),
    };
    row.into_active_model().insert(app.app.db.writer()).await.unwrap().id
}

/// Bytes that differ from window to window.
pub fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect()
}

/// SHA-256 as hex.
pub fn hex(bytes: &[u8]) -> String {
    mist::keys::sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `Repr-Digest` of bytes.
pub fn repr_digest(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("sha-256=:{}:", STANDARD.encode(mist::keys::sha256(bytes)))
}
