//! People of the demo who have read and played, and what they say.
use std::collections::BTreeMap;

use serde::Deserialize;
use uuid::Uuid;

use super::unexpected;
use crate::{
    accounts::{self, NewAccount},
    app::App,
    catalog,
    community::{self, NewReview},
    error::{Error, Result},
    keys::new_token,
    library,
    values::{DisplayName, Email, Locale, NewPassword, Prose, Stars, Word},
};

const REVIEWS: &str = include_str!("../../demo/reviews.json");
/// Why the reviewers own what they review.
const REASON: &str = "To review it";

/// What the demo says of its products, and who says it.
#[derive(Deserialize)]
struct Said {
    reviewers: Vec<Reviewer>,
    reviews: Vec<Opinion>,
}

/// Somebody who reviews, and whom nobody signs in as.
#[derive(Deserialize)]
struct Reviewer {
    email: Email,
    name: DisplayName,
    locale: Locale,
}

/// A review of the product that has a slug, by a reviewer's name.
#[derive(Deserialize)]
struct Opinion {
    by: String,
    of: String,
    rating: Stars,
    title: Option<Word>,
    body: Option<Prose>,
}

/// Gives the reviewers what they review, in the name of an editor, and writes their reviews.
pub(super) async fn write(app: &App, editor: Uuid) -> Result<()> {
    let said: Said = serde_json::from_str(REVIEWS).map_err(Error::unexpected)?;
    let mut reviewers = BTreeMap::new();
    for reviewer in said.reviewers {
        let (name, locale) = (reviewer.name.to_string(), reviewer.locale.clone());
        reviewers.insert(name, (register(app, reviewer).await?, locale));
    }
    let reason = Word::parse(REASON).map_err(unexpected)?;
    for opinion in said.reviews {
        let missing =
            || Error::unexpected(format!("a review of {} by {} fits nothing", opinion.of, opinion.by));
        let product = catalog::product_by_slug(&app.db.read, &opinion.of).await?.ok_or_else(missing)?;
        let (account, locale) = reviewers.get(&opinion.by).ok_or_else(missing)?;
        library::gift(app, *account, product.id, &reason, editor).await?;
        let new = NewReview {
            rating: opinion.rating,
            title: opinion.title,
            body: opinion.body,
            locale: locale.clone(),
        };
        community::review(app, *account, product.id, &new).await?;
    }
    Ok(())
}

/// An account whose password nobody is told.
async fn register(app: &App, reviewer: Reviewer) -> Result<Uuid> {
    let new = NewAccount {
        email: reviewer.email,
        password: NewPassword::parse(&new_token()?).map_err(unexpected)?,
        display_name: reviewer.name,
        locale: Some(reviewer.locale),
        country: None,
        roles: Vec::new(),
    };
    Ok(accounts::create(&app.db, &app.clock, &app.identity.hashing, new).await?.id)
}
