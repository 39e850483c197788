//! `cargo xtask lint-deploy`: what the store is deployed by, judged by the linters of each kind of file.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::process::{Result, ask, command, root, run as run_program};
use crate::tools;

/// Check the container, the proxy, the templates of AWS, the workflows, the alerts and the dashboard.
///
/// Installs the linters below target/ and needs nothing running. No store is deployed.
#[derive(clap::Args)]
pub struct Args {
    /// Leave out making the stacks in moto, which takes a minute.
    #[arg(long)]
    quick: bool,
}

pub fn run(args: &Args) -> Result {
    let linters = tools::need_deploy_linters()?;
    let mut failed = Vec::new();
    let mut judge = |name: &'static str, outcome: Result<()>| {
        if let Err(error) = outcome {
            println!("{error}");
            failed.push(name);
        }
    };
    judge("hadolint", lint(&linters.hadolint, &[], &[root().join("deploy/Dockerfile")]));
    judge("shellcheck", lint("shellcheck", &[], &files(&["deploy", "deploy/aws"], "sh")?));
    judge("deploy.sh", run_program(&mut command("bash", &["deploy/aws/deploy_test.sh"])));
    judge("nginx", nginx());
    judge("compose", compose());
    let templates = files(&["deploy/aws/cloudformation"], "yaml")?;
    // W3002: "package" has to come first, which deploy/README.md does.
    judge("cfn-lint", lint(&linters.cfn_lint, &["--ignore-checks", "W3002", "--"], &templates));
    let checkov = ["--framework", "cloudformation", "--compact", "--quiet", "--skip-download", "--directory"];
    judge("checkov", lint(&linters.checkov, &checkov, &[root().join("deploy/aws/cloudformation")]));
    let workflows = files(&[".github/workflows"], "yml")?;
    judge("actionlint", lint(&linters.actionlint, &[], &workflows));
    judge("zizmor", lint(&linters.zizmor, &["--offline", "--quiet"], &workflows));
    let (alerts, tests) =
        (root().join("deploy/prometheus/alerts.yaml"), root().join("deploy/prometheus/alerts_test.yaml"));
    judge("promtool check", lint(&linters.promtool, &["check", "rules"], &[alerts]));
    judge("promtool test", lint(&linters.promtool, &["test", "rules"], &[tests]));
    if !args.quick {
        judge("moto", moto());
    }
    if failed.is_empty() {
        println!("every linter is content");
        return Ok(ExitCode::SUCCESS);
    }
    println!("not content: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

fn lint(program: impl AsRef<OsStr>, options: &[&str], files: &[PathBuf]) -> Result<()> {
    run_program(Command::new(program).args(options).args(files).current_dir(root()))
}

/// The files of some folders that end so, in the order of their names.
fn files(folders: &[&str], extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(root().join(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|ends| ends == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() { Err(format!("no .{extension} in {folders:?}").into()) } else { Ok(found) }
}

/// nginx looks the copies' names up when it reads its settings, and here they have none.
fn nginx() -> Result<()> {
    let settings = fs::read_to_string(root().join("deploy/nginx.conf"))?;
    let folder = tempfile::tempdir()?;
    let here = settings
        .replace("server mist-1:", "server 127.0.0.1:")
        .replace("server mist-2:", "server 127.0.0.2:")
        .replace(" /tmp/", &format!(" {}/", folder.path().display()));
    let copy = folder.path().join("nginx.conf");
    fs::write(&copy, here)?;
    run_program(command("nginx", &["-t", "-q", "-c"]).arg(copy))
}

/// Compose judges its own file, where there is one.
fn compose() -> Result<()> {
    if ask("docker", &["compose", "version"]).is_none() {
        println!("there is no Docker Compose here: deploy/compose.yaml is not judged");
        return Ok(());
    }
    let secrets = ask("sh", &["deploy/env.sh"]).ok_or("deploy/env.sh failed")?;
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), secrets)?;
    let mut compose = command("docker", &["compose", "--file", "deploy/compose.yaml", "--env-file"]);
    run_program(compose.arg(file.path()).args(["config", "--quiet"]))
}

/// Makes every stack in moto. It shows that references lead somewhere, and no more: moto takes what AWS would not.
fn moto() -> Result<()> {
    let python = tools::need_aws()?;
    run_program(Command::new(python).arg(Path::new("deploy/aws/cloudformation/try.py")).current_dir(root()))
}
