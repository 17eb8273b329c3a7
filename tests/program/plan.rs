//! `mxcensus scan --plan` from outside: it asks the resolver and nobody else, and of a whole list it says what a crawl
//! then finds.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::support::{Lab, judged, program, wait_until};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{DomainRow, EndpointRow, MxHostRow, MxStatus};

fn run(command: &mut Command) -> (Output, String) {
    let output = command.output().expect("the program starts");
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    (output, text)
}

/// The plan of a list, and its text.
fn plan(list: &Path, flags: &[String], more: &[&str]) -> String {
    let (output, text) = run(program().arg("scan").arg(list).arg("--plan").args(flags).args(more));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// The numbers in front of `what`, where a line has them so.
fn range(text: &str, what: &str) -> [u64; 2] {
    let found = text.lines().find_map(|line| {
        let (numbers, rest) = line.trim_start().split_once("  ")?;
        let (least, most) = numbers.split_once('-').unwrap_or((numbers, numbers));
        rest.starts_with(what).then(|| [least, most].map(|number| number.replace(',', "").parse().expect("a number")))
    });
    found.unwrap_or_else(|| panic!("no {what} in {text}"))
}

/// The same, where it is one number.
fn number(text: &str, what: &str) -> u64 {
    let [least, most] = range(text, what);
    assert_eq!(least, most, "{what}: {text}");
    least
}

/// The share in the line that begins with `what`, in tenths of a per cent.
fn share(text: &str, what: &str) -> u64 {
    let line = text.lines().find(|line| line.starts_with(what)).expect("a line");
    let share = line[what.len()..].split_whitespace().next().expect("a share");
    share.replace('.', "").parse().expect("a number")
}

#[test]
fn the_resolver_is_asked_and_nobody_else() {
    let lab = Lab::start(&[]);
    let list = lab.file("domains.csv");
    let temporary = tempfile::tempdir().unwrap();
    let before = lab.log_length();
    let (output, text) = run(program()
        .args(["scan", "--plan", "--plan-sample", "100000"])
        .arg(&list)
        .args(lab.flags())
        .env("TMPDIR", temporary.path()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let visits = lab.log_since(before);
    let kinds: BTreeSet<&str> = visits.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert!(visits.len() > 500 && visits.iter().all(|line| line.starts_with("dns ")), "{kinds:?}");
    assert!(kinds.is_superset(&["A", "AAAA", "MX"].into()) && !kinds.contains("TXT") && !kinds.contains("TLSA"));
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "nothing is left behind");

    // The crawl itself, towards ports where nobody listens: who would be contacted is what counts.
    let dataset = temporary.path().join("dataset");
    let configuration = temporary.path().join("mxcensus.toml");
    std::fs::write(&configuration, "[limits]\nclosed_after_addresses = 0\nretry_after_s = []\n").unwrap();
    let mut flags = lab.flags();
    for port in ["--smtp-port", "--https-port"] {
        let at = flags.iter().position(|flag| flag == port).expect("a port among the flags");
        flags[at + 1] = "1".to_owned();
    }
    let mut scan = program();
    scan.arg("scan").arg(&list).arg("--out").arg(&dataset).arg("--config").arg(&configuration).args(flags);
    let (output, _) = run(&mut scan);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let domains: Vec<DomainRow> = judged(&dataset);
    let endpoints: Vec<EndpointRow> = judged(&dataset);
    let ours = [Failure::SpecialAddress, Failure::OptedOut, Failure::NoRouteForFamily];
    let contacted = endpoints.iter().filter(|row| !row.error.is_some_and(|error| ours.contains(&error)));
    let pairs: BTreeSet<(&str, &str)> = contacted.map(|row| (row.host.as_str(), row.ip.as_str())).collect();
    let addresses: BTreeSet<&str> = pairs.iter().map(|(_, ip)| *ip).collect();
    let opted_out = domains.iter().filter(|row| row.mx_status == MxStatus::OptedOut).count();
    assert!(opted_out > 0 && pairs.len() > 150);
    assert!(text.contains(&format!("{} domains, {opted_out} of them opted out", domains.len())), "{text}");
    assert_eq!(number(&text, "MX hosts"), judged::<MxHostRow>(&dataset).len() as u64, "{text}");
    assert_eq!(number(&text, "addresses"), addresses.len() as u64, "{text}");
    assert_eq!(number(&text, "endpoints"), pairs.len() as u64, "{text}");
    assert_eq!(number(&text, "connections"), pairs.len() as u64, "{text}");
    assert!(text.contains("nothing below is extrapolated") && text.contains("--unpaced"), "{text}");
}

/// The load world, taken down with the test.
struct World(Child);

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_whole_list_is_counted_and_a_sample_is_drawn_again() {
    let dir = tempfile::tempdir().unwrap();
    let world = program()
        .args(["lab", "--world", "load", "--domains", "1000", "--seed", "3", "--dir"])
        .arg(dir.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("the world starts");
    let _world = World(world);
    wait_until("the load world is up", || dir.path().join("flags.txt").is_file());
    let flags = std::fs::read_to_string(dir.path().join("flags.txt")).unwrap();
    // Planned as on the internet: nobody is contacted.
    let flags: Vec<String> = flags.lines().filter(|flag| *flag != "--unpaced").map(str::to_owned).collect();
    let list = dir.path().join("domains.csv");
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.path().join("truth.json")).unwrap()).unwrap();
    let rows = |table: &str| truth["rows"][table].as_u64().expect("a number of rows");
    let mx = |words: &[&str]| -> u64 {
        words.iter().filter_map(|word| truth["verdicts"]["mx_status"][word].as_u64()).sum::<u64>()
    };

    let text = plan(&list, &flags, &["--plan-sample", "1000"]);
    assert_eq!(number(&text, "MX hosts"), rows("mx_hosts"), "{text}");
    assert_eq!(number(&text, "endpoints"), rows("endpoints"), "{text}");
    assert!(number(&text, "connections") <= rows("endpoints"));
    assert_eq!(share(&text, "take mail"), mx(&["present", "implicit"]), "tenths of a per cent of 1000 domains: {text}");
    assert_eq!(share(&text, "could not be looked up"), mx(&["error"]), "{text}");
    assert!(text.contains("crowdhost.net-lab"), "an operator: {text}");

    let sampled = ["--plan-sample", "200", "--seed", "11"];
    let timeless = |text: String| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("from ")).map(str::to_owned).collect()
    };
    let (one, other) = (plan(&list, &flags, &sampled), plan(&list, &flags, &sampled));
    assert!(one.contains("--plan-sample 200 --seed 11"), "{one}");
    let [least, most] = range(&one, "MX hosts");
    assert!(rows("mx_hosts") / 2 < least && least < most && most < rows("mx_hosts") * 2, "{least} {most} {one}");
    assert_eq!(timeless(one), timeless(other));
}

#[test]
fn what_cannot_be_planned() {
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("list");
    std::fs::write(&list, "a.example\nb.example\n").unwrap();
    let deaf = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let resolver = deaf.local_addr().unwrap().to_string();
    let list = list.to_str().unwrap();
    let resolver = ["--resolver", &resolver, "--step-timeout", "0.2"];
    let cases: [(&[&str], i32, &str); 6] = [
        (&["scan", list, "--plan"], 1, "none of 2 domains could be looked up (dns-timeout)"),
        (&["scan", "/nonexistent", "--plan"], 1, "/nonexistent cannot be read"),
        (&["scan", list], 2, "--out"),
        (&["scan", "--plan"], 2, "LIST"),
        (&["scan", list, "--plan", "--resume"], 2, "--resume"),
        (&["scan", list, "--plan", "--plan-sample", "0"], 2, "a number from 1 on"),
    ];
    for (args, code, says) in cases {
        let (output, _) = run(program().args(args).args(resolver));
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        assert!(text.contains(says), "{args:?}: {text}");
    }
}
