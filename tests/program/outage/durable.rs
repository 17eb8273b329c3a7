//! A pause stands in the manifest while it lasts: a process that is killed in it has said when it did not observe.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mxcensus_lab::world::Vantage;
use mxcensus_lab::{Ports, scenes, start, unix_seconds};

use super::relay::{self, Loss};
use super::{PATIENCE, manifest, mxcensus, scan, some_that_answer, stderr, through};

/// Killed when dropped.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_outlives_the_process_that_made_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = scenes::all(unix_seconds().expect("a clock"), Vantage::find()).expect("the lab's world");
    let lab = start(world, Ports::default(), &dir.path().join("lab")).await.expect("the lab");
    let list = some_that_answer(&lab.dir.join("domains.csv"), &dir.path().join("list.csv"));
    let out = dir.path().join("dataset");
    let seed = ["--seed", "1"];

    // The resolver never comes back for this process.
    let relay = relay::start(lab.dns, Loss::Silent, 300).expect("a port");
    let args = through(relay.address(), scan(&lab, &list, &out, &seed));
    let mut command = Command::new(env!("CARGO_BIN_EXE_mxcensus"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let killed = Killed(command.spawn().expect("the program starts"));
    let begun = Instant::now();
    let has_a_pause = || {
        let manifest = mxcensus_dataset::Dataset::open(&out).and_then(|dataset| dataset.manifest());
        manifest.is_ok_and(|manifest| manifest.runs.iter().any(|run| !run.pauses.is_empty()))
    };
    while !has_a_pause() {
        assert!(begun.elapsed() < PATIENCE, "no pause came into the manifest");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let status = || {
        let text = std::fs::read(out.join("status.json")).expect("a status");
        serde_json::from_slice::<serde_json::Value>(&text).expect("a file with its final name is whole")
    };
    while status()["state"] != "paused" {
        assert!(begun.elapsed() < PATIENCE, "the status does not say so: {}", status());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(status()["pauses"][0]["reason"], "no answer from the resolver");
    assert_eq!(status()["pauses"][0]["end"], serde_json::Value::Null);
    drop(killed);
    let at_the_kill = manifest(&out).runs;
    let [run] = &at_the_kill[..] else { panic!("one run: {at_the_kill:?}") };
    let [pause] = &run.pauses[..] else { panic!("one pause: {run:?}") };
    assert_eq!(pause.reason, "no answer from the resolver");
    assert_eq!((&pause.end, &run.end), (&None, &None), "neither was over");
    assert!(run.start <= pause.start, "{run:?}");

    let mut args = scan(&lab, &list, &out, &seed);
    args.push("--resume".to_owned());
    let output = mxcensus(args).await;
    assert!(output.status.success(), "{}", stderr(&output));
    let manifest = manifest(&out);
    assert!(manifest.complete);
    assert_eq!(status()["state"], "finished");
    assert_eq!(manifest.runs[0], at_the_kill[0], "what was said stays said");
    assert!(manifest.runs[1].pauses.is_empty() && manifest.runs[1].end.is_some(), "{:?}", manifest.runs[1]);
}
