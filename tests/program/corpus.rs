//! Replays the kept corpus of every fuzz target with the body that the target has under libFuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[expect(unreachable_pub, reason = "the fuzz crate shares these files, and its targets need them public")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

/// What the repository holds for all targets together.
const CORPUS_BYTES_MAX: u64 = 500 * 1024;

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("the folder is in the repository");
    let stem = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        path.file_stem().expect("a name").to_string_lossy().into_owned()
    };
    entries.map(stem).collect()
}

fn inputs(target: &str) -> Vec<PathBuf> {
    let folder = fuzz_folder().join("corpus").join(target);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).expect("a corpus").map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_input_holds() {
    for (target, _) in fuzz::TARGETS {
        let inputs = inputs(target);
        assert!(inputs.len() > 5, "{target} has a corpus");
        // Nothing at all is an input too.
        fuzz::run(target, b"");
        for path in inputs {
            let data = fs::read(&path).unwrap();
            // Which one it was, should it panic: captured otherwise.
            println!("{}", path.display());
            fuzz::run(target, &data);
        }
    }
}

#[test]
fn targets_corpora_and_binaries_are_the_same() {
    let targets: BTreeSet<String> = fuzz::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&fuzz_folder().join("corpus")), targets);
    assert_eq!(names(&fuzz_folder().join("fuzz_targets")), targets);
    let manifest = fs::read_to_string(fuzz_folder().join("Cargo.toml")).unwrap();
    for target in targets {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target} is built");
        let source = fs::read_to_string(fuzz_folder().join(format!("fuzz_targets/{target}.rs"))).unwrap();
        assert!(source.contains(&format!("\"{target}\"")), "{target} runs its own body");
    }
}

#[test]
fn the_corpus_stays_small() {
    let sizes = fuzz::TARGETS.iter().flat_map(|(target, _)| inputs(target)).map(|path| path.metadata().unwrap().len());
    let total: u64 = sizes.sum();
    assert!(total < CORPUS_BYTES_MAX, "{total} bytes: run `cargo fuzz cmin`");
}
