//! Many at once who register one address, or use one token, link or code: it succeeds once.

use std::time::SystemTime;

use futures::future::join_all;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::mailed;
use crate::process::Result;
use crate::race::authenticator;
use crate::server::{Caller, PASSWORD, Server, text};

/// Requests at once.
const AT_ONCE: usize = 20;
/// Of those with a code so many sign in anew; the rest prove themselves on a session, which hashes no password.
const SIGN_INS: usize = 5;

/// Somebody new, who races against themselves.
pub(super) struct Person {
    caller: Caller,
    email: String,
    session: Value,
}

/// Registers an address in its spellings: one account.
pub(super) async fn register(server: &Server, round: u32) -> Result<Person> {
    let spellings = ["ada", "ADA", " Ada", "aDa"].map(|name| format!("{name}{round}@b\u{fc}cher.example"));
    let spellings = spellings.into_iter().chain([format!("ada{round}@XN--bcher-kva.EXAMPLE")]);
    let nobody = server.nobody();
    let requests = spellings.cycle().take(AT_ONCE).map(|email| {
        let body = json!({"email": email, "password": PASSWORD, "display_name": "Ada"});
        nobody.request(Method::POST, "/api/v1/auth/register").json(&body)
    });
    let session = once(requests, StatusCode::CONFLICT).await?;
    let caller = nobody.signed_in(text(&session, "/access_token")?);
    Ok(Person { caller, email: format!("ada{round}@xn--bcher-kva.example"), session })
}

/// Uses a refresh token: one new one.
pub(super) async fn refresh(server: &Server, person: &Person) -> Result<()> {
    let nobody = server.nobody();
    let body = json!({"refresh_token": text(&person.session, "/refresh_token")?});
    let requests = (0..AT_ONCE).map(|_| nobody.request(Method::POST, "/api/v1/auth/refresh").json(&body));
    once(requests, StatusCode::UNAUTHORIZED).await.map(drop)
}

/// What a second factor gave.
pub(super) struct Factor {
    secret: String,
    recovery_code: String,
}

/// Sets a second factor up, on a session of its own: who refreshes twice loses theirs.
pub(super) async fn second_factor(server: &Server, person: &mut Person) -> Result<Factor> {
    person.caller = server.sign_in(&person.email).await?;
    let begun = person.caller.call(Method::POST, "/api/v1/me/totp", None).await?;
    let secret = text(&begun, "/secret")?.to_owned();
    let body = json!({"code": authenticator::code(&secret, SystemTime::now())?});
    let confirmed = person.caller.call(Method::POST, "/api/v1/me/totp/confirm", Some(body)).await?;
    Ok(Factor { secret, recovery_code: text(&confirmed, "/recovery_codes/0")?.to_owned() })
}

/// Uses a code that an authenticator shows within the window.
pub(super) async fn time_code(person: &Person, factor: &Factor) -> Result<()> {
    // That of now confirmed the factor; clocks may differ by a step.
    let code = authenticator::code(&factor.secret, SystemTime::now() + authenticator::STEP)?;
    use_code(person, &code).await
}

/// Uses a recovery code.
pub(super) async fn recovery_code(person: &Person, factor: &Factor) -> Result<()> {
    use_code(person, &factor.recovery_code).await
}

async fn use_code(person: &Person, code: &str) -> Result<()> {
    let requests = (0..AT_ONCE).map(|nth| {
        if nth < SIGN_INS {
            let body = json!({"email": person.email, "password": PASSWORD, "totp_code": code});
            person.caller.request(Method::POST, "/api/v1/auth/login").json(&body)
        } else {
            let request = person.caller.request(Method::POST, "/api/v1/auth/reauthenticate");
            request.json(&json!({"totp_code": code}))
        }
    });
    once(requests, StatusCode::UNAUTHORIZED).await.map(drop)
}

/// Sets a new password by one mailed link.
pub(super) async fn reset(server: &Server, person: &Person) -> Result<()> {
    let nobody = server.nobody();
    server.forget_mail()?;
    let body = json!({"email": person.email});
    nobody.call(Method::POST, "/api/v1/auth/password/forgot", Some(body)).await?;
    let token = mailed::token_for(server, &person.email, "/reset-password").await?;
    let requests = (0..AT_ONCE).map(|nth| {
        let body = json!({"token": token, "new_password": format!("{PASSWORD} {nth}")});
        nobody.request(Method::POST, "/api/v1/auth/password/reset").json(&body)
    });
    once(requests, StatusCode::UNPROCESSABLE_ENTITY).await.map(drop)
}

/// Sends all of it at once: one succeeds, and the others are refused by that status. Gives what the one was answered.
async fn once(requests: impl Iterator<Item = RequestBuilder>, refused: StatusCode) -> Result<Value> {
    let mut answers = Vec::new();
    for reply in join_all(requests.map(RequestBuilder::send)).await {
        let reply = reply?;
        let (status, body) = (reply.status(), reply.text().await?);
        if status.is_success() {
            answers.push(if body.is_empty() { Value::Null } else { serde_json::from_str(&body)? });
        } else if status != refused {
            return Err(format!("{status} {body}").into());
        }
    }
    match <[Value; 1]>::try_from(answers) {
        Ok([answer]) => Ok(answer),
        Err(answers) => Err(format!("{} of {AT_ONCE} succeeded", answers.len()).into()),
    }
}
