//! What several tests look at is made once, though each may run in a process of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What an earlier run left is removed after so long: no run takes that long.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// The folder `name` of this run, filled by `make` where no other test of the run has filled it. Whoever comes meanwhile
/// waits. A run is one of nextest's, or this process.
pub(crate) fn folder(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let run = std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| std::process::id().to_string());
    let runs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared");
    let (folder, done) = (runs.join(&run).join(name), runs.join(&run).join(format!("{name}.done")));
    fs::create_dir_all(runs.join(&run)).expect("a folder");
    let lock = File::create(runs.join(&run).join(format!("{name}.lock"))).expect("a file");
    lock.lock().expect("a lock");
    if !done.exists() {
        remove_old(&runs);
        // Of one that failed half-way.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("a folder");
        make(&folder);
        File::create(done).expect("a file");
    }
    folder
}

fn remove_old(runs: &Path) {
    for run in fs::read_dir(runs).expect("a folder").flatten() {
        let changed = run.metadata().and_then(|metadata| metadata.modified()).unwrap_or_else(|_| SystemTime::now());
        if changed.elapsed().is_ok_and(|age| age > KEPT) {
            let _ = fs::remove_dir_all(run.path());
        }
    }
}
