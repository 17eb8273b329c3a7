//! `mxcensus doctor` from outside: the real program, the lab's resolver and mail servers, and what it says and returns when
//! something is in the way. Contacts nobody but loopback.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Output;
use std::sync::LazyLock;
use std::time::Duration;

use crate::support::{Lab, program};
use mxcensus_lab::Reserved;
use serde_json::Value;

static LAB: LazyLock<Lab> = LazyLock::new(|| Lab::start(&[]));

/// The lab's flags.
fn flags() -> Vec<String> {
    LAB.flags()
}

fn doctor(flags: &[String], more: &[&str]) -> Output {
    program().arg("doctor").args(flags).args(more).output().expect("the program starts")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The findings as the program prints them for programs: check, level, what was seen and what to do.
fn findings(output: &Output) -> Vec<(String, String, String)> {
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(output)));
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("a list");
    let failed = findings.iter().any(|finding| finding["level"] == "fail");
    assert_eq!(report["ok"], !failed, "{report}");
    assert_eq!(output.status.code(), Some(i32::from(failed)), "{report}");
    let all = findings.iter().map(|finding| {
        let said = format!("{} {}", word(finding, "seen"), word(finding, "advice"));
        (word(finding, "check"), word(finding, "level"), said)
    });
    all.collect()
}

fn found(findings: &[(String, String, String)], check: &str) -> (String, String) {
    let finding = findings.iter().find(|finding| finding.0 == check);
    finding.map(|(_, level, said)| (level.clone(), said.clone())).unwrap_or_else(|| panic!("no {check}: {findings:?}"))
}

const HOSTS: [&str; 4] = ["--mail-host", "mx.lab-sts-pass.com", "--mail-host", "mx.lab-dane-pass.nl"];

/// Arguments that ask for JSON as well.
fn with_json<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [more, &["--json"]].concat()
}

#[test]
fn a_vantage_that_can_do_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let out = dir.path().join("dataset").display().to_string();
    let bogus = ["--bogus-name", "lab-bogus-expired.nl", "--out", &out, "--domains", "1000"];
    let more = [&HOSTS[..], &bogus].concat();
    let output = doctor(&flags(), &with_json(&more));
    let findings = findings(&output);
    for check in [
        "files",
        "disk",
        "resolver",
        "edns",
        "dnssec-records",
        "clock",
        "validation",
        "bogus",
        "lies",
        "large-answers",
        "port-25",
    ] {
        assert_eq!(found(&findings, check).0, "ok", "{check}: {findings:?}");
    }
    assert!(findings.iter().all(|finding| finding.1 != "fail"), "{findings:?}");
    assert_eq!(output.status.code(), Some(0));
    assert!(found(&findings, "port-25").1.contains("addresses of 2 hosts"), "{findings:?}");
    // The same for people.
    let output = doctor(&flags(), &more);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let said = text(&output);
    assert!(said.contains("ok    port-25        Mail servers can be reached"), "{said}");
    assert!(said.ends_with(" 0 in the way.\n"), "{said}");
    assert!(!dir.path().join("dataset").exists(), "it only looks");
}

#[test]
fn a_closed_port_is_told_from_a_host_that_is_down() {
    let closed = ["--mail-host", "127.77.0.1", "--mail-host", "127.77.0.2"];
    let output = doctor(&flags(), &with_json(&closed));
    let (level, said) = found(&findings(&output), "port-25");
    assert_eq!(level, "fail");
    assert!(said.contains("This network blocks the port: none of 127.77.0.1, 127.77.0.2 can be reached"), "{said}");
    assert!(said.contains("connect-refused") && said.contains("open outbound port 25"), "{said}");
    let output = doctor(&flags(), &closed);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).ends_with("1 in the way.\n"), "{}", text(&output));

    let one_down = ["--mail-host", "127.77.0.1", "--mail-host", "mx.lab-sts-pass.com"];
    let findings = findings(&doctor(&flags(), &with_json(&one_down)));
    assert_eq!(found(&findings, "port-25").0, "ok");
    assert_eq!(found(&findings, "mail-host").0, "warn");
}

#[test]
fn a_resolver_that_keeps_the_signatures_to_itself() {
    let flags = with_resolver(without_dnssec(lab_resolver()));
    let output = doctor(&flags, &with_json(&HOSTS));
    let all = findings(&output);
    let (level, said) = found(&all, "dnssec-records");
    assert_eq!(level, "fail", "{all:?}");
    assert!(said.contains("The root's keys come without their signatures."), "{said}");
    assert!(said.contains("run one of your own with --dnssec trust-ad"), "{said}");
    assert_eq!(found(&all, "edns").0, "ok", "{all:?}");
    // Where nobody wants them it is harmless.
    let all = findings(&doctor(&flags, &with_json(&["--dnssec", "off"])));
    assert_eq!(found(&all, "dnssec-records").0, "warn", "{all:?}");
}

#[test]
fn nobody_answers_for_the_dns() {
    let kept = Reserved::new(0).expect("a port");
    let port = kept.address();
    let output = doctor(&with_resolver(port), &["--json"]);
    let (level, said) = found(&findings(&output), "resolver");
    assert_eq!(level, "fail");
    assert!(said.contains(&format!("{port} does not answer.")), "{said}");
}

#[test]
fn who_we_are_is_missed_outside_of_a_lab() {
    // Without leave to contact loopback, no mail server is: the hosts are named to see that.
    let inside = ["--allow-special-addresses", "--unpaced", "--opt-out"];
    let is_inside = |flag: &str| inside.contains(&flag) || flag.ends_with("opt-out.txt");
    let outside: Vec<String> = flags().into_iter().filter(|flag| !is_inside(flag)).collect();
    let all = findings(&doctor(&outside, &with_json(&HOSTS)));
    let (level, said) = found(&all, "contact");
    assert_eq!(level, "warn");
    assert!(said.contains("Nobody who is contacted learns whom to write to. Give --contact"), "{said}");
    assert_eq!(found(&all, "opt-out").0, "warn");
    let (level, said) = found(&all, "port-25");
    assert_eq!(level, "fail");
    assert!(said.contains("No mail server was contacted (special-address)"), "{said}");

    let all = findings(&doctor(&outside, &with_json(&["--contact", "https://probe.example/"])));
    let (level, said) = found(&all, "contact");
    assert_eq!((level.as_str(), said.trim()), ("ok", "Policy hosts are told https://probe.example/."));
    assert_eq!(found(&all, "port-25").0, "warn", "it was not tried");
}

#[test]
fn a_host_that_is_none_is_a_matter_of_usage() {
    let output = doctor(&flags(), &["--mail-host", "mx.example:smtp"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("--mail-host \"mx.example:smtp\" is not a host name"), "{}", text(&output));
}

fn lab_resolver() -> SocketAddr {
    let flags = flags();
    let at = flags.iter().position(|flag| flag == "--resolver").expect("the lab names its resolver");
    flags[at + 1].parse().expect("an address")
}

fn with_resolver(resolver: SocketAddr) -> Vec<String> {
    let mut flags = flags();
    let at = flags.iter().position(|flag| flag == "--resolver").expect("the lab names its resolver");
    flags[at + 1] = resolver.to_string();
    flags
}

/// A resolver before the lab's that never asks it for DNSSEC records: it clears the DO bit, which is in the last record
/// of a question (RFC 6891 6.1.3). Serves until the test ends.
fn without_dnssec(upstream: SocketAddr) -> SocketAddr {
    let (udp, tcp) = (0..100)
        .find_map(|_| {
            let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
            let tcp = TcpListener::bind(udp.local_addr().ok()?).ok()?;
            Some((udp, tcp))
        })
        .expect("a port that is free for both");
    let address = udp.local_addr().expect("an address");
    assert_eq!(address.ip(), IpAddr::V4(Ipv4Addr::LOCALHOST));
    std::thread::spawn(move || {
        let mut question = [0; 4096];
        while let Ok((length, client)) = udp.recv_from(&mut question) {
            let back = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
            back.set_read_timeout(Some(Duration::from_secs(120))).expect("a time limit");
            clear_do(&mut question[..length]);
            back.send_to(&question[..length], upstream).expect("the lab listens");
            let mut answer = [0; 4096];
            if let Ok(length) = back.recv(&mut answer) {
                let _ = udp.send_to(&answer[..length], client);
            }
        }
    });
    std::thread::spawn(move || {
        for client in tcp.incoming().flatten() {
            let _ = pass_tcp(client, upstream);
        }
    });
    address
}

/// One question over TCP and its answer (RFC 1035 4.2.2).
fn pass_tcp(mut client: TcpStream, upstream: SocketAddr) -> std::io::Result<()> {
    let mut back = TcpStream::connect(upstream)?;
    for stream in [&client, &back] {
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    }
    let mut question = read_message(&mut client)?;
    clear_do(&mut question[2..]);
    back.write_all(&question)?;
    client.write_all(&read_message(&mut back)?)
}

/// A message with the two octets of its length.
fn read_message(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; 2];
    stream.read_exact(&mut message)?;
    let length = usize::from(u16::from_be_bytes([message[0], message[1]]));
    message.resize(2 + length, 0);
    stream.read_exact(&mut message[2..])?;
    Ok(message)
}

fn clear_do(question: &mut [u8]) {
    // An OPT record without options: root, type 41, payload size, extended code and version, flags, length.
    let at = question.len().saturating_sub(11);
    if let [0, 0, 41, _, _, _, _, flags, _, 0, 0] = &mut question[at..] {
        *flags &= 0x7f;
    }
}
