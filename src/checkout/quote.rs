//! What a selection of products costs an account in a market, and why some of it can't be bought.
use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{bundles, spread::Step};
use crate::{
    app::App,
    catalog::{self, Kind, Market, Offer, ProductSummary, Unfit, listing::language_of},
    error::{Error, Fault, Refusal, Result},
    languages::Sentence,
    library,
    values::{BasisPoints, Country, Locale, Money},
    web::locale::Wanted,
};

/// 409 with the member `products`: what is owned already.
pub(super) const ALREADY_OWNED: Refusal =
    Refusal::conflict("already_owned", "You own this already; see `products`.");
/// 409 with the member `products`: what can't be bought.
pub(super) const NOT_FOR_SALE: Refusal = Refusal::conflict(
    "not_for_sale",
    "This can't be bought in this currency and country at present; see `products`.",
);

/// What a cart or a selection costs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Quote {
    items: Vec<QuoteItem>,
    /// The sum of the unit prices.
    subtotal: Money,
    /// What bundles and coupons take off.
    discount: Money,
    /// Of all items.
    tax: Money,
    /// Whether the prices include the tax; else it is added to them.
    tax_included: bool,
    /// What is paid.
    total: Money,
    /// The code of the coupon.
    #[schema(required)]
    coupon: Option<String>,
    /// ISO 4217.
    currency: String,
    /// ISO 3166-1 alpha-2.
    country: Country,
    /// Of its texts.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) language: Locale,
}

/// One product of a quote.
#[derive(Debug, Serialize, ToSchema)]
struct QuoteItem {
    product: ProductSummary,
    /// The bundle it is bought in.
    #[schema(required)]
    bundle_id: Option<Uuid>,
    unit_price: Money,
    discount: Money,
    tax: Money,
    total: Money,
}

/// Something that is to be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Selected {
    pub(super) product: Uuid,
    /// Minor units that the buyer chose to pay; none: what it costs.
    pub(super) amount: Option<i64>,
}

/// What one product costs: minor units.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) product: Uuid,
    /// The bundle it is bought in.
    pub(super) bundle: Option<Uuid>,
    pub(super) title: String,
    pub(super) kind: Kind,
    /// Whether it is sold before it is released.
    pub(super) preordered: bool,
    /// Whether it is sold with a licence key.
    pub(super) with_key: bool,
    pub(super) unit_price: i64,
    pub(super) discount: i64,
    pub(super) tax: i64,
    pub(super) tax_rate: BasisPoints,
    pub(super) total: i64,
}

/// Sums of lines: minor units.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Amounts {
    pub(super) subtotal: i64,
    pub(super) discount: i64,
    pub(super) tax: i64,
    pub(super) total: i64,
}

/// A coupon that was taken off a basket.
#[derive(Clone, Debug)]
pub(super) struct Used {
    pub(super) id: Uuid,
    pub(super) code: String,
}

/// A selection, sorted into what can be bought and what can't.
#[derive(Debug)]
pub(super) struct Basket {
    /// What was looked at, by product.
    offers: HashMap<Uuid, Offer>,
    pub(super) lines: Vec<Line>,
    /// Whether the prices include the tax.
    pub(super) tax_included: bool,
    /// The coupon that was taken off.
    pub(super) coupon: Option<Used>,
    /// Whether it is for somebody who is not known yet.
    pub(super) is_gift: bool,
    /// Of which every amount that is paid is a multiple.
    pub(super) step: Step,
    owned: Vec<Uuid>,
    unsold: Vec<Uuid>,
    /// What can't be paid as it was chosen, by its place in the selection: it is priced as if nothing were chosen.
    unfit: Vec<(usize, Unfit)>,
}

/// Prices a selection for an account; in a transaction, what it says holds until the commit. A bundle is a line for each
/// product of it that isn't owned; what lies beside it in the selection too is bought once, with it. For nobody that is
/// known, as a gift is, nothing is owned.
pub(super) async fn basket(
    app: &App,
    db: &impl ConnectionTrait,
    account: Option<Uuid>,
    selection: &[Selected],
    market: &Market,
) -> Result<Basket> {
    let (now, step) = (app.clock.now(), Step::of(app, &market.currency));
    let products: Vec<Uuid> = selection.iter().map(|selected| selected.product).collect();
    let mut offers = catalog::offers(db, &products, market, now).await?;
    let mut contents: Vec<Uuid> = offers.values().flat_map(|offer| offer.contents.iter().copied()).collect();
    contents.retain(|id| !offers.contains_key(id));
    offers.extend(catalog::offers(db, &contents, market, now).await?);
    let all: Vec<Uuid> = offers.keys().copied().collect();
    let taken = match account {
        Some(account) => library::held(db, account, &all).await?,
        None => HashSet::new(),
    };
    let mut basket = Basket {
        offers: HashMap::new(),
        lines: Vec::new(),
        tax_included: true,
        coupon: None,
        is_gift: account.is_none(),
        step,
        owned: Vec::new(),
        unsold: Vec::new(),
        unfit: Vec::new(),
    };
    let is_bundle = |id: &Uuid| offers.get(id).is_some_and(|offer| !offer.contents.is_empty());
    let mut placed: Vec<(usize, Line)> = Vec::new();
    let mut bundled: HashSet<Uuid> = HashSet::new();
    // Bundles come first, so that what they contain is theirs wherever it lies; the lines then follow the selection.
    for (place, Selected { product: id, amount }) in in_their_places(selection, &is_bundle) {
        if amount.is_some() {
            basket.unfit.push((place, Unfit::NothingToChoose));
        }
        let before: HashSet<Uuid> = taken.union(&bundled).copied().collect();
        match bundles::lines(*id, &offers, &before, step) {
            None => basket.unsold.push(*id),
            Some(lines) if lines.is_empty() => basket.owned.push(*id),
            Some(lines) => {
                bundled.extend(lines.iter().map(|line| line.product));
                placed.extend(lines.into_iter().map(|line| (place, line)));
            }
        }
    }
    for (place, Selected { product: id, amount }) in in_their_places(selection, &|id: &Uuid| !is_bundle(id)) {
        let sold = offers.get(id).and_then(|offer| Some((offer, offer.sold()?)));
        match sold {
            _ if taken.contains(id) => basket.owned.push(*id),
            _ if bundled.contains(id) => {}
            Some((offer, price)) => {
                let paid = price.paid(*amount).unwrap_or_else(|unfit| {
                    basket.unfit.push((place, unfit));
                    price.amount
                });
                placed.push((place, Line::plain(offer, step.down(paid))));
            }
            None => basket.unsold.push(*id),
        }
    }
    placed.sort_by_key(|(place, _)| *place);
    basket.lines = placed.into_iter().map(|(_, line)| line).collect();
    basket.offers = offers;
    Ok(basket)
}

/// What of a selection is of a kind, with its place.
fn in_their_places<'a>(
    selection: &'a [Selected],
    kind: &impl Fn(&Uuid) -> bool,
) -> impl Iterator<Item = (usize, &'a Selected)> {
    selection.iter().enumerate().filter(move |(_, selected)| kind(&selected.product))
}

impl Line {
    /// Without a coupon and without taxes.
    pub(super) fn plain(offer: &Offer, price: i64) -> Self {
        let product = &offer.product;
        Self {
            product: product.id,
            bundle: None,
            title: product.title.clone(),
            kind: product.kind,
            preordered: offer.preorder,
            with_key: offer.with_key,
            unit_price: price,
            discount: 0,
            tax: 0,
            tax_rate: BasisPoints::default(),
            total: price,
        }
    }
}

impl Line {
    /// Whether it is one of these products, or bought in one of them.
    pub(super) fn is_any_of(&self, products: &[Uuid]) -> bool {
        [Some(self.product), self.bundle].into_iter().flatten().any(|id| products.contains(&id))
    }
}

impl Basket {
    /// Whether a product of the selection stands in the store.
    pub(super) fn has_on_offer(&self, product: Uuid) -> bool {
        self.offers.get(&product).is_some_and(Offer::published)
    }

    /// Itself, when all of it can be bought; 409 `already_owned` or `not_for_sale` with the products it is about.
    pub(super) fn whole(self) -> Result<Self> {
        if !self.owned.is_empty() {
            return Err(ALREADY_OWNED.with("products", self.owned));
        }
        if !self.unsold.is_empty() {
            return Err(NOT_FOR_SALE.with("products", self.unsold));
        }
        Ok(self)
    }

    /// Whether one product of the selection, at its place, can be bought as it was chosen, whatever becomes of the rest: 409
    /// `already_owned` or `not_for_sale`, 422 with the field.
    pub(super) fn accepts(&self, product: Uuid, place: usize, field: &str) -> Result<()> {
        if self.owned.contains(&product) {
            return Err(ALREADY_OWNED.with("products", [product]));
        }
        if self.unsold.contains(&product) {
            return Err(NOT_FOR_SALE.with("products", [product]));
        }
        let unfit = self.unfit.iter().filter(|(other, _)| *other == place);
        let faults: Vec<Fault> = unfit.map(|(_, unfit)| unfit_fault(field.to_owned(), unfit)).collect();
        if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
    }

    /// Itself, when all that was chosen can be paid so; 422 with the fields that `field` names by places in the selection.
    pub(super) fn fitting(self, field: impl Fn(usize) -> String) -> Result<Self> {
        let fault = |(place, unfit): &(usize, Unfit)| unfit_fault(field(*place), unfit);
        if self.unfit.is_empty() {
            Ok(self)
        } else {
            Err(Error::Invalid(self.unfit.iter().map(fault).collect()))
        }
    }

    /// The sums of what can be bought.
    pub(super) fn amounts(&self) -> Amounts {
        self.lines.iter().fold(Amounts::default(), |sum, line| Amounts {
            subtotal: sum.subtotal + line.unit_price,
            discount: sum.discount + line.discount,
            tax: sum.tax + line.tax,
            total: sum.total + line.total,
        })
    }

    /// As the buyer sees it.
    pub(super) async fn quote(
        &self,
        app: &App,
        db: &impl ConnectionTrait,
        market: &Market,
        wanted: &Wanted,
    ) -> Result<Quote> {
        let money = |amount| Money { amount, currency: market.currency.clone() };
        let offered = self.lines.iter().filter_map(|line| self.offers.get(&line.product));
        let priced = offered.map(|offer| (offer.product.clone(), offer.price.clone())).collect();
        let mut products = catalog::summaries_of(app, db, priced, wanted).await?;
        let texts = products.values().map(|(_, language)| language.clone()).collect();
        let language = language_of(texts, wanted, &app.config.store.locale);
        let items = self.lines.iter().filter_map(|line| {
            let (mut product, _) = products.remove(&line.product)?;
            product.owned = (!self.is_gift).then_some(false);
            Some(QuoteItem {
                product,
                bundle_id: line.bundle,
                unit_price: money(line.unit_price),
                discount: money(line.discount),
                tax: money(line.tax),
                total: money(line.total),
            })
        });
        let items = items.collect();
        let amounts = self.amounts();
        Ok(Quote {
            items,
            subtotal: money(amounts.subtotal),
            discount: money(amounts.discount),
            tax: money(amounts.tax),
            tax_included: self.tax_included,
            total: money(amounts.total),
            coupon: self.coupon.as_ref().map(|coupon| coupon.code.clone()),
            currency: market.currency.as_str().to_owned(),
            country: market.country.clone(),
            language,
        })
    }
}

/// Why an amount that was chosen can't be paid.
fn unfit_fault(field: String, unfit: &Unfit) -> Fault {
    match unfit {
        Unfit::NothingToChoose => {
            Fault::new(field, "nothing_to_choose", "is not the buyer's to choose: this has a price")
        }
        Unfit::TooLow(least) => {
            let rule = Sentence::from("must be at least { $least }").with("least", *least);
            Fault::new(field, "out_of_range", rule)
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;

    use super::{
        super::{
            coupons::{self, tests::coupon},
            taxes,
        },
        *,
    };
    use crate::{
        config::{OwnRate, Taxes},
        values::Currency,
    };

    /// A basket of prices, of each of which its bundle took so many thousandths off.
    fn basket(prices: &[(i64, i64)], step: Step) -> Basket {
        let line = |(price, thousandths): &(i64, i64)| {
            let unit_price = step.down(*price);
            let discount = step.down(unit_price / 1000 * thousandths);
            Line {
                product: Uuid::nil(),
                bundle: None,
                title: String::new(),
                kind: Kind::Game,
                preordered: false,
                with_key: false,
                unit_price,
                discount,
                tax: 0,
                tax_rate: BasisPoints::default(),
                total: unit_price - discount,
            }
        };
        Basket {
            offers: HashMap::new(),
            lines: prices.iter().map(line).collect(),
            tax_included: true,
            coupon: None,
            is_gift: false,
            step,
            owned: Vec::new(),
            unsold: Vec::new(),
            unfit: Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn totals_add_up_with_any_bundle_coupon_and_tax_and_are_never_negative(
            prices in proptest::collection::vec((0_i64..=Money::LARGEST, 0_i64..=1000), 1..200),
            (percent, amount) in prop_oneof![
                (1_i32..=100).prop_map(|percent| (Some(percent), None::<i64>)),
                (1_i64..=1_000_000_000).prop_map(|amount| (None::<i32>, Some(amount))),
            ],
            (currency, units) in prop_oneof![Just(("JPY", 1)), Just(("USD", 1)), Just(("KWD", 1)), Just(("KWD", 10))],
            (rate, included) in (0_u16..=10_000, any::<bool>()),
            given_back in proptest::collection::vec(any::<bool>(), 200),
        ) {
            let (step, country) = (Step::new(units), Country::parse("DE").unwrap());
            let own = OwnRate { country: country.clone(), kind: None, rate: BasisPoints::new(rate) };
            let taxes = Taxes { included, rates: vec![own], ..Taxes::default() };
            let market = Market { currency: Currency::parse(currency).unwrap(), country };
            let mut basket = basket(&prices, step);
            let before = basket.amounts();
            coupons::apply(&coupon(percent, amount), &mut basket, &market, DateTime::<Utc>::default()).unwrap();
            taxes::levy(&taxes, &mut basket, &market, DateTime::<Utc>::default());

            let added = |tax: i64| if included { 0 } else { tax };
            for line in &basket.lines {
                prop_assert_eq!(line.unit_price - line.discount + added(line.tax), line.total);
                prop_assert!((0..=line.unit_price).contains(&line.discount));
                prop_assert!((0..=line.total).contains(&line.tax));
                prop_assert_eq!(step.down(line.total), line.total, "a provider takes it, and gives it back");
            }
            let sum = basket.amounts();
            prop_assert_eq!(sum.subtotal - sum.discount + added(sum.tax), sum.total);
            let off = sum.discount - before.discount;
            prop_assert!((0..=before.total).contains(&off));
            if let Some(amount) = amount {
                prop_assert_eq!(off, step.up(amount).min(before.total), "an amount is taken off whole");
            }
            // What is given back in parts is never more than was paid, and nothing is left when all of it was.
            let (back, kept): (Vec<_>, Vec<_>) =
                basket.lines.iter().zip(&given_back).partition(|(_, given_back)| **given_back);
            let total = |lines: &[(&Line, &bool)]| lines.iter().map(|(line, _)| line.total).sum::<i64>();
            prop_assert_eq!(total(&back) + total(&kept), sum.total);
        }
    }
}
