//! The demo: an empty store filled with a catalog to look at, files to download, what people think of it, and two
//! of them to sign in as.
use futures::FutureExt;
use uuid::Uuid;

use crate::{
    accounts::{self, NewAccount, Role},
    app::App,
    catalog::{
        self,
        builds::{self, NewBuild},
    },
    delivery,
    error::{Error, Result},
    keys::new_token,
    languages::Language,
    values::{DisplayName, Email, FileName, Invalid, NewPassword},
    web::if_match::IfMatch,
};

mod data;
mod reviews;

/// Characters of a demo password: 96 bits.
const PASSWORD_LENGTH: usize = 16;
/// Who keeps the demo's catalog.
const EDITOR: &str = "editor@demo.example";
/// Who buys in the demo.
const CUSTOMER: &str = "customer@demo.example";

/// Somebody to sign in as; told once.
pub struct SignIn {
    /// What the account may do.
    pub role: &'static str,
    /// The address.
    pub email: &'static str,
    /// Random, stored nowhere but as a hash.
    pub password: String,
}

/// Fills an empty store and gives the sign-ins; none when the store has data, which is left as it is.
pub async fn fill(app: &App) -> Result<Option<[SignIn; 2]>> {
    if catalog::has_products(&app.db.read).await? || accounts::has_accounts(&app.db.read).await? {
        return Ok(None);
    }
    let (editor, editor_sign_in) = person(app, "editor", EDITOR, "Editor", vec![Role::Editor]).await?;
    let (_, customer_sign_in) = person(app, "customer", CUSTOMER, "Customer", Vec::new()).await?;
    labels(app, editor).await?;
    let tally =
        catalog::import(&app.db, &app.clock, Some(editor), Language::english(), data::CATALOG.as_bytes())
            .await?;
    if let Some(bad) = tally.errors.first() {
        return Err(Error::unexpected(format!("line {} of the demo catalog: {}", bad.line, bad.message)));
    }
    files(app, editor).await?;
    reviews::write(app, editor).await?;
    Ok(Some([editor_sign_in, customer_sign_in]))
}

async fn person(
    app: &App,
    role: &'static str,
    email: &'static str,
    name: &str,
    roles: Vec<Role>,
) -> Result<(Uuid, SignIn)> {
    let mut password = new_token()?;
    password.truncate(PASSWORD_LENGTH);
    let new = NewAccount {
        email: Email::parse(email).map_err(unexpected)?,
        password: NewPassword::parse(&password).map_err(unexpected)?,
        display_name: DisplayName::parse(name).map_err(unexpected)?,
        locale: None,
        country: None,
        roles,
    };
    let account = accounts::create(&app.db, &app.clock, &app.identity.hashing, new).await?;
    Ok((account.id, SignIn { role, email, password }))
}

/// Categories and tags with their names in every language.
async fn labels(app: &App, editor: Uuid) -> Result<()> {
    let names = data::names()?;
    for category in names.categories {
        let name = data::own(&category.names, &category.slug)?.clone();
        let new = catalog::NewCategory { slug: category.slug.clone(), name, parent: category.parent };
        catalog::create_category(app, editor, &new).await?;
        for (tag, name) in category.names.iter().filter(|(tag, _)| *tag != "en") {
            catalog::translate_category(app, editor, &category.slug, &data::locale(tag)?, Some(name)).await?;
        }
    }
    for label in names.tags {
        let name = data::own(&label.names, &label.slug)?.clone();
        catalog::create_tag(app, editor, &catalog::NewTag { slug: label.slug.clone(), name }).await?;
        for (tag, name) in label.names.iter().filter(|(tag, _)| *tag != "en") {
            catalog::translate_tag(app, editor, &label.slug, &data::locale(tag)?, Some(name)).await?;
        }
    }
    Ok(())
}

/// A released build of every product on each of its platforms.
async fn files(app: &App, editor: Uuid) -> Result<()> {
    let mut offered = data::builds()?;
    for line in data::lines()? {
        let missing = || Error::unexpected(format!("{} has no builds in the demo", line.slug));
        let product = catalog::product_by_slug(&app.db.read, &line.slug).await?.ok_or_else(missing)?;
        let offer = offered.remove(&line.slug).ok_or_else(missing)?;
        for build in offer.builds {
            let (name, text) = match data::file(&build.file) {
                Some(text) => (build.file, text.to_owned()),
                None => (format!("{}-readme.txt", line.slug), readme(&line, offer.version.as_str())),
            };
            let mut writer = app.objects.writer().await?;
            writer.write(text.into()).await?;
            let stored = writer.finish().await?;
            let new = NewBuild {
                version: offer.version.clone(),
                platform: build.platform,
                arch: None,
                kind: None,
                rollout_percent: None,
                channel: Some(build.channel),
                notes: None,
            };
            let build = builds::create(app, product.id, &IfMatch::default(), new).await?;
            delivery::put_file(app, build.id, &FileName::parse(&name).map_err(unexpected)?, &stored).await?;
            // What the store brings along needs no scanner.
            builds::release(app, editor, build.id, |_, _, _| async { Ok(()) }.boxed()).await?;
        }
    }
    Ok(())
}

/// The text that stands in for what isn't shipped.
fn readme(line: &data::Line, version: &str) -> String {
    let developer = line.developer.as_deref().unwrap_or("its makers");
    data::TEMPLATE
        .replace("{title}", &line.title)
        .replace("{version}", version)
        .replace("{developer}", developer)
}

fn unexpected(invalid: Invalid) -> Error {
    Error::unexpected(invalid.message)
}
