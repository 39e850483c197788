//! What a download costs: serves an object by hyper and measures the server's processor time per GB, nginx's too.
//!
//! `serve FOLDER mapped|copied GIB` writes an object, serves it and prints where; `load ADDRESS PATH PID CONNECTIONS` reads
//! it whole on each connection and prints what process PID spent. Linux only: times are those of `/proc/PID/stat`.
#![allow(clippy::print_stdout, clippy::indexing_slicing)]

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Instant;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use http_body_util::StreamBody;
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use objects::Objects;

type Failure = Box<dyn Error + Send + Sync>;
type Chunks = BoxStream<'static, std::io::Result<Bytes>>;

const GIB: u64 = 1 << 30;
const TICKS_PER_SECOND: f64 = 100.0;
const COPIED_BUFFER: usize = 256 * 1024;
const COPIED_BUFFERS: usize = 3;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", folder, how, gib] => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(serve(folder.into(), how == "mapped", gib.parse::<u64>()? * GIB))
        }
        ["load", address, path, pid, connections] => load(address, path, pid, connections.parse()?),
        _ => Err("serve FOLDER mapped|copied GIB, or load ADDRESS PATH PID CONNECTIONS".into()),
    }
}

async fn serve(folder: PathBuf, mapped: bool, size: u64) -> Result<(), Failure> {
    let objects = Objects::open(folder.clone())?;
    let (start, mut writer) = (Instant::now(), objects.writer().await?);
    while writer.written() < size {
        let mut chunk = vec![7; 64 * 1024];
        chunk[..8].copy_from_slice(&writer.written().to_le_bytes());
        writer.write(chunk.into()).await?;
    }
    let key = writer.finish().await?.key;
    println!("written at {:.0} MB/s", size as f64 / 1e6 / start.elapsed().as_secs_f64());

    let (first, second) = (&key.as_str()[..2], &key.as_str()[2..4]);
    let file = folder.join(format!("objects/{first}/{second}/{key}"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("load {} /objects/{first}/{second}/{key} {} 8", listener.local_addr()?, std::process::id());
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let (objects, key, file) = (objects.clone(), key.clone(), file.clone());
        let service = service_fn(move |_: Request<Incoming>| {
            let (objects, key, file) = (objects.clone(), key.clone(), file.clone());
            async move {
                let chunks =
                    if mapped { objects.read(&key, 0..size).await?.boxed() } else { copied(file, size)? };
                Response::builder()
                    .header("content-length", size)
                    .body(StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data))))
                    .map_err(Failure::from)
            }
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service),
        );
    }
}

/// The other way: the file is copied into a few buffers that are used again.
fn copied(file: PathBuf, size: u64) -> Result<Chunks, Failure> {
    let file = std::fs::File::open(file)?;
    let (give, take) = mpsc::channel();
    for _ in 0..COPIED_BUFFERS {
        give.send(vec![0; COPIED_BUFFER])?;
    }
    Ok(stream::try_unfold((file, give, take, 0), move |(file, give, take, offset)| async move {
        let length = COPIED_BUFFER.min(usize::try_from(size - offset).map_err(std::io::Error::other)?);
        if length == 0 {
            return Ok(None);
        }
        let read = move || {
            let mut bytes: Vec<u8> = take.recv().map_err(std::io::Error::other)?;
            file.read_exact_at(&mut bytes[..length], offset)?;
            let chunk = Bytes::from_owner(Lent { bytes, give: give.clone() }).slice(..length);
            Ok(Some((chunk, (file, give, take, offset + length as u64))))
        };
        tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
    })
    .boxed())
}

/// A buffer that goes back when it is dropped.
struct Lent {
    bytes: Vec<u8>,
    give: mpsc::Sender<Vec<u8>>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let _gone = self.give.send(std::mem::take(&mut self.bytes));
    }
}

fn load(address: &str, path: &str, pid: &str, connections: usize) -> Result<(), Failure> {
    let before = cpu_seconds(pid)?;
    let readers: Vec<_> = (0..connections)
        .map(|_| {
            let (address, path) = (address.to_owned(), path.to_owned());
            std::thread::spawn(move || drain(&address, &path))
        })
        .collect();
    let mut bytes = 0;
    for reader in readers {
        bytes += reader.join().map_err(|_| "a reader panicked")??;
    }
    let spent = cpu_seconds(pid)? - before;
    println!("{:.1} GB, {:.3} CPU seconds per GB", bytes as f64 / 1e9, spent * 1e9 / bytes as f64);
    Ok(())
}

fn drain(address: &str, path: &str) -> Result<u64, Failure> {
    let mut socket = TcpStream::connect(address)?;
    write!(socket, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let (mut buffer, mut total) = (vec![0; COPIED_BUFFER], 0);
    loop {
        match socket.read(&mut buffer)? {
            0 => return Ok(total),
            count => total += count as u64,
        }
    }
}

/// User and system time of a process so far.
fn cpu_seconds(pid: &str) -> Result<f64, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
    let ticks: Vec<f64> =
        fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
}
