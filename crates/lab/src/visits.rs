//! Who came: the access log, and what the servers remember of earlier connections.
//!
//! The log has one line for each DNS question (`dns TYPE name`) and each connection (`smtp address`, `https address`),
//! written before it is answered: what a scanner asked and whom it contacted, as the other side saw it.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The visits to one lab.
#[derive(Debug, Default)]
pub struct Visits {
    log: Option<Mutex<File>>,
    counters: Mutex<Vec<Arc<AtomicUsize>>>,
}

impl Visits {
    /// Visits that are logged to a file, which is made anew.
    pub fn logged(path: &Path) -> io::Result<Visits> {
        Ok(Visits { log: Some(Mutex::new(File::create(path)?)), ..Visits::default() })
    }

    /// Whether there is a log.
    pub fn are_logged(&self) -> bool {
        self.log.is_some()
    }

    /// Logs a visit, if there is a log.
    pub fn note(&self, service: &str, what: impl fmt::Display) {
        let Some(log) = &self.log else { return };
        let line = format!("{service} {what}\n");
        // A log that cannot be written shows as one that lacks lines.
        let _ = log.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }

    /// A server's count of its connections, from 0.
    pub fn counter(&self) -> Arc<AtomicUsize> {
        let counter = Arc::new(AtomicUsize::new(0));
        self.counters.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&counter));
        counter
    }

    /// Makes every server forget who came before: greylisting begins anew. The log says that it was done.
    pub fn forget(&self) {
        for counter in self.counters.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            counter.store(0, Ordering::Relaxed);
        }
        self.note("lab", "forgot");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_counts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("access.log");
        let visits = Visits::logged(&path).unwrap();
        visits.note("smtp", "127.25.0.1");
        visits.note("dns", format_args!("{} {}", "MX", "lab.com"));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "smtp 127.25.0.1\ndns MX lab.com\n");
        let counter = visits.counter();
        counter.fetch_add(2, Ordering::Relaxed);
        visits.forget();
        assert_eq!(counter.load(Ordering::Relaxed), 0);
        Visits::default().note("smtp", "nobody reads this");
    }
}
