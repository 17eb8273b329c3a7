//! What the compiler does not hold: what each crate may depend on, who may use whom inside a crate, the length of files,
//! pages that are named and do not exist.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test says in the plainest way what it expects"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files that git tracks, without those of others.
fn tracked() -> Vec<PathBuf> {
    let output = Command::new("git").arg("ls-files").current_dir(root()).output().expect("git");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|path| !path.starts_with("vendor/"))
        .map(PathBuf::from)
        .filter(|path| root().join(path).is_file())
        .collect()
}

fn has_extension(path: &Path, wanted: &[&str]) -> bool {
    path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| wanted.contains(&extension))
}

/// The packages that `package` depends on, its own tests left out.
fn dependencies(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--package", package])
        .current_dir(root())
        .output()
        .expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn the_walls_between_the_crates_stand() {
    let network = ["tokio", "hyper", "hickory-proto", "hickory-resolver", "domain", "rustls", "socket2"];
    let files = ["arrow", "parquet", "tempfile"];
    let program = ["clap", "mxcensus"];
    let walls: [(&str, Vec<&str>); 6] = [
        ("mxcensus-rules", [&network[..], &files, &program, &["mxcensus-judge", "mxcensus-dataset"]].concat()),
        ("mxcensus-judge", [&network[..], &files, &program, &["mxcensus-dataset", "mxcensus-scan"]].concat()),
        ("mxcensus-dataset", [&network[..], &program, &["mxcensus-scan", "mxcensus-lab"]].concat()),
        ("mxcensus-lists", [&program[..], &["mxcensus-judge", "mxcensus-scan", "mxcensus-lab"]].concat()),
        ("mxcensus-scan", [&program[..], &["mxcensus-judge", "mxcensus-lab"]].concat()),
        ("mxcensus-fleet", [&program[..], &["mxcensus-lists", "mxcensus-lab"]].concat()),
    ];
    for (package, forbidden) in walls {
        let dependencies = dependencies(package);
        assert!(dependencies.contains(package), "{package}: cargo tree tells nothing");
        let wrong: Vec<&&str> = forbidden.iter().filter(|name| dependencies.contains(**name)).collect();
        assert!(wrong.is_empty(), "{package} must not depend on {wrong:?}");
    }
}

/// Modules of a crate, each by the first part of its path, and the modules that each uses by `crate::` or, from the top
/// level, `super::`.
fn uses(package: &str) -> BTreeMap<String, BTreeSet<String>> {
    let source = root().join("crates").join(package).join("src");
    // Declarations of closed vocabularies and of rules: everybody may make them.
    let macros = ["words", "rules"];
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in tracked() {
        let Ok(inside) = root().join(&path).strip_prefix(&source).map(Path::to_path_buf) else { continue };
        if !has_extension(&path, &["rs"]) || is_test(&inside) {
            continue;
        }
        let Some(first) = inside.iter().next().and_then(|first| first.to_str()) else { continue };
        let module = first.trim_end_matches(".rs").to_owned();
        let at_top = inside.iter().count() == 1 || inside.ends_with("mod.rs");
        let text = fs::read_to_string(root().join(&path)).expect("a source file");
        let used = uses.entry(module.clone()).or_default();
        for line in text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")) {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for prefix in ["crate::", "super::"].iter().take(if at_top { 2 } else { 1 }) {
                for rest in line.split(prefix).skip(1) {
                    let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                    if !name.is_empty() && name != module && !macros.contains(&name.as_str()) {
                        used.insert(name);
                    }
                }
            }
        }
    }
    uses
}

fn is_test(inside: &Path) -> bool {
    inside.iter().any(|part| {
        let part = part.to_string_lossy();
        part == "tests" || part.ends_with("tests.rs") || part == "testing.rs" || part == "samples.rs"
    })
}

#[test]
fn the_rules_of_each_rfc_stand_for_themselves() {
    // Who may use whom inside the rules. `eval` puts questions to all of them, and nobody uses it.
    let words = ["failure", "observation", "name", "text", "rule"];
    let allowed: [(&str, &[&str]); 9] = [
        ("failure", &[]),
        ("text", &[]),
        ("rule", &[]),
        ("name", &["text"]),
        ("special_address", &[]),
        ("smtp", &["failure", "observation", "text"]),
        ("mta_sts", &words),
        ("tlsrpt", &["mta_sts", "failure", "name", "text"]),
        ("observation", &["failure"]),
    ];
    let uses = uses("rules");
    for (module, allowed) in allowed {
        let used = uses.get(module).unwrap_or_else(|| panic!("{module} is no module of the rules"));
        let wrong: Vec<&String> = used.iter().filter(|used| !allowed.contains(&used.as_str())).collect();
        assert!(wrong.is_empty(), "{module} must not use {wrong:?}");
    }
    let users: Vec<&String> = uses.iter().filter(|(_, used)| used.contains("eval")).map(|(user, _)| user).collect();
    assert!(users.iter().all(|user| *user == "lib"), "{users:?} use eval");
}

#[test]
fn no_file_has_a_table_of_contents() {
    let long: Vec<String> = tracked()
        .into_iter()
        .filter(|path| has_extension(path, &["rs", "py"]))
        .filter_map(|path| {
            let lines = fs::read_to_string(root().join(&path)).expect("a source file").lines().count();
            (lines > 600).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "files over 600 lines are two files: {long:#?}");
}

/// The pages that a text names: words that end in `.md`.
fn pages(text: &str) -> BTreeSet<String> {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    text.split(|c| !part_of_name(c))
        .filter(|word| word.ends_with(".md") && word.len() > 3)
        .map(|word| word.rsplit('/').next().unwrap_or(word).to_owned())
        .collect()
}

#[test]
fn every_page_that_is_named_exists() {
    let tracked = tracked();
    let there: BTreeSet<String> =
        tracked.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned()).collect();
    let mut missing = BTreeSet::new();
    for path in tracked.iter().filter(|path| has_extension(path, &["rs", "py", "md", "toml", "sql", "ipynb"])) {
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        for page in pages(&text).into_iter().filter(|page| !there.contains(page)) {
            missing.insert(format!("{}: {page}", path.display()));
        }
    }
    // What the program itself writes beside a report.
    missing.retain(|line| !line.ends_with("report.md") && !line.ends_with(": .md"));
    assert!(missing.is_empty(), "{missing:#?}");
}
