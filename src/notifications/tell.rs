//! Writing down what accounts are told: the one place in which it is numbered, and decided whether it is mailed.
use std::collections::HashSet;

use chrono::Duration;
use entity::notification::Model;
use queue::NewJob;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    kinds::{Class, Kind, Preference},
    preferences, queries,
};
use crate::{accounts, app::App, error::Result};

/// The job that mails what few are told; its payload is `{notification_id}`.
pub(super) const MAIL: &str = "notice_mail";
/// The job that mails what many are told; its payload is the same.
pub(super) const MAIL_TO_MANY: &str = "notification_mail";
/// Rows of one statement: far below the parameters that either database takes.
const ROWS: usize = 500;
/// How long an account is mailed nothing more of a product that it wishes for.
pub(super) const QUIET: Duration = Duration::days(7);
/// For how long something that is mailed alone stands for those that follow on the same thing: nobody ever reads it in the
/// store.
const GATHERED: Duration = Duration::days(1);

/// To how many something is told: what many are told is mailed by workers of its own, for a hundred thousand mails wait there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// To whom it concerns.
    Few,
    /// To everybody who owns something or wishes for it.
    Many,
}

impl Reach {
    const fn mail(self) -> &'static str {
        match self {
            Self::Few => MAIL,
            Self::Many => MAIL_TO_MANY,
        }
    }

    /// The lane of an account's mails; those of what many are told have another, or its receipts would wait for them.
    fn lane(self, account: Uuid) -> Uuid {
        match self {
            Self::Few => account,
            Self::Many => Uuid::from_u128(!account.as_u128()),
        }
    }
}

/// Something to be told to somebody.
#[derive(Clone, Debug)]
pub(super) struct News {
    pub(super) kind: Kind,
    /// What brought it about: nobody is told of the same cause twice.
    pub(super) event: Uuid,
    pub(super) account: Uuid,
    /// What it is about.
    pub(super) subject: Uuid,
    pub(super) product: Option<Uuid>,
    /// Numbers that its text needs.
    pub(super) data: Value,
}

/// Tells accounts of something, and enqueues the mails of it, in the caller's transaction.
///
/// The mark of the last position is held until that ends: a later position is given only once every earlier one is
/// committed or will never be. So whoever has read up to a position has missed none before it, and whatever is asked here
/// of what was told before can't change meanwhile.
pub(super) async fn tell(app: &App, tx: &impl ConnectionTrait, news: &[News], reach: Reach) -> Result<()> {
    if news.is_empty() {
        return Ok(());
    }
    let mut position = queries::lock_mark(tx, queries::POSITION).await?;
    for news in news.chunks(ROWS) {
        position = tell_some(app, tx, news, reach, position).await?;
    }
    Ok(queries::set_mark(tx, queries::POSITION, position).await?)
}

async fn tell_some(
    app: &App,
    tx: &impl ConnectionTrait,
    news: &[News],
    reach: Reach,
    mut position: i64,
) -> Result<i64> {
    let accounts: Vec<Uuid> = distinct(news.iter().map(|one| one.account));
    let living = accounts::hold_living(tx, &accounts).await?;
    let choices = preferences::choices(tx, &accounts).await?;
    let mut known = Known::read(app, tx, news, &accounts).await?;
    let now = app.clock.now();
    let mut rows = Vec::new();
    for one in news.iter().filter(|one| living.contains(&one.account)) {
        let Preference { email, in_app } = choices.of(one.account, one.kind);
        if known.was_told(one) || !(email || in_app) {
            continue;
        }
        position += 1;
        rows.push(Model {
            id: app.clock.new_id(),
            position,
            account_id: one.account,
            kind: one.kind.as_str().to_owned(),
            event_id: one.event,
            subject_id: one.subject,
            product_id: one.product,
            data: one.data.clone(),
            shown: in_app,
            mailed: email && one.kind.class() != Class::SafetyByLetter && known.may_mail(one),
            created_at: now,
            read_at: None,
        });
    }
    let mails = rows.iter().filter(|row| row.mailed).map(|row| {
        let mail = NewJob::new(app.clock.new_id(), reach.mail(), &json!({"notification_id": row.id}));
        mail.in_lane(reach.lane(row.account_id))
    });
    queue::enqueue_all(tx, mails.collect(), now).await?;
    queries::insert(tx, rows).await?;
    Ok(position)
}

/// What was told before.
struct Known {
    /// Event, account, kind.
    told: HashSet<(Uuid, Uuid, String)>,
    /// Account, kind, thing: what stands for those that follow.
    standing: HashSet<(Uuid, String, Uuid)>,
    /// Account, product.
    mailed: HashSet<(Uuid, Uuid)>,
}

impl Known {
    async fn read(app: &App, tx: &impl ConnectionTrait, news: &[News], accounts: &[Uuid]) -> Result<Self> {
        let events = distinct(news.iter().map(|one| one.event));
        let gathering = distinct(news.iter().filter(|one| one.kind.gathers()).map(|one| one.subject));
        let standing = match gathering.is_empty() {
            true => HashSet::new(),
            false => queries::standing_for(tx, accounts, &gathering, app.clock.now() - GATHERED).await?,
        };
        let wished = news.iter().filter(|one| one.kind.is_of_wish());
        let wished = distinct(wished.filter_map(|one| one.product));
        let mailed = match wished.is_empty() {
            true => HashSet::new(),
            false => {
                let wishes = Kind::ALL.iter().filter(|kind| kind.is_of_wish());
                let kinds: Vec<&str> = wishes.map(|kind| kind.as_str()).collect();
                let since = app.clock.now() - QUIET;
                queries::mailed_since(tx, accounts, &wished, &kinds, since).await?
            }
        };
        Ok(Self { told: queries::told(tx, &events, accounts).await?, standing, mailed })
    }

    /// Whether an account knows already; from here on it does.
    fn was_told(&mut self, one: &News) -> bool {
        let kind = one.kind.as_str().to_owned();
        let gathered = one.kind.gathers() && !self.standing.insert((one.account, kind.clone(), one.subject));
        !self.told.insert((one.event, one.account, kind)) || gathered
    }

    /// Whether an account may be mailed; of a wish once in a while.
    fn may_mail(&mut self, one: &News) -> bool {
        match one.product.filter(|_| one.kind.is_of_wish()) {
            Some(product) => self.mailed.insert((one.account, product)),
            None => true,
        }
    }
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    ids.collect::<HashSet<_>>().into_iter().collect()
}
