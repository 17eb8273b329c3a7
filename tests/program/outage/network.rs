//! The network itself goes away, in a namespace of the test's own: the mail servers alone, every peer but the resolver, or
//! everything. Linux and root; elsewhere the test says so and is skipped.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::namespace::{self, Namespace, missing, text};
use crate::support::skip;
use serde_json::Value;

use super::{Scan, answers, manifest, observed};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mxcensus");

/// The pace of a lab, with everything that watches over the connection as in a crawl of the internet, only sooner; few
/// things at once, so that the loss comes in the midst of the crawl.
const CONFIG: &str = "step-timeout = 8.0
[limits]
address_spacing_s = 0.0
network_per_s = 1e6
operator_per_s = 1e6
sampled_names = 0
retry_after_s = [1.0, 1.0]
probe_after_s = 0.3
probe_every_s = 0.5
domains_in_flight = 4
hosts_in_flight = 4
policies_in_flight = 12
endpoints_in_flight = 12
";

/// The step-timeout of [`CONFIG`].
const STEP: Duration = Duration::from_secs(8);

/// Where the lab's mail servers and policy hosts are; its resolver is at 127.0.0.1.
const MAIL: &str = "127.25.0.0/16";
const POLICIES: &str = "127.44.0.0/16";

/// Makes it possible to turn packets to this machine away, and a device in which they vanish: its other end is nobody's.
const SETUP: &str = "ip rule add pref 100 lookup local
ip rule del pref 0
ip link add void type veth peer name nowhere
ip link set nowhere up
ip link set void arp off up
ip route add 127.0.0.0/8 dev void table 77";

/// A loss: what is said about it, and the commands that bring it about and end it.
struct Loss {
    name: &'static str,
    reasons: &'static [&'static str],
    begin: String,
    end: String,
}

/// Packets to and from these networks get an answer from this machine that there is no way, or vanish (table 77).
fn turned_away(networks: &[&str], how: &str) -> (String, String) {
    let rule = |verb: &str, way: &str, network: &str| format!("ip rule {verb} pref 10 {way} {network} {how}\n");
    let rules = |verb: &str| {
        let both = networks.iter().flat_map(|network| ["to", "from"].map(|way| rule(verb, way, network)));
        both.collect::<String>()
    };
    (rules("add"), rules("del"))
}

const MAIL_IS_GONE: &str = "no mail server answered over IPv4";
const POLICIES_ARE_GONE: &str = "no policy host answered";
const RESOLVER_IS_GONE: &str = "no answer from the resolver";

fn losses() -> Vec<Loss> {
    let loss = |name, reasons, (begin, end): (String, String)| Loss { name, reasons, begin, end };
    let link = ("ip link set lo down".to_owned(), "ip link set lo up".to_owned());
    vec![
        loss("mail-unreachable", &[MAIL_IS_GONE], turned_away(&[MAIL], "unreachable")),
        loss("peers-silent", &[MAIL_IS_GONE, POLICIES_ARE_GONE], turned_away(&[MAIL, POLICIES], "lookup 77")),
        loss("link-down", &[MAIL_IS_GONE, POLICIES_ARE_GONE, RESOLVER_IS_GONE], link),
    ]
}

/// A namespace with a lab in it.
struct Place {
    namespace: Namespace,
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Result<Place, String> {
        if let Some(program) = missing(&["unshare", "nsenter", "ip"]) {
            return Err(format!("{program} is not installed"));
        }
        let dir = tempfile::tempdir().expect("a directory");
        let namespace = Namespace::new(dir.path(), SETUP)?;
        let place = Place { namespace, dir };
        let lab = place.file("lab");
        place.namespace.start(
            &place.file("lab.log"),
            PROGRAM,
            &["lab", "--access-log", "--dir", lab.to_str().expect("UTF-8")],
        );
        namespace::wait_for("the lab", || lab.join("flags.txt").is_file());
        fs::write(place.file("config.toml"), CONFIG).expect("a file");
        // What stays silent by itself need not be waited for.
        let list = fs::read_to_string(lab.join("domains.csv")).expect("the lab's list");
        let quick: Vec<&str> = list.lines().filter(|line| answers(line)).collect();
        fs::write(place.file("list.csv"), quick.join("\n")).expect("a file");
        Ok(place)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A scan into a dataset of this name; it talks into a file.
    fn scan(&self, name: &str) -> Scan {
        let flags = fs::read_to_string(self.file("lab/flags.txt")).expect("the lab's flags");
        let said = self.file(&format!("{name}.log"));
        let mut command = self.namespace.command(PROGRAM);
        command.arg("scan").arg(self.file("list.csv")).arg("--out").arg(self.file(name));
        command.arg("--config").arg(self.file("config.toml")).args(["--seed", "1"]);
        command.args(flags.lines().filter(|flag| *flag != "--unpaced"));
        Scan::start(&mut command, &said)
    }

    fn contacts(&self) -> usize {
        let log = fs::read_to_string(self.file("lab/access.log")).expect("the access log");
        log.lines().filter(|line| line.starts_with("smtp ")).count()
    }

    fn sh(&self, script: &str) {
        let output = self.namespace.run(20, "sh", &["-ec", script]);
        assert!(output.status.success(), "{script}: {}", text(&output));
    }
}

/// What differs, one line for each row and column.
fn differences(expected: &BTreeMap<String, Value>, seen: &BTreeMap<String, Value>) -> Vec<String> {
    let mut out = Vec::new();
    for key in expected.keys().chain(seen.keys().filter(|key| !expected.contains_key(*key))) {
        match (expected.get(key), seen.get(key)) {
            (Some(Value::Object(one)), Some(Value::Object(other))) => {
                let columns = one.keys().filter(|column| one.get(*column) != other.get(*column));
                out.extend(columns.map(|c| format!("{key} {c}: {:?} against {:?}", one.get(c), other.get(c))));
            }
            (one, other) => out.push(format!("{key}: there {}, there {}", one.is_some(), other.is_some())),
        }
    }
    out
}

/// The server that remembers who came: how it is reached depends on the crawls before.
fn seen(dataset: &Path) -> BTreeMap<String, Value> {
    let mut rows = observed(dataset);
    rows.retain(|key, _| !key.contains("lab-smtp-greylist"));
    rows
}

#[test]
fn a_network_that_goes_away_leaves_no_trace_but_a_pause() {
    let place = match Place::new() {
        Ok(place) => place,
        Err(why) => return skip(&why),
    };
    place.scan("undisturbed").end();
    let expected = seen(&place.file("undisturbed"));
    let undisturbed = manifest(&place.file("undisturbed"));
    assert!(undisturbed.runs[0].pauses.is_empty(), "{:?}", undisturbed.runs[0].pauses);
    for loss in losses() {
        let name = loss.name;
        let before = place.contacts();
        let mut scan = place.scan(name);
        scan.wait_until("a fifth of the mail servers are contacted", |_| place.contacts() >= before + 50);
        // By then it knows some that answer: one in a quarter of a second is remembered.
        std::thread::sleep(Duration::from_millis(500));
        place.sh(&loss.begin);
        scan.wait_until("it says that it pauses", |said| said.contains("Paused: "));
        // Long enough for every step that was under way to come to its end.
        std::thread::sleep(STEP + Duration::from_secs(1));
        place.sh(&loss.end);
        let said = scan.end();
        assert!(said.contains("going on after a pause"), "{name}: {said}");
        let manifest = manifest(&place.file(name));
        assert!(manifest.complete, "{name}");
        let pauses = &manifest.runs[0].pauses;
        assert!(!pauses.is_empty() && pauses.iter().all(|pause| pause.end.is_some()), "{name}: {pauses:?}");
        assert!(pauses.iter().all(|pause| loss.reasons.contains(&pause.reason.as_str())), "{name}: {pauses:?}");
        let differences = differences(&expected, &seen(&place.file(name)));
        assert!(differences.is_empty(), "{name}: {} differ\n{}\n{said}", differences.len(), differences.join("\n"));
    }
}
