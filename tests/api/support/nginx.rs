//! nginx before one store, by the lines that `deploy/nginx-accel.conf` gives to operators.
use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::net::TcpStream;

use super::TestApp;

const LINES: &str = include_str!("../../../deploy/nginx-accel.conf");

/// A running nginx; it ends with the test.
pub struct Nginx {
    child: Child,
    /// Where it listens.
    pub url: String,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Starts it before a store that keeps its bytes in a folder.
    pub async fn before(app: &TestApp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let objects = format!("{}/", app.app.config.folder("objects").display());
        let lines =
            LINES.replace("http://127.0.0.1:8080", &app.url).replace("/var/lib/mist/objects/", &objects);
        assert!(lines.contains(&app.url) && lines.contains(&objects));
        let settings = folder.path().join("nginx.conf");
        std::fs::write(&settings, around(&folder.path().display().to_string(), address, &lines)).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&settings).arg("-p").arg(folder.path()).stderr(Stdio::null());
        let child = command.spawn().expect("nginx: run this by `cargo xtask test FILTER`");
        let nginx = Self { child, url: format!("http://{address}"), _folder: folder };
        let listens = async {
            let mut beat = tokio::time::interval(Duration::from_millis(10));
            while TcpStream::connect(address).await.is_err() {
                beat.tick().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), listens).await.expect("nginx listens");
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn around(folder: &str, address: SocketAddr, lines: &str) -> String {
    // Its workers must read what the test wrote.
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    format!(
        "{user} daemon off; master_process off; pid {folder}/pid; error_log {folder}/error;\n\
         events {{ worker_connections 64; }}\n\
         http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};\n\
         fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};\n\
         server {{ listen {address};\n{lines}\n}} }}\n"
    )
}
