//! `cargo xtask million FILE`: the public catalog at a million products, over HTTP, beside the same bytes from memory.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::load::{self, median};
use crate::bench::process_facts::{anonymous, cpu_seconds};
use crate::bench::report::{Bound, Report};
use crate::bench::yardstick::{self, Yardstick};
use crate::catalog;
use crate::process::Result;
use crate::server::{Caller, Server, chosen, text};
use crate::sizes::mib;
use crate::tools;

/// Products of the small catalog that the large one is compared with.
const SMALL: usize = 10_000;
/// How long a store may take to build its index.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// How long is looked at whether a store does anything, and CPU seconds below which it does nothing meanwhile.
const LOOK: Duration = Duration::from_secs(3);
const AT_REST: f64 = 0.15;
/// Rounds of each comparison; the median is told.
const ROUNDS: usize = 5;
/// Questions of one kind, each asked once, so that none is answered from memory.
const ASKED: usize = 300;
/// How often each is asked when it is answered from memory, so that a tick of the kernel's clock counts for little.
const OFTEN: usize = 5;
/// Clients that ask at once when latency is measured.
const CLIENTS: usize = 4;
/// Pages of 100 compared at both ends of the list.
const PAGES: usize = 50;
/// Changes whose way into the search is timed.
const CHANGES: usize = 30;

/// Import a catalog multiplied to a million products, and measure import, index, memory and answers of the public catalog;
/// written into bench/RESULTS.md.
#[derive(clap::Args)]
pub struct Args {
    /// NDJSON, or gzip of it.
    file: PathBuf,
    #[arg(long, default_value_t = 1_000_000)]
    products: usize,
    /// Seconds of each round.
    #[arg(long, default_value_t = 4)]
    seconds: u32,
    /// A release build that is there already, instead of one built from the sources.
    #[arg(long, value_name = "PROGRAM")]
    binary: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result {
    tools::need_for_bench()?;
    let mist = chosen(args.binary.as_deref(), true)?;
    yardstick::build()?;
    tokio::runtime::Runtime::new()?.block_on(measure(args, &mist))
}

async fn measure(args: &Args, mist: &Path) -> Result {
    let mut report = Report::default();
    let real = Store::of(args, mist, None).await?;
    real.cpu(&mut report).await?;
    drop(real);
    let small = Store::of(args, mist, Some(SMALL)).await?;
    let before = small.cached(args, "10,000 products", None, &mut report).await?;
    drop(small);
    let large = Store::of(args, mist, Some(args.products)).await?;
    large.made(&mut report)?;
    large.cached(args, "large", Some(before), &mut report).await?;
    large.uncached(&mut report).await?;
    large.ends_of_the_list(&mut report).await?;
    large.changes(&mut report).await?;
    let pid = large.server.pid().ok_or("the store is not running")?;
    let memory = mib(anonymous(pid)?);
    report.figure(
        "anonymous resident memory after all of it",
        &format!("{memory:.0} MiB"),
        memory,
        Bound::AtMost(350.0),
    );
    let command = format!("cargo xtask million FILE --products {}", args.products);
    report.write("The public catalog at a million products", &command)?;
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The path of a question of one kind, by its number.
type Question = fn(usize) -> String;

/// A store that serves a catalog on SQLite.
struct Store {
    server: Server,
    admin: Caller,
    nobody: Caller,
    products: usize,
    /// How long the import took.
    import: Duration,
    /// From the start to an index that is whole.
    index: Duration,
    _catalog: tempfile::NamedTempFile,
}

impl Store {
    async fn of(args: &Args, mist: &Path, products: Option<usize>) -> Result<Self> {
        let file = tempfile::NamedTempFile::new()?;
        let products = catalog::multiply(&args.file, products, file.path())?;
        let mut server = Server::new(mist, None).await?;
        let began = Instant::now();
        let name = file.path().to_str().ok_or("a path that is no text")?;
        server.run(&["import", name], "")?;
        let import = began.elapsed();
        let index = server.start_within(&[], PATIENCE).await?;
        let (admin, nobody) = (server.admin().await?, server.nobody());
        println!(
            "{products} products: imported in {:.0} s, indexed in {:.0} s",
            import.as_secs_f64(),
            index.as_secs_f64()
        );
        let store = Self { server, admin, nobody, products, import, index, _catalog: file };
        store.rest().await?;
        Ok(store)
    }

    /// Waits until the readers of the event log have caught up with the import: until nothing is done any more.
    async fn rest(&self) -> Result<()> {
        let pid = self.server.pid().ok_or("the store is not running")?;
        let began = Instant::now();
        loop {
            let before = cpu_seconds(pid)?;
            tokio::time::sleep(LOOK).await;
            if cpu_seconds(pid)? - before < AT_REST {
                println!("at rest after {:.0} s", began.elapsed().as_secs_f64());
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err("the store does not come to rest".into());
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "for reading")]
    fn made(&self, report: &mut Report) -> Result<()> {
        let rate = self.products as f64 / self.import.as_secs_f64();
        report.figure("import on SQLite", &format!("{rate:.0} products/s"), rate, Bound::AtLeast(2000.0));
        let index = self.index.as_secs_f64();
        report.figure("index built from the tables", &format!("{index:.0} s"), index, Bound::AtMost(120.0));
        let disk = size(&self.server.data("index"))? as f64 / 1e6;
        report.figure("index on disk", &format!("{disk:.0} MB"), disk, Bound::AtMost(150.0));
        Ok(())
    }

    /// CPU of a request that is not answered from memory, at the real catalog's size.
    async fn cpu(&self, report: &mut Report) -> Result<()> {
        let asked = |question: Question| (0..ASKED).map(question).collect::<Vec<_>>();
        let slugs = self.slugs(ASKED).await?;
        let kinds = [
            ("list", asked(|n| format!("/api/v1/products?price_max={}", 100_000 + n)), 0.1),
            (
                "filter and sort",
                asked(|n| format!("/api/v1/products?kind=game&sort=-price&price_max={}", 100_000 + n)),
                0.1,
            ),
            ("search", asked(|n| format!("/api/v1/products?q=free+game&price_max={}", 100_000 + n)), 0.5),
            ("detail", slugs.iter().map(|slug| format!("/api/v1/products/{slug}")).collect(), 0.1),
        ];
        for (what, paths, most) in kinds {
            // The first pass warms rows and columns; answers are kept per address, so the second asks by another one.
            for path in &paths {
                self.ask(path).await?;
            }
            let again: Vec<String> = paths.iter().map(|path| other_address(path)).collect();
            let cpu = self.cpu_of(&again).await?;
            report.figure(
                &format!("{} products: CPU of a {what} that is rendered anew", self.products),
                &format!("{cpu:.3} ms"),
                cpu,
                Bound::AtMost(most),
            );
            let cpu = self.cpu_of(&vec![again; OFTEN].concat()).await?;
            report.figure(
                &format!("{} products: CPU of a {what} from memory", self.products),
                &format!("{cpu:.3} ms"),
                cpu,
                Bound::AtMost(most),
            );
        }
        Ok(())
    }

    /// CPU milliseconds of the server for each of these requests.
    #[expect(clippy::cast_precision_loss, reason = "for reading")]
    async fn cpu_of(&self, paths: &[String]) -> Result<f64> {
        let pid = self.server.pid().ok_or("the store is not running")?;
        let before = cpu_seconds(pid)?;
        for path in paths {
            self.ask(path).await?;
        }
        Ok((cpu_seconds(pid)? - before) * 1000.0 / paths.len().max(1) as f64)
    }

    async fn ask(&self, path: &str) -> Result<Value> {
        self.nobody.call(Method::GET, path, None).await
    }

    async fn slugs(&self, count: usize) -> Result<Vec<String>> {
        let (mut slugs, mut path) = (Vec::new(), "/api/v1/products?limit=100".to_owned());
        while slugs.len() < count {
            let page = self.ask(&path).await?;
            let items = page.pointer("/items").and_then(Value::as_array).ok_or("no items")?;
            slugs.extend(items.iter().filter_map(|item| item.get("slug")?.as_str()).map(str::to_owned));
            let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { break };
            path = format!("/api/v1/products?limit=100&cursor={cursor}");
        }
        slugs.truncate(count);
        Ok(slugs)
    }

    /// List and detail from memory against a bare route of the same bytes; the requests per second of the list.
    async fn cached(&self, args: &Args, name: &str, before: Option<f64>, report: &mut Report) -> Result<f64> {
        let list = "/api/v1/products?limit=24";
        let page = self.nobody.request(Method::GET, list).send().await?.text().await?;
        let slug = text(&serde_json::from_str::<Value>(&page)?, "/items/0/slug")?.to_owned();
        let detail = format!("/api/v1/products/{slug}");
        let product = self.nobody.request(Method::GET, &detail).send().await?.text().await?;
        let yardstick = Yardstick::start(&page, &product).await?;
        let mut rates = Vec::new();
        for (what, path, bare) in [("list of 24", list, "/list"), ("detail", &detail, "/detail")] {
            let (ours, theirs) = (format!("{}{path}", self.server.url), format!("{}{bare}", yardstick.url));
            let (rate, against, ratio) = load::pairs(
                ROUNDS,
                || load::wrk(&ours, args.seconds, None),
                || load::wrk(&theirs, args.seconds, None),
            )?;
            let shown = format!("{rate:.0}/s, bare axum {against:.0}/s: {:.0} %", ratio * 100.0);
            report.figure(&format!("{name}: cached {what}"), &shown, ratio * 100.0, Bound::AtLeast(70.0));
            rates.push(rate);
        }
        let rate = rates.first().copied().ok_or("nothing was measured")?;
        if let Some(before) = before {
            let growth = before / rate;
            let shown = format!("{growth:.2} ×");
            report.figure("cached list, from 10,000 products on", &shown, growth, Bound::AtMost(1.3));
        }
        Ok(rate)
    }

    /// Requests that no two are the same of: CPU one after the other, and time at four clients.
    async fn uncached(&self, report: &mut Report) -> Result<()> {
        let kinds: [(&str, Question); 5] = [
            ("first page", |n| format!("/api/v1/products?sort=-price&price_max={}", 1_000_000 + n)),
            ("three filters, two facets, total", |n| {
                format!(
                    "/api/v1/products?kind=game&platform=linux&language=de&facets=tag,category&count=true&sort=title&price_max={}",
                    100_000 + n
                )
            }),
            ("a broad filter, two facets, total", |n| {
                format!(
                    "/api/v1/products?kind=software&facets=tag,kind&count=true&sort=price&price_max={}",
                    100_000 + n
                )
            }),
            ("two words", |n| format!("/api/v1/products?q=free+game&price_max={}", 100_000 + n)),
            ("two words, one typo", |n| format!("/api/v1/products?q=puzle+game&price_max={}", 100_000 + n)),
        ];
        for (number, (what, path)) in kinds.into_iter().enumerate() {
            let paths: Vec<String> = (0..ASKED).map(path).collect();
            let cpu = self.cpu_of(&paths).await?;
            let from = (number + 1) * 10_000;
            let times = self.times(|n| path(from + n)).await?;
            let (half, late) = (percentile(&times, 50), percentile(&times, 99));
            let shown =
                format!("{cpu:.2} ms CPU, {half:.1} / {late:.1} ms median / p99 at {CLIENTS} clients");
            report.figure(&format!("uncached: {what}"), &shown, late, Bound::AtMost(60.0));
        }
        Ok(())
    }

    /// Milliseconds that clients waited who asked at once, in order.
    async fn times(&self, path: impl Fn(usize) -> String) -> Result<Vec<f64>> {
        let mut clients = tokio::task::JoinSet::new();
        for client in 0..CLIENTS {
            let caller = self.server.nobody();
            let paths: Vec<String> = (0..ASKED).map(|n| path(client * ASKED + n)).collect();
            clients.spawn(async move {
                let mut times = Vec::new();
                for path in paths {
                    let began = Instant::now();
                    let asked =
                        caller.call(Method::GET, &path, None).await.map_err(|error| error.to_string());
                    times.push(began.elapsed().as_secs_f64() * 1000.0);
                    asked?;
                }
                Ok::<_, String>(times)
            });
        }
        let mut times = Vec::new();
        while let Some(done) = clients.join_next().await {
            times.extend(done??);
        }
        times.sort_by(f64::total_cmp);
        Ok(times)
    }

    /// What a page costs at the beginning of the list and at its end.
    async fn ends_of_the_list(&self, report: &mut Report) -> Result<()> {
        let pid = self.server.pid().ok_or("the store is not running")?;
        let (mut path, mut costs) = ("/api/v1/products?sort=price&limit=100".to_owned(), Vec::new());
        let mut spent = cpu_seconds(pid)?;
        let mut pages = 0_usize;
        loop {
            let page = self.ask(&path).await?;
            pages += 1;
            if pages.is_multiple_of(PAGES) {
                let now = cpu_seconds(pid)?;
                costs.push(now - spent);
                spent = now;
            }
            let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { break };
            path = format!("/api/v1/products?sort=price&limit=100&cursor={cursor}");
        }
        // A tenth of the pages at either end, so that a tick of the kernel's clock counts for little.
        let some = (costs.len() / 10).max(1);
        let first: f64 = costs.iter().take(some).sum();
        let last: f64 = costs.iter().rev().take(some).sum();
        let shown = format!("{:.2} × of {pages} pages", last / first);
        report.figure("the deepest pages against the first", &shown, last / first, Bound::AtMost(1.2));
        Ok(())
    }

    /// How long after a change was asked for the search shows it.
    async fn changes(&self, report: &mut Report) -> Result<()> {
        let slug = self.slugs(1).await?.pop().ok_or("no product")?;
        let id = text(&self.ask(&format!("/api/v1/products/{slug}")).await?, "/id")?.to_owned();
        let mut times = Vec::new();
        for number in 0..CHANGES {
            let word = format!("zyx{number}qwv");
            let began = Instant::now();
            let changed = self
                .admin
                .request(Method::PATCH, &format!("/api/v1/admin/products/{id}"))
                .header("if-match", "*")
                .json(&json!({"title": word}))
                .send()
                .await?;
            if !changed.status().is_success() {
                return Err(format!("the title was not changed: {}", changed.text().await?).into());
            }
            let found = self.ask(&format!("/api/v1/products?q={word}")).await?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
            if text(&found, "/items/0/id")? != id {
                return Err("a write was not seen at once by the copy that wrote it".into());
            }
        }
        let most = times.iter().copied().fold(0.0, f64::max);
        let shown = format!("{:.0} ms, at most {most:.0} ms", median(times));
        report.figure("a write, until search shows it", &shown, most, Bound::AtMost(100.0));
        Ok(())
    }
}

/// The same question by an address of its own.
fn other_address(path: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}currency=USD")
}

#[expect(clippy::indexing_slicing, reason = "times of a run, which has some")]
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}

fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
