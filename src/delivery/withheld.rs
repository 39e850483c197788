//! Where products are not delivered: by the store's rules for countries, and by their age ratings there.
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    accounts,
    app::App,
    catalog,
    error::{Error, NOT_FOUND, Refusal, Result},
    values::Country,
};

const NOT_DELIVERED_HERE: Refusal =
    Refusal::forbidden("not_delivered_here", "This is not delivered in the country that you are in.");

/// 403 `not_delivered_here` where the store withholds a product from an account: in the country of its network, if a trusted
/// proxy tells it, else where the account says it is, else where the store is.
pub(super) async fn require_delivered(
    app: &App,
    db: &impl ConnectionTrait,
    account: Uuid,
    product: Uuid,
    network: Option<&Country>,
) -> Result<()> {
    let rules = &app.config.delivery.withheld;
    if rules.is_empty() {
        return Ok(());
    }
    let stated = accounts::countries(db, &[account]).await?.remove(&account);
    let country = match (network, &stated) {
        (Some(country), _) => country.as_str(),
        (None, Some(stated)) => stated,
        (None, None) => app.config.store.country.as_str(),
    };
    let Some(rule) = rules.iter().find(|rule| rule.country.as_str() == country) else { return Ok(()) };
    let product = catalog::product(db, product).await?.ok_or(NOT_FOUND)?;
    // What nobody rated may be for anybody.
    let rated = u8::try_from(product.age_rating.unwrap_or(0)).map_err(Error::unexpected)?;
    if rated >= rule.from_age { Err(NOT_DELIVERED_HERE.into()) } else { Ok(()) }
}
