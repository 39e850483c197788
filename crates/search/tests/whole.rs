//! What lies in the folder is used only if it is what was written: nobody waits for the disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
use std::{
    fs,
    path::{Path, PathBuf},
};

use search::{Document, Index, Opened, Rebuild, Text, Why};
use uuid::Uuid;

/// An index with a segment that was built, one that was written, and what is no longer there.
fn made(root: &Path) -> PathBuf {
    let document = |number: u128, title: &str| Document {
        id: Uuid::from_u128(number),
        sort_title: title.to_owned(),
        texts: vec![Text { language: "en".to_owned(), title: title.to_owned(), body: String::new() }],
        ..Document::default()
    };
    let build = Rebuild::begin(root, 1).unwrap();
    build.add(&[document(1, "one"), document(2, "two")]).unwrap();
    let index = build.finish("a").unwrap();
    index.apply(&[document(2, "again"), document(3, "three")], &[], "b").unwrap();
    index.apply(&[], &[Uuid::from_u128(3)], "c").unwrap();
    assert_eq!(index.snapshot().documents(), 2);
    root.join("generation-1")
}

fn is_whole(root: &Path) -> bool {
    match Index::open(root, 1).unwrap() {
        Opened::There(index) => {
            assert_eq!(index.snapshot().documents(), 2);
            assert_eq!(index.note().unwrap().as_deref(), Some("c"));
            true
        }
        Opened::Absent(why) => {
            assert_eq!(why, Why::Damaged);
            false
        }
    }
}

/// The files of segments, and what says which there are.
fn files(generation: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(generation).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.extension().is_some_and(|kind| kind != "lock")).collect()
}

/// Whether the last commit names a segment.
fn is_named(generation: &Path, segment: &str) -> bool {
    let named = fs::read_to_string(generation.join("meta.json")).unwrap().replace('-', "");
    !segment.is_empty() && named.contains(segment)
}

#[test]
fn what_was_written_is_opened_again() {
    let root = tempfile::tempdir().unwrap();
    let generation = made(root.path());
    assert!(is_whole(root.path()));
    // What a process that was killed had only begun does no harm.
    fs::write(generation.join("draft-0"), "half").unwrap();
    fs::write(generation.join(format!("{}.idx", Uuid::nil().simple())), "half").unwrap();
    assert!(is_whole(root.path()));
}

#[test]
fn a_byte_that_is_another_is_noticed_in_every_file() {
    let root = tempfile::tempdir().unwrap();
    let generation = made(root.path());
    let mut looked_at = 0;
    for file in files(&generation) {
        let whole = fs::read(&file).unwrap();
        // Those of a segment that is no longer part of the index are not looked at.
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let segment = name.split('.').next().unwrap();
        if !is_named(&generation, segment) {
            continue;
        }
        let mut other = whole.clone();
        other[0] ^= 1;
        for damaged in [other.as_slice(), &whole[..whole.len() / 2], &[]] {
            fs::write(&file, damaged).unwrap();
            assert!(!is_whole(root.path()), "{} is damaged and used", file.display());
            looked_at += 1;
        }
        fs::write(&file, &whole).unwrap();
    }
    assert!(looked_at > 20);
    assert!(is_whole(root.path()));
}

#[test]
fn what_is_not_there_is_missed() {
    let root = tempfile::tempdir().unwrap();
    let generation = made(root.path());
    for name in ["meta.json", ".managed.json"] {
        let file = generation.join(name);
        let whole = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        assert!(!is_whole(root.path()), "{name}");
        fs::write(&file, whole).unwrap();
        assert!(is_whole(root.path()));
    }
}

#[test]
fn what_is_built_may_be_changed_before_it_counts() {
    let root = tempfile::tempdir().unwrap();
    made(root.path());
    let build = Rebuild::begin(root.path(), 1).unwrap();
    let (index, successor) = build.whole("d").unwrap();
    assert_eq!(index.snapshot().documents(), 0);
    let document = Document { id: Uuid::from_u128(9), ..Document::default() };
    index.apply(&[document], &[], "e").unwrap();
    assert!(is_whole(root.path()), "the one before counts");
    drop(index);
    successor.promote().unwrap();
    let Opened::There(index) = Index::open(root.path(), 1).unwrap() else { panic!("it counts") };
    assert_eq!((index.snapshot().documents(), index.note().unwrap().as_deref()), (1, Some("e")));
}
