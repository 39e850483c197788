//! What accounts are told by mail: links that prove something, and notices of what happened.
use chrono::{DateTime, Duration, Utc};
use minijinja::context;

use super::{
    samples::Example,
    templates::{Letter, Templates},
    written,
};
use crate::{error::Result, languages::Language};

/// The letters to accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountLetter {
    /// A link that proves the address of the account.
    VerifyEmail,
    /// A link that proves the address that is to become the account's.
    ConfirmEmail,
    /// To the address that is to be given up.
    EmailChanging,
    /// A link that replaces a forgotten password.
    ResetPassword,
    /// There is another password.
    PasswordChanged,
    /// Signing in asks for no second factor any more.
    SecondFactorRemoved,
    /// Somebody signed in on a new device.
    NewDevice,
    /// A session was ended because its refresh token came twice.
    TokenReused,
}

/// What a letter tells; each template uses what concerns it.
#[derive(Clone, Debug)]
pub struct AccountTold {
    /// The store's name.
    pub store: String,
    /// Who is greeted, on one line; none at an address that may be a stranger's.
    pub name: Option<String>,
    /// Where the link leads.
    pub url: Option<String>,
    /// How long it does.
    pub lasts: Option<Duration>,
    /// On which device it happened.
    pub device: Option<DeviceTold>,
}

/// A device as a letter tells it.
#[derive(Clone, Debug)]
pub struct DeviceTold {
    /// When it signed in.
    pub at: DateTime<Utc>,
    /// Its address.
    pub ip: String,
    /// As it names itself, on one line.
    pub user_agent: String,
}

impl AccountLetter {
    /// Writes it.
    pub fn write(self, templates: &Templates, language: Language, told: &AccountTold) -> Result<Letter> {
        let AccountTold { store, name, url, lasts, device } = told;
        let lasts = lasts.map(|time| written::lasting(language, time));
        let device = device.as_ref().map(|device| {
            let DeviceTold { at, ip, user_agent } = device;
            context! { at => written::minute(language, *at), ip, user_agent }
        });
        templates.letter(language, self.template(), context! { store, name, url, lasts, device })
    }

    pub(super) const fn template(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ConfirmEmail => "confirm_email",
            Self::EmailChanging => "email_changing",
            Self::ResetPassword => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::NewDevice => "new_device",
            Self::TokenReused => "token_reused",
        }
    }
}

/// Every letter, in the order of the templates.
pub(super) const LETTERS: [AccountLetter; 8] = [
    AccountLetter::VerifyEmail,
    AccountLetter::ConfirmEmail,
    AccountLetter::EmailChanging,
    AccountLetter::ResetPassword,
    AccountLetter::PasswordChanged,
    AccountLetter::SecondFactorRemoved,
    AccountLetter::NewDevice,
    AccountLetter::TokenReused,
];

impl AccountTold {
    /// All that any letter tells.
    pub(super) fn sample(example: &Example) -> Self {
        Self {
            store: example.store.clone(),
            name: Some("Ada & <b>Co</b>".to_owned()),
            url: Some(example.url("/verify-email?token=abc")),
            lasts: Some(Duration::days(3)),
            device: Some(DeviceTold {
                at: example.at,
                ip: "192.0.2.7".to_owned(),
                user_agent: "<script>".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_somebody_chose_becomes_markup() {
        let (templates, told) = (Templates::built_in().unwrap(), AccountTold::sample(&Example::of_tests()));
        for (language, letter) in Language::all().flat_map(|one| LETTERS.map(|letter| (one, letter))) {
            let name = letter.template();
            let told = letter.write(&templates, language, &told).unwrap().html;
            assert!(!told.contains("<script>") && !told.contains("<b>"), "{name}: {told}");
        }
    }

    #[test]
    fn a_new_device_is_told_with_what_is_known_of_it() {
        let (templates, told) = (Templates::built_in().unwrap(), AccountTold::sample(&Example::of_tests()));
        let letter = AccountLetter::NewDevice.write(&templates, Language::english(), &told).unwrap();
        assert_eq!(letter.subject, "Mist: a new sign-in to your account");
        insta::assert_snapshot!(letter.text, @r"
        Hello Ada & <b>Co</b>,

        somebody signed in to your account on a device it was not used on before:

        Time: 22 November 2026, 12:00 UTC
        Address: 192.0.2.7
        Device: <script>

        If that was you, there is nothing to do. If not, replace your password at once, which signs out every other device.
        ");
    }
}
