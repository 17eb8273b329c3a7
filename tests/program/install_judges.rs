//! `tests/program/judges/install.sh` with an `apt-get` of the test's own: no daemon may start, and the machine's policy is put back
//! however the installation ends.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Writes a program into a folder.
fn program(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a file");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a file of ours");
}

/// A Debian on which nothing is installed, and whose `apt-get install` ends with `code`.
struct Debian {
    dir: tempfile::TempDir,
}

impl Debian {
    fn new(code: i32) -> Debian {
        let dir = tempfile::tempdir().expect("a directory");
        let debian = Debian { dir };
        let bin = debian.file("bin");
        std::fs::create_dir(&bin).expect("a directory");
        program(&bin, "id", "echo 0");
        program(&bin, "dpkg-query", "case $1 in -L) echo /etc/init.d/$2;; *) exit 1;; esac");
        let disabled = debian.file("disabled");
        program(&bin, "update-rc.d", &format!("echo \"$*\" >>'{}'", disabled.display()));
        program(&bin, "systemctl", "exit 0");
        let (policy, seen) = (debian.policy(), debian.file("seen"));
        // As invoke-rc.d asks whether a daemon may start.
        let install = format!("'{}'; echo $? >'{}'; exit {code}", policy.display(), seen.display());
        let simulate = "echo 'Inst nginx-common (1.26 Debian)'; echo 'Inst libc6 [2.40] (2.41 Debian)'";
        program(&bin, "apt-get", &format!("case \"$*\" in *' -s '*) {simulate};; *' update') ;; *) {install};; esac"));
        debian
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn policy(&self) -> PathBuf {
        self.file("policy-rc.d")
    }

    fn install(&self) -> Output {
        let path = format!("{}:{}", self.file("bin").display(), std::env::var("PATH").expect("a path"));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/judges/install.sh");
        let mut command = Command::new(script);
        command.arg("nginx-light").env("PATH", path);
        command.env("POLICY_RC_D", self.policy()).env("LOCK", self.file("lock")).output().expect("the script starts")
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_default()
    }
}

#[test]
fn no_daemon_starts_while_judges_are_installed() {
    let debian = Debian::new(0);
    let output = debian.install();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("Installing from Debian") && said.contains("nginx-common"), "{said}");
    assert_eq!(debian.read("seen").trim(), "101", "invoke-rc.d(8): forbidden");
    assert!(!debian.policy().exists(), "there was no policy, and there is none");
    assert_eq!(debian.read("disabled").trim(), "nginx-common disable", "what was there before keeps its services");
}

#[test]
fn a_policy_is_put_back_whatever_happens() {
    for code in [0, 100] {
        let debian = Debian::new(code);
        program(debian.dir.path(), "policy-rc.d", "exit 42");
        let before = debian.read("policy-rc.d");
        assert_eq!(debian.install().status.success(), code == 0);
        assert_eq!(debian.read("seen").trim(), "101", "ours held meanwhile");
        assert_eq!(debian.read("policy-rc.d"), before, "exit code {code}");
    }
}

#[test]
fn what_a_killed_call_left_is_put_right_by_the_next() {
    let debian = Debian::new(0);
    program(debian.dir.path(), "policy-rc.d.before-mxcensus", "exit 42");
    program(
        debian.dir.path(),
        "policy-rc.d",
        "# mxcensus: no daemon is started while its judges are installed\nexit 101",
    );
    assert!(debian.install().status.success());
    assert!(debian.read("policy-rc.d").contains("exit 42"), "{}", debian.read("policy-rc.d"));
}
