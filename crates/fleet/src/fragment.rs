//! What each run of each worker says about itself, and what all of them say together.

use std::path::PathBuf;

use mxcensus_dataset::manifest::{Run, Worker};
use mxcensus_dataset::{DatasetError, files};
use serde::{Deserialize, Serialize};

use crate::layout::Layout;

/// One run of one worker.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Fragment {
    /// The run.
    pub run: Run,
    /// The worker, as it was in this run.
    pub worker: Worker,
}

/// The number of a worker's next run.
pub fn next_run(layout: &Layout, worker: &str) -> Result<u32, DatasetError> {
    let runs = read_all(layout)?.into_iter().filter(|fragment| fragment.worker.name == worker);
    Ok(runs.map(|fragment| fragment.run.number).max().unwrap_or(0) + 1)
}

/// Writes what a run says, in place of what it said before.
pub fn write(layout: &Layout, fragment: &Fragment) -> Result<(), DatasetError> {
    let path = path(layout, &fragment.worker.name, fragment.run.number);
    let mut text = serde_json::to_vec_pretty(fragment).map_err(|e| DatasetError::from_io(&path, e.into()))?;
    text.push(b'\n');
    files::write_atomically(&path, &text).map(drop)
}

/// Everything that was said.
pub fn read_all(layout: &Layout) -> Result<Vec<Fragment>, DatasetError> {
    let folder = layout.workers();
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(DatasetError::from_io(&folder, e)),
    };
    let mut fragments = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| DatasetError::from_io(&folder, e))?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read(&path).map_err(|e| DatasetError::from_io(&path, e))?;
        fragments.push(serde_json::from_slice(&text).map_err(|e| DatasetError::from_io(&path, e.into()))?);
    }
    Ok(fragments)
}

/// The runs of all workers by their start, numbered anew, and each worker as it was last. The order in which fragments come
/// makes no difference, and neither does one that comes twice.
pub fn together(mut fragments: Vec<Fragment>) -> (Vec<Run>, Vec<Worker>) {
    fragments.sort_by(|a, b| key(a).cmp(&key(b)));
    fragments.dedup_by(|a, b| key(a) == key(b));
    let mut workers: Vec<Worker> = Vec::new();
    for fragment in &fragments {
        workers.retain(|worker| worker.name != fragment.worker.name);
        workers.push(fragment.worker.clone());
    }
    workers.sort_by(|a, b| a.name.cmp(&b.name));
    let runs = fragments.into_iter().zip(1..).map(|(fragment, number)| Run { number, ..fragment.run }).collect();
    (runs, workers)
}

fn key(fragment: &Fragment) -> (&str, &str, u32) {
    (&fragment.run.start, &fragment.worker.name, fragment.run.number)
}

fn path(layout: &Layout, worker: &str, run: u32) -> PathBuf {
    layout.workers().join(format!("{worker}-{run:04}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fragment(worker: u8, number: u32, start: u8) -> Fragment {
        let name = format!("w{worker}");
        Fragment {
            run: Run { number, worker: name.clone(), start: format!("2026-12-01T00:00:{start:02}Z"), ..Run::default() },
            worker: Worker { name, ..Worker::default() },
        }
    }

    proptest! {
        #[test]
        fn order_and_repetition_make_no_difference(
            said in prop::collection::vec((0_u8..4, 1_u32..4, 0_u8..60), 0..12),
            again in 0_usize..12,
        ) {
            let fragments: Vec<Fragment> = said.iter().map(|&(w, n, s)| fragment(w, n, s)).collect();
            let mut other: Vec<Fragment> = fragments.iter().rev().cloned().collect();
            other.extend(fragments.get(again).cloned());
            let (runs, workers) = together(fragments);
            prop_assert!(runs.iter().zip(1..).all(|(run, number)| run.number == number));
            prop_assert_eq!(together(other), (runs, workers));
        }
    }
}
