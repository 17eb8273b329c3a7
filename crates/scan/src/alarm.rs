//! A panic anywhere ends the crawl, soon and in order: nothing more is begun, what is in hand is finished, and the program
//! says what stopped.

use std::sync::{Arc, OnceLock};

use super::frontier::Frontier;

/// What every task of a crawl rings when it panics.
pub struct Alarm {
    frontier: Arc<Frontier>,
    first: OnceLock<&'static str>,
}

/// Kept by a task while it is at work: a panic that drops it rings.
#[must_use = "a task is watched for as long as this is kept"]
pub struct Vigil {
    alarm: Arc<Alarm>,
    task: &'static str,
}

impl Alarm {
    /// For the crawl with this frontier.
    pub fn new(frontier: &Arc<Frontier>) -> Arc<Alarm> {
        Arc::new(Alarm { frontier: frontier.clone(), first: OnceLock::new() })
    }

    /// Watches over a task. `task` as it is called in "… stopped unexpectedly".
    pub fn watch(self: &Arc<Self>, task: &'static str) -> Vigil {
        Vigil { alarm: self.clone(), task }
    }

    /// The task that panicked first.
    pub fn rung_by(&self) -> Option<&'static str> {
        self.first.get().copied()
    }
}

impl Drop for Vigil {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.alarm.first.set(self.task);
            self.alarm.frontier.stop();
        }
    }
}
