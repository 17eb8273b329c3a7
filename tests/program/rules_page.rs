//! Holds `docs/rules.md` against the code: every rule id with its places, every link, every citation of our own rules.
//!
//! `RULES_PAGE=write cargo test --test program rules_page` rewrites the table of ids.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mxcensus_judge::rules::{Rule, all};

const BEGIN: &str = "<!-- ids -->\n";
const END: &str = "<!-- end of ids -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    fs::read_to_string(root().join("docs/rules.md")).expect("docs/rules.md")
}

/// The name of the function that a line begins, if it does.
fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_qualifier = |word: &str| word.starts_with("pub") || matches!(word, "async" | "const");
    before.split_whitespace().all(is_qualifier).then(|| after.split(['(', '<']).next())?
}

/// The folders whose functions give rules.
const GIVERS: [&str; 2] = ["crates/judge/src", "crates/rules/src/dane"];

/// The Rust files of those folders: paths from the root, in the order of the alphabet.
fn sources() -> Vec<String> {
    let mut files = Vec::new();
    for folder in GIVERS {
        for entry in fs::read_dir(root().join(folder)).expect(folder) {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            if name.ends_with(".rs") {
                files.push(format!("{folder}/{name}"));
            }
        }
    }
    files.sort();
    files
}

/// File and function of every mention of a rule, by the name of its constant.
fn places() -> BTreeMap<String, Vec<(String, String)>> {
    let mut places: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for file in sources() {
        let source = fs::read_to_string(root().join(&file)).expect("a source file");
        let mut current = String::new();
        for line in source.lines().take_while(|line| !line.starts_with("#[cfg(test)]")) {
            if let Some(name) = function(line) {
                current = name.to_owned();
            }
            for mention in line.split("rules::").skip(1) {
                let constant: String = mention.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
                let found = places.entry(constant).or_default();
                let place = (file.clone(), current.clone());
                if !found.contains(&place) {
                    found.push(place);
                }
            }
        }
    }
    places
}

fn row(rule: &Rule, places: &[(String, String)]) -> String {
    let places: Vec<String> = places.iter().map(|(file, function)| format!("[`{function}`](../{file})")).collect();
    format!("| `{}` | {} | {} | {} |\n", rule.id, places.join(", "), rule.citation, rule.sentence)
}

#[test]
fn every_rule_is_on_the_page_with_its_places() {
    let places = places();
    let mut table = String::from("\n| id | where | decided by | meaning |\n| --- | --- | --- | --- |\n");
    for rule in all() {
        let constant = rule.id.to_ascii_uppercase().replace('-', "_");
        let found = places.get(&constant).unwrap_or_else(|| panic!("{constant} is given by no function"));
        table.push_str(&row(rule, found));
    }
    table.push('\n');
    let page = page();
    let (before, rest) = page.split_once(BEGIN).expect("where the table begins");
    let (written, after) = rest.split_once(END).expect("where it ends");
    if std::env::var("RULES_PAGE").is_ok_and(|word| word == "write") {
        fs::write(root().join("docs/rules.md"), format!("{before}{BEGIN}{table}{END}{after}")).expect("the page");
        return;
    }
    for (line, (there, expected)) in written.lines().zip(table.lines()).enumerate() {
        assert_eq!(there, expected, "line {line} of the table: RULES_PAGE=write cargo test --test program rules_page");
    }
    assert_eq!(written, table, "RULES_PAGE=write cargo test --test program rules_page");
}

#[test]
fn every_link_leads_to_what_it_names() {
    let page = page();
    let mut links = 0;
    for part in page.split("[`").skip(1) {
        let (label, rest) = part.split_once("`](../").expect("a link with a name in code");
        let (path, _) = rest.split_once(')').expect("a link that ends");
        let source = fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("{path} is not there"));
        let is_there = label.ends_with(".rs")
            || source.lines().any(|line| function(line) == Some(label))
            || source.contains(&format!("struct {label}"));
        assert!(is_there, "{path} has no {label}");
        links += 1;
    }
    assert!(links > 150, "{links}");
}

#[test]
fn a_citation_of_our_own_rules_leads_to_a_heading() {
    let page = page();
    let headings: Vec<&str> = page.lines().filter(|line| line.starts_with("## ")).collect();
    for rule in all() {
        let Some((_, cited)) = rule.citation.split_once("Verdicts") else { continue };
        for name in cited.split('\'').skip(1).step_by(2) {
            let stands = headings.iter().any(|heading| heading.contains(name));
            assert!(stands || page.contains(&format!("\"{name}\"")), "{}: no heading {name:?}", rule.id);
        }
    }
}
