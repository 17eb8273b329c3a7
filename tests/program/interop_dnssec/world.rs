//! The zones: one fault each, made with BIND's tools.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use mxcensus_rules::observation::Dnssec;
use mxcensus_rules::observation::Dnssec::{Bogus, Indeterminate, Insecure, Secure};

/// How names that do not exist are denied.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Denial {
    Nsec,
    /// NSEC3 with that many iterations.
    Nsec3(u16),
    /// NSEC3 with opt-out (RFC 5155 6).
    OptOut,
}

/// What is wrong with a zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    None,
    /// Signatures are a day out of date.
    Expired,
    /// Signatures begin tomorrow.
    Future,
    /// The DS belongs to another key.
    OtherKey,
    /// A DS, and no signature at all.
    NoSignatures,
    /// Signatures are good for [`BRIEF`] seconds only.
    Brief,
    /// The signature of `www` names an unsigned zone as its signer (RFC 4035 5.3.1).
    ForeignSigner,
    /// The address of `www` was changed after signing.
    Changed,
    /// All NSEC records and their signatures are gone.
    NoDenial,
    /// Signed, and the parent has no DS.
    NoDs,
    /// Not signed.
    Unsigned,
    /// The DS names an algorithm that nobody knows (RFC 4035 5.2).
    UnknownAlgorithm,
    /// The DS names a digest that nobody knows (RFC 6840 5.2).
    UnknownDigest,
    /// The only DS is of SHA-384 (RFC 6605 2).
    Sha384,
}

/// One zone of leaves.
pub(super) struct Zone {
    pub name: &'static str,
    pub algorithm: &'static str,
    pub denial: Denial,
    pub fault: Fault,
    /// What its own names must be, found and denied; `None` where that depends on the name.
    pub must_be: Option<Dnssec>,
}

const fn zone(
    name: &'static str,
    algorithm: &'static str,
    denial: Denial,
    fault: Fault,
    must_be: Option<Dnssec>,
) -> Zone {
    Zone { name, algorithm, denial, fault, must_be }
}

const P256: &str = "ECDSAP256SHA256";

/// How long the signatures of [`Fault::Brief`] last: many times as long as it takes to sign one zone and to start its server.
pub(super) const BRIEF: u64 = 20;

/// The zone of [`Fault::Brief`], which has a server of its own.
pub(super) const BRIEF_ZONE: &str = "brief.lab";

/// Every leaf zone. Parents are `lab` (NSEC), `opt` (NSEC3 with opt-out) and the root.
pub(super) const ZONES: &[Zone] = &[
    zone(BRIEF_ZONE, P256, Denial::Nsec, Fault::Brief, None),
    zone("a5.lab", "RSASHA1", Denial::Nsec, Fault::None, Some(Secure)),
    zone("a7.lab", "NSEC3RSASHA1", Denial::Nsec3(0), Fault::None, Some(Secure)),
    zone("a8.lab", "RSASHA256", Denial::Nsec, Fault::None, Some(Secure)),
    zone("a10.lab", "RSASHA512", Denial::Nsec, Fault::None, Some(Secure)),
    zone("a13.lab", P256, Denial::Nsec, Fault::None, Some(Secure)),
    zone("a14.lab", "ECDSAP384SHA384", Denial::Nsec, Fault::None, Some(Secure)),
    zone("a15.lab", "ED25519", Denial::Nsec, Fault::None, Some(Secure)),
    zone("a16.lab", "ED448", Denial::Nsec, Fault::None, Some(Indeterminate)),
    zone("n3a8.lab", "RSASHA256", Denial::Nsec3(0), Fault::None, Some(Secure)),
    zone("n3a13.lab", P256, Denial::Nsec3(10), Fault::None, Some(Secure)),
    zone("n3a14.lab", "ECDSAP384SHA384", Denial::Nsec3(0), Fault::None, Some(Secure)),
    zone("n3a15.lab", "ED25519", Denial::Nsec3(1), Fault::None, Some(Secure)),
    // BIND signs with no more than 150 iterations, which is also the most that Unbound follows.
    zone("n3x150.lab", P256, Denial::Nsec3(150), Fault::None, Some(Secure)),
    zone("optout.lab", P256, Denial::OptOut, Fault::None, None),
    zone("sha384.lab", P256, Denial::Nsec, Fault::Sha384, Some(Secure)),
    zone("expired.lab", P256, Denial::Nsec, Fault::Expired, Some(Bogus)),
    zone("expired3.lab", "ED25519", Denial::Nsec3(0), Fault::Expired, Some(Bogus)),
    zone("future.lab", P256, Denial::Nsec, Fault::Future, Some(Bogus)),
    zone("otherkey.lab", P256, Denial::Nsec, Fault::OtherKey, Some(Bogus)),
    zone("nosig.lab", P256, Denial::Nsec, Fault::NoSignatures, Some(Bogus)),
    zone("changed.lab", P256, Denial::Nsec, Fault::Changed, None),
    zone("nodenial.lab", P256, Denial::Nsec, Fault::NoDenial, None),
    zone("foreign.lab", P256, Denial::Nsec, Fault::ForeignSigner, None),
    zone("nods.lab", P256, Denial::Nsec, Fault::NoDs, Some(Insecure)),
    zone("unsigned.lab", P256, Denial::Nsec, Fault::Unsigned, Some(Insecure)),
    zone("unknownalg.lab", P256, Denial::Nsec, Fault::UnknownAlgorithm, Some(Insecure)),
    zone("unknowndigest.lab", P256, Denial::Nsec, Fault::UnknownDigest, Some(Insecure)),
    // Several delegations below one name that is no zone, as in co.jp.
    zone("one.co.lab", P256, Denial::Nsec, Fault::None, Some(Secure)),
    zone("two.co.lab", "ED25519", Denial::Nsec, Fault::None, Some(Secure)),
    zone("three.co.lab", P256, Denial::Nsec, Fault::Unsigned, Some(Insecure)),
    zone("four.deep.co.lab", P256, Denial::Nsec3(0), Fault::None, Some(Secure)),
    zone("five.deep.co.lab", P256, Denial::Nsec, Fault::Expired, Some(Bogus)),
    zone("signed.opt", P256, Denial::Nsec, Fault::None, Some(Secure)),
    zone("unsigned.opt", P256, Denial::Nsec, Fault::Unsigned, Some(Insecure)),
    zone("two.unsigned.opt", P256, Denial::Nsec, Fault::None, Some(Insecure)),
    zone("one.co.opt", P256, Denial::Nsec, Fault::None, Some(Secure)),
    zone("two.co.opt", P256, Denial::Nsec3(0), Fault::None, Some(Secure)),
];

/// Every zone that is served; the root is the empty name.
pub(super) fn zone_names() -> Vec<String> {
    ["", "lab", "opt"].into_iter().chain(ZONES.iter().map(|zone| zone.name)).map(str::to_owned).collect()
}

/// What [`build`] made.
pub(super) struct Built {
    /// The root's trust anchor.
    pub anchor: String,
    brief_key: String,
}

impl Built {
    /// Signs the zone of [`Fault::Brief`]: from now on its time runs.
    pub(super) fn sign_brief(&self, directory: &Path) {
        let end = format!("now+{BRIEF}");
        sign(directory, BRIEF_ZONE, Denial::Nsec, &self.brief_key, ("now-3600", &end));
    }
}

/// Writes every zone and signs all but the one of [`Fault::Brief`] as `ZONE.signed`.
pub(super) fn build(directory: &Path) -> Built {
    let mut lab = String::new();
    let mut opt = String::new();
    let mut root = String::new();
    // Children first: their DS records go into the parents.
    let mut brief_key = String::new();
    for zone in ZONES {
        let ds = if zone.fault == Fault::Brief {
            write_zone(directory, zone.name, LEAF);
            brief_key = keygen(directory, zone.name, zone.algorithm);
            ds(directory, &brief_key, "SHA-256")
        } else {
            leaf(directory, zone)
        };
        let delegation = format!("{}. NS ns.lab.\n{ds}", zone.name);
        // The grandparent knows nothing of a zone below an unsigned zone.
        match zone.name {
            "two.unsigned.opt" => {}
            name if name.ends_with(".opt") => opt += &delegation,
            _ => lab += &delegation,
        }
    }
    lab += "ns A 127.0.0.1\nwww A 192.0.2.1\n*.wild A 192.0.2.2\n";
    opt += "ns A 127.0.0.1\nwww A 192.0.2.1\n";
    for (name, text, denial) in [("lab", lab, Denial::Nsec), ("opt", opt, Denial::OptOut)] {
        let key = keygen(directory, name, P256);
        write_zone(directory, name, &text);
        sign(directory, name, denial, &key, ("now-3600", "now+864000"));
        write!(root, "{name}. NS ns.lab.\n{}", ds(directory, &key, "SHA-256")).unwrap();
    }
    let key = keygen(directory, "", "RSASHA256");
    write_zone(directory, "", &root);
    sign(directory, "", Denial::Nsec, &key, ("now-3600", "now+864000"));
    Built { anchor: ds(directory, &key, "SHA-256"), brief_key }
}

/// Writes one leaf zone; returns the DS records that its parent is to publish.
fn leaf(directory: &Path, zone: &Zone) -> String {
    let mut text = LEAF.to_owned();
    if zone.denial == Denial::OptOut {
        text += "below NS ns.lab.\n";
    }
    write_zone(directory, zone.name, &text);
    let file = directory.join(format!("{}.signed", zone.name));
    if zone.fault == Fault::Unsigned {
        std::fs::copy(directory.join(format!("{}.zone", zone.name)), &file).unwrap();
        return String::new();
    }
    let key = keygen(directory, zone.name, zone.algorithm);
    let period = match zone.fault {
        Fault::Expired => ("now-864000", "now-86400"),
        Fault::Future => ("now+86400", "now+864000"),
        _ => ("now-3600", "now+864000"),
    };
    sign(directory, zone.name, zone.denial, &key, period);
    let signed = std::fs::read_to_string(&file).unwrap();
    let without = |kinds: &[&str]| -> String {
        let keep = |line: &&str| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            !kinds.iter().any(|kind| {
                fields.get(3) == Some(kind) || fields.get(4).is_some_and(|f| fields[3] == "RRSIG" && f == kind)
            })
        };
        signed.lines().filter(keep).map(|line| format!("{line}\n")).collect()
    };
    match zone.fault {
        Fault::NoSignatures => std::fs::write(&file, without(&["RRSIG", "NSEC"])).unwrap(),
        Fault::NoDenial => std::fs::write(&file, without(&["NSEC"])).unwrap(),
        Fault::ForeignSigner => {
            let own = |line: &str| line.starts_with("www.foreign.lab.") && line.contains("RRSIG");
            let foreign = |line: &str| line.replace(" foreign.lab. ", " unsigned.lab. ");
            let lines = signed.lines().map(|line| if own(line) { foreign(line) } else { line.to_owned() } + "\n");
            std::fs::write(&file, lines.collect::<String>()).unwrap();
        }
        Fault::Changed => std::fs::write(&file, signed.replace("192.0.2.10", "192.0.2.99")).unwrap(),
        _ => {}
    }
    let published = ds(directory, &key, "SHA-256");
    let with_field = |position: usize, value: &str| {
        let mut fields: Vec<&str> = published.split_whitespace().collect();
        fields[position] = value;
        fields.join(" ") + "\n"
    };
    match zone.fault {
        Fault::NoDs => String::new(),
        Fault::OtherKey => ds(directory, &keygen(directory, zone.name, zone.algorithm), "SHA-256"),
        Fault::Sha384 => ds(directory, &key, "SHA-384"),
        // owner IN DS tag algorithm digest-type digest
        Fault::UnknownAlgorithm => with_field(4, "200"),
        Fault::UnknownDigest => with_field(5, "200"),
        _ => published,
    }
}

/// The names of every leaf zone.
const LEAF: &str = "\
@ A 192.0.2.1
@ MX 10 mail
@ MX 20 mail2
@ TXT \"v=spf1 -all\"
www A 192.0.2.10
mail A 192.0.2.25
mail AAAA 2001:db8::25
_25._tcp.mail TLSA 3 1 1 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
_mta-sts TXT \"v=STSv1; \" \"id=1;\"
alias CNAME www
alias2 CNAME alias
nodata-alias CNAME mail
gone-alias CNAME nowhere
tosecure CNAME www.a13.lab.
tosecure3 CNAME www.n3a13.lab.
toinsecure CNAME www.unsigned.lab.
tobogus CNAME www.expired.lab.
toecho CNAME tosecure.unsigned.lab.
towild CNAME any.wild.n3a13.lab.
tonowhere CNAME nowhere.a13.lab.
tonowhere3 CNAME nowhere.n3a13.lab.
toopt CNAME nowhere.optout.lab.
todname CNAME www.dname.a13.lab.
*.wild A 192.0.2.77
*.wild TXT \"wild\"
*.wildalias CNAME www
*.wildaway CNAME www.n3a13.lab.
dname DNAME a13.lab.
dnamehere DNAME below-dname
www.below-dname A 192.0.2.55
dnameinsecure DNAME unsigned.lab.
a.b.ent A 192.0.2.66
";

fn write_zone(directory: &Path, name: &str, text: &str) {
    let head = format!("$ORIGIN {name}.\n$TTL 300\n@ SOA ns.lab. hostmaster.lab. 1 3600 900 864000 60\n@ NS ns.lab.\n");
    std::fs::write(directory.join(format!("{name}.zone")), head + text).unwrap();
}

fn run(directory: &Path, tool: &str, arguments: &[&str]) -> String {
    let output = Command::new(tool).current_dir(directory).args(arguments).output().unwrap();
    assert!(output.status.success(), "{tool} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Makes one key that signs everything; returns its file name.
fn keygen(directory: &Path, zone: &str, algorithm: &str) -> String {
    let zone = format!("{zone}.");
    let mut arguments = vec!["-q", "-a", algorithm, "-f", "KSK"];
    if algorithm.contains("RSA") {
        arguments.extend(["-b", "1024"]);
    }
    arguments.push(&zone);
    run(directory, "dnssec-keygen", &arguments).trim().to_owned()
}

fn sign(directory: &Path, zone: &str, denial: Denial, key: &str, (start, end): (&str, &str)) {
    let (origin, input, output) = (format!("{zone}."), format!("{zone}.zone"), format!("{zone}.signed"));
    let public = std::fs::read_to_string(directory.join(format!("{key}.key"))).unwrap();
    let file = directory.join(&input);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + &public).unwrap();
    let iterations;
    let mut arguments = vec!["-q", "-z", "-P", "-O", "full", "-s", start, "-e", end, "-o", &origin, "-f", &output];
    match denial {
        Denial::Nsec => {}
        Denial::Nsec3(count) => {
            iterations = count.to_string();
            arguments.extend(["-3", "aabbccdd", "-H", &iterations]);
        }
        Denial::OptOut => arguments.extend(["-3", "-", "-H", "0", "-A"]),
    }
    arguments.extend([input.as_str(), key]);
    run(directory, "dnssec-signzone", &arguments);
}

fn ds(directory: &Path, key: &str, digest: &str) -> String {
    run(directory, "dnssec-dsfromkey", &["-a", digest, &format!("{key}.key")])
}
