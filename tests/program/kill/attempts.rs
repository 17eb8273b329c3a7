//! Connections count for the crawl, not for the process: what a killed one did to a peer is not forgotten.

use std::path::{Path, PathBuf};
use std::process::Command;

use mxcensus_rules::verdict::VerdictRow;
use mxcensus_scan::attempts::JOURNAL;

use super::world::{GREYLISTS, World, world};
use crate::support::{Scan, judged, observed, wait_until};

/// Nothing becomes durable before the end: every kill costs everything. A lost contact is soon made again.
const CONFIG: &str = "step-timeout = 4.0
[limits]
retry_after_s = [0.2, 0.2]
";

/// A crawl of its own list, with its own limits.
struct Crawl<'w> {
    world: &'w World,
    config: PathBuf,
    list: PathBuf,
    out: PathBuf,
}

impl Crawl<'_> {
    fn new<'w>(world: &'w World, name: &str, config: &str, domains: &[&str]) -> Crawl<'w> {
        let file = |suffix: &str| world.out(&format!("{name}.{suffix}"));
        std::fs::write(file("toml"), config).expect("a file");
        std::fs::write(file("txt"), domains.join("\n")).expect("a file");
        Crawl { world, config: file("toml"), list: file("txt"), out: world.out(name) }
    }

    /// A scan; a resume where there is something to go on with.
    fn scan(&self) -> Command {
        let mut command = self.world.scan_with(&self.config, &self.out);
        command.args(["--resume".as_ref(), self.list.as_os_str()].iter().skip(usize::from(!self.is_begun())));
        command
    }

    fn is_begun(&self) -> bool {
        self.out.join("manifest.json").exists()
    }
}

/// Contacts with mail servers in the lab's log, by address.
fn contacts(world: &World, from: usize) -> Vec<String> {
    world.lab.log_since(from).iter().filter_map(|line| line.strip_prefix("smtp ").map(str::to_owned)).collect()
}

fn journal(out: &Path) -> String {
    std::fs::read_to_string(out.join(JOURNAL)).unwrap_or_default()
}

#[test]
fn nobody_is_contacted_more_than_four_times_however_often_it_is_killed() {
    let world = world();
    // They are silent after some step, so that each kill finds them under way.
    let domains = ["lab-smtp-silent.com", "lab-ehlo-silent.com", "lab-tls-silent.com"];
    let crawl = Crawl::new(&world, "bounded", CONFIG, &domains);
    let begun = world.lab.log_length();
    let mut kills = 0;
    loop {
        let from = world.lab.log_length();
        let mut scan = Scan::start(&mut crawl.scan());
        let mut ended = false;
        wait_until("a mail server is contacted, or none is any more", || {
            ended = scan.has_ended();
            ended || !contacts(&world, from).is_empty()
        });
        if ended {
            let (status, _, stderr) = scan.end();
            assert_eq!(status.code(), Some(0), "{stderr}");
            break;
        }
        scan.kill();
        kills += 1;
        assert!(kills <= 3 * 4, "each kill costs a connection, and there are no more");
    }
    let mut contacted = contacts(&world, begun);
    contacted.sort();
    for server in contacted.chunk_by(|a, b| a == b) {
        assert!(server.len() <= 4, "{} was contacted {} times", server[0], server.len());
    }
    assert!(kills >= 4 && contacted.len() >= kills, "{} contacts, {kills} kills", contacted.len());
    // What it never came to is a reason of our own.
    let endpoints = &observed(&crawl.out)["endpoints"];
    assert_eq!(endpoints.len(), 3);
    for (key, row) in endpoints {
        assert_eq!((&row["stage"], &row["error"]), (&"skipped".into(), &"budget".into()), "{key:?}");
        assert_eq!(row["connections"], 0, "{key:?}: of those that it tells about");
    }
    assert_eq!(judged::<VerdictRow>(&crawl.out).len(), 3);
    assert!(!crawl.out.join(JOURNAL).exists(), "it goes with the crawl");
}

#[test]
fn a_retry_that_was_waiting_goes_on_with_what_was_seen() {
    let world = world();
    // On a machine that is so busy that the retry comes before the kill: once more.
    for name in ["waiting-1", "waiting-2", "waiting-3"] {
        let config = CONFIG.replace("[0.2, 0.2]", "[1.0, 1.0]");
        let crawl = Crawl::new(&world, name, &config, &["lab-smtp-greylist.com"]);
        world.lab.forget();
        let from = world.lab.log_length();
        let scan = Scan::start(&mut crawl.scan());
        wait_until("the retry is noted", || journal(&crawl.out).contains("\"retry\""));
        scan.kill();
        let before = contacts(&world, from).len();
        let (status, _, stderr) = Scan::start(&mut crawl.scan()).end();
        assert_eq!(status.code(), Some(0), "{stderr}");
        if before > 1 {
            continue;
        }
        assert_eq!(contacts(&world, from).len(), 2, "one contact before the kill and one after it");
        let tables = observed(&crawl.out);
        let row = tables["endpoints"].values().next().expect("a row");
        assert_eq!((&row["host"], &row["connections"], &row["stage"]), (&GREYLISTS.into(), &2.into(), &"done".into()));
        let codes: Vec<_> = row["attempt_log"].as_array().expect("a log").iter().map(|a| &a["reply_code"]).collect();
        assert_eq!(codes, [&serde_json::Value::from(451), &serde_json::Value::Null]);
        return;
    }
    panic!("no kill came before the retry");
}

#[test]
fn a_policy_is_not_fetched_again_at_once() {
    let world = world();
    let config = CONFIG.replace("[0.2, 0.2]", "[1.0, 1.0]");
    let crawl = Crawl::new(&world, "policy", &config, &["lab-host-silent.com"]);
    let fetches = |from| world.lab.log_since(from).iter().filter(|line| line.starts_with("https ")).count();
    let begun = world.lab.log_length();
    // As many as an endpoint has connections; each is killed in its midst.
    for _ in 0..4 {
        let from = world.lab.log_length();
        let scan = Scan::start(&mut crawl.scan());
        wait_until("the policy is fetched", || fetches(from) > 0);
        scan.kill();
    }
    let (status, _, stderr) = Scan::start(&mut crawl.scan()).end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert_eq!(fetches(begun), 4, "a fifth was not made");
    let tables = observed(&crawl.out);
    let row = tables["policies"].values().next().expect("a row");
    assert_eq!((&row["policy_stage"], &row["policy_error"]), (&"skipped".into(), &"budget".into()));
}
