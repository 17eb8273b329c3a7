//! The command line itself: help with examples, version, verbosity, colours, the configuration file.

use super::support::{Lab, program};

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program().args(arguments).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The commands that `--help` names.
fn commands() -> Vec<String> {
    let (_, help, _) = run(&["--help"]);
    let list = help.split("Commands:\n").nth(1).expect("a list of commands").split("\n\n").next().expect("its end");
    let indented = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    indented
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_help_has_an_example() {
    let commands = commands();
    assert!(commands.len() > 10 && commands.iter().any(|name| name == "list"), "{commands:?}");
    for command in commands {
        for flag in ["--help", "-h"] {
            let (code, help, _) = run(&[&command, flag]);
            assert_eq!(code, Some(0));
            assert!(help.contains("Example") && help.contains(&format!("  mxcensus {command}")), "{command}: {help}");
        }
    }
}

#[test]
fn the_version_names_the_commit() {
    let (code, version, _) = run(&["--version"]);
    assert_eq!(code, Some(0));
    let head = std::process::Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    let is_known = head.is_ok_and(|head| head.status.success());
    let (_, commit) = version.trim().split_once(" (").unwrap_or_default();
    assert_eq!(commit.trim_end_matches(')').len() >= 12, is_known, "{version}");
    assert!(version.starts_with(&format!("mxcensus {}", env!("CARGO_PKG_VERSION"))), "{version}");
}

#[test]
fn a_periodic_run_needs_its_configuration_alone() {
    let lab = Lab::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(path("list.csv"), "lab-sts-pass.com\n").unwrap();
    let mut text = format!(
        "list = {:?}\nout = {:?}\nlog = \"info\"\nlog-file = {:?}\nmetrics = \"127.0.0.1:0\"\nseed = 7\n",
        path("list.csv"),
        path("dataset"),
        path("scan.log")
    );
    let flags = lab.flags();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        let name = flag.trim_start_matches('-');
        let (name, value) = match (name.split_once('='), name) {
            (Some((name, value)), _) => (name, format!("{value:?}")),
            (None, "allow-special-addresses" | "unpaced") => (name, "true".to_owned()),
            (None, _) => (name, format!("{:?}", flags.next().expect("its value"))),
        };
        let value = match name {
            "smtp-port" | "https-port" | "step-timeout" => value.trim_matches('"').to_owned(),
            "resolver" => format!("[{value}]"),
            _ => value,
        };
        text += &format!("{name} = {value}\n");
    }
    std::fs::write(path("census.toml"), &text).unwrap();
    let (code, said, error) = run(&["scan", "--config", &path("census.toml")]);
    assert_eq!(code, Some(0), "{text}{said}{error}");
    assert!(said.contains("1 domains: 1 take mail"), "{said}");
    assert!(std::fs::read_to_string(path("scan.log")).unwrap().contains("INFO"), "the log went to its file");
    let manifest = std::fs::read_to_string(dir.path().join("dataset/manifest.json")).unwrap();
    assert!(manifest.contains("\"shuffle_seed\": 7"), "{manifest}");
    // The timer that goes on with it needs no other line.
    let (code, said, error) = run(&["scan", "--config", &path("census.toml"), "--resume"]);
    assert_eq!(code, Some(0), "{said}{error}");

    std::fs::write(path("census.toml"), "vantage = \"a\"\nmetrics = \"here\"\n").unwrap();
    let (code, _, error) = run(&["scan", "--config", &path("census.toml")]);
    assert_eq!(code, Some(1));
    assert!(error.contains("2 | metrics = \"here\"\n  |           ^^^^^^"), "{error}");
    std::fs::write(path("census.toml"), "vantage = \"a\"\n").unwrap();
    let (code, _, error) =
        run(&["scan", "--config", &path("census.toml"), "--resolver", "127.0.0.1:9", "--out", &path("x")]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("scan needs LIST, on the command line or in the configuration file"), "{error}");
}

#[test]
fn quiet_verbose_and_colours() {
    let lab = Lab::start(&[]);
    let check = |more: &[&str]| {
        let output = program().args(["check", "lab-sts-pass.com"]).args(lab.flags()).args(more).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let (plain, quiet) = check(&["-q"]);
    assert_eq!(quiet, "", "-q");
    assert!(!plain.contains('\u{1b}'), "no terminal, no colours: {plain}");
    assert!(check(&["--color", "always"]).0.contains("\u{1b}["));
    assert!(!check(&["--color", "never"]).0.contains('\u{1b}'));
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("list");
    std::fs::write(&list, "lab-sts-pass.com\n").unwrap();
    let scan = |verbosity: &str| {
        let out = dir.path().join(verbosity);
        let output = program().arg("scan").arg(&list).arg("--out").arg(out).args(lab.flags()).arg(verbosity).output();
        String::from_utf8_lossy(&output.unwrap().stderr).into_owned()
    };
    assert_eq!(scan("-q"), "", "no line of progress either");
    for verbosity in ["-v", "-vv"] {
        assert!(scan(verbosity).contains("INFO"), "{verbosity}");
    }
    assert!(!scan("--log=warn").contains("INFO"));
    assert_eq!(run(&["check", "a.example", "-q", "-v"]).0, Some(2), "not both");
}

#[test]
fn a_dataset_that_is_there_is_not_to_be_resumed_by_those_who_cannot() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("sample").display().to_string();
    let sample = || run(&["sample", "--domains", "20", "--out", &out]);
    assert_eq!(sample().0, Some(0));
    let (code, _, error) = sample();
    assert_eq!(code, Some(1));
    assert!(
        error.contains("already holds a dataset: choose another directory") && !error.contains("--resume"),
        "{error}"
    );
    std::fs::write(dir.path().join("list"), "a.example\n").unwrap();
    let list = dir.path().join("list").display().to_string();
    let (_, _, error) = run(&["scan", &list, "--out", &out, "--resolver", "127.0.0.1:9"]);
    assert!(error.contains("go on with it by --resume, or choose another directory"), "{error}");
}

#[test]
fn a_lab_names_the_address_that_is_taken_and_takes_others() {
    let taken = std::net::TcpListener::bind(("0.0.0.0", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let dir = tempfile::tempdir().unwrap();
    let lab = dir.path().display().to_string();
    for world in ["scenes", "load", "hostile"] {
        let (code, _, error) = run(&["lab", "--world", world, "--dir", &lab, "--smtp-port", &port]);
        assert_eq!(code, Some(1), "{world}");
        assert!(error.contains(&format!(":{port} cannot be had")) && error.contains("--port-base"), "{world}: {error}");
    }
}
