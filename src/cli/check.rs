//! `mist check`: is everything true of this store that must be?
use mist::{app::App, background, config::Config, store};

use super::{clock, told};

pub(crate) async fn run(settings: Config) -> Result<(), String> {
    let db = store::connect(&settings).await.map_err(told)?;
    let port = settings.http.listen.port();
    let app = App::open(settings, clock(), db, port).await.map_err(told)?;
    let violations = background::violations(&app).await.map_err(told)?;
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => println!("All invariants hold"),
        1 => return Err("1 invariant does not hold.".to_owned()),
        count => return Err(format!("{count} invariants do not hold.")),
    }
    Ok(())
}
