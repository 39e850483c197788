//! What lies about after uploads that nobody has.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::bucket::Bucket;
use crate::process::Result;
use crate::server::Server;

/// Older than what `mist objects gc` leaves alone.
const AGE: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// Where a store keeps its bytes.
pub enum Place<'a> {
    Folder,
    Bucket(&'a Bucket),
}

/// Lets everything be two days old, has what nobody has removed, and says how many things are left beside so many objects. Too
/// few objects are an error.
pub fn after_collecting(server: &Server, place: &Place<'_>, objects: usize) -> Result<usize> {
    let (root, unfinished) = match place {
        Place::Folder => (server.data(""), Vec::new()),
        Place::Bucket(bucket) => (bucket.root(), unfinished(bucket.everything())?),
    };
    let kept = ["objects", "drafts", "tmp"].map(|name| root.join(name));
    let old = SystemTime::now().checked_sub(AGE).ok_or("the clock is off")?;
    for file in kept.iter().map(|folder| files(folder)).collect::<Result<Vec<_>>>()?.concat() {
        File::options().write(true).open(file)?.set_modified(old)?;
    }
    for path in unfinished {
        if path.is_file() {
            File::options().write(true).open(path)?.set_modified(old)?;
        }
    }
    print!("{}", server.run(&["objects", "gc"], "")?);
    let left = kept.iter().map(|folder| files(folder)).collect::<Result<Vec<_>>>()?.concat().len();
    let left = left.checked_sub(objects).ok_or_else(|| format!("{left} objects are there, not {objects}"))?;
    if let Place::Bucket(bucket) = place {
        println!(
            "{} parts and notes of multipart uploads lie in the server of S3",
            unfinished_count(bucket)?
        );
    }
    Ok(left)
}

fn unfinished_count(bucket: &Bucket) -> Result<usize> {
    Ok(unfinished(bucket.everything())?.len())
}

/// Parts and notes of multipart uploads that came to no end, as this server keeps them.
fn unfinished(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(".upload") || name.contains(".upload-") {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Every file below a folder, if there is one; what a server notes beside them begins with a dot.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() {
                folders.push(path);
            } else if !hidden {
                found.push(path);
            }
        }
    }
    Ok(found)
}
