//! Manual pages and completions: they exist for every command, and say what `--help` says.

use super::support::program;

#[test]
fn every_command_has_its_page_and_is_completed() {
    let dir = tempfile::tempdir().expect("a directory");
    let output = program().arg("man").arg(dir.path()).output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for page in ["mxcensus.1", "mxcensus-scan.1", "mxcensus-check.1", "mxcensus-judge.1"] {
        let text = std::fs::read_to_string(dir.path().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(text.contains(".TH"), "{page}: {text}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let output = program().args(["completions", shell]).output().expect("the program starts");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(text.contains("opt-out") && text.contains("check"), "{shell}: {text}");
    }
}
