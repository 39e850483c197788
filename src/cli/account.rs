//! `mist account`: accounts made by the operator, whether or not the store is running.
use std::io::{BufRead, Read};

use clap::{Args, Subcommand};
use mist::{
    accounts::{self, EMAIL_TAKEN, Hashing, NewAccount, Role},
    config::Config,
    keys, store,
    values::{DisplayName, Email, Invalid, NewPassword},
};

use super::{clock, told};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make an account.
    Create(Create),
}

#[derive(Args)]
pub(crate) struct Create {
    /// The address of the account.
    #[arg(long, value_name = "ADDRESS", value_parser = parsed(Email::parse))]
    email: Email,
    /// What it may do: customer, editor, support or admin.
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// Read the password from the first line of standard input.
    #[arg(long, required_unless_present = "password_by_mail", conflicts_with = "password_by_mail")]
    password_stdin: bool,
    /// Give it a password that nobody knows; its owner sets one by the link of "forgot password". For where there is no standard
    /// input, such as a task of ECS.
    #[arg(long)]
    password_by_mail: bool,
    /// What others see; default: the address up to its `@`.
    #[arg(long, value_name = "NAME", value_parser = parsed(DisplayName::parse))]
    display_name: Option<DisplayName>,
}

/// A value whose refusal clap shows after the text.
pub(super) fn parsed<T>(
    parse: fn(&str) -> Result<T, Invalid>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: 'static,
{
    move |text| parse(text).map_err(|invalid| invalid.message.to_string())
}

pub(crate) async fn run(settings: Config, command: Command) -> Result<(), String> {
    match command {
        Command::Create(create) => make(settings, create).await,
    }
}

async fn make(settings: Config, create: Create) -> Result<(), String> {
    let new = NewAccount {
        password: if create.password_by_mail {
            NewPassword::parse(&keys::new_token().map_err(told)?)
                .map_err(|invalid| invalid.message.to_string())?
        } else {
            password()?
        },
        display_name: match create.display_name {
            Some(name) => name,
            None => name_of(&create.email)?,
        },
        email: create.email.clone(),
        locale: None,
        country: None,
        roles: vec![create.role],
    };
    let db = store::connect(&settings).await.map_err(told)?;
    let hashing = Hashing::new(&settings.accounts).map_err(told)?;
    let made = accounts::create(&db, &clock(), &hashing, new).await;
    db.close().await.map_err(|error| error.to_string())?;
    let row = made.map_err(|error| match error.code() {
        code if code == EMAIL_TAKEN.code => format!(
            "{} has an account already. An admin changes its roles by PATCH /api/v1/admin/accounts/{{id}}.",
            create.email
        ),
        _ => told(error),
    })?;
    println!("Made {} {} ({})", create.role.name(), row.email, row.id);
    Ok(())
}

/// Bytes of standard input that are looked at: more than any password has.
const LONGEST_LINE: u64 = 1024;

fn password() -> Result<NewPassword, String> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .take(LONGEST_LINE)
        .read_line(&mut line)
        .map_err(|error| format!("standard input: {error}"))?;
    let text = line.trim_end_matches(['\r', '\n']);
    NewPassword::parse(text).map_err(|invalid| format!("The password {}.", invalid.message))
}

fn name_of(email: &Email) -> Result<DisplayName, String> {
    let local = email.as_str().split('@').next().unwrap_or_default();
    DisplayName::parse(local).map_err(|invalid| format!("--display-name: {}", invalid.message))
}
