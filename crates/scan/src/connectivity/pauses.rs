//! Times in which nothing was observed, for the manifest and the status file.

use tokio::sync::watch;

use super::Kind;
use crate::shortage::Shortage;
use mxcensus_dataset::manifest::{Pause, rfc3339};
use mxcensus_rules::observation::Micros;

/// Why nothing was observed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// This machine had lost a connection.
    Lost(Kind),
    /// This machine was suspended.
    Suspended,
    /// This machine was short of something.
    Short(Shortage),
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 10] = [
        Cause::Lost(Kind::Resolver),
        Cause::Lost(Kind::SmtpV4),
        Cause::Lost(Kind::SmtpV6),
        Cause::Lost(Kind::Https),
        Cause::Suspended,
        Cause::Short(Shortage::Descriptors),
        Cause::Short(Shortage::SystemDescriptors),
        Cause::Short(Shortage::Buffers),
        Cause::Short(Shortage::Ports),
        Cause::Short(Shortage::Memory),
    ];

    /// One word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Cause::Lost(Kind::Resolver) => "resolver",
            Cause::Lost(Kind::SmtpV4) => "smtp-ipv4",
            Cause::Lost(Kind::SmtpV6) => "smtp-ipv6",
            Cause::Lost(Kind::Https) => "https",
            Cause::Suspended => "suspended",
            Cause::Short(shortage) => shortage.word(),
        }
    }

    /// What is said to the operator and in the manifest.
    pub fn reason(self) -> &'static str {
        match self {
            Cause::Lost(kind) => kind.reason(),
            Cause::Suspended => "this machine was suspended",
            Cause::Short(shortage) => shortage.reason(),
        }
    }
}

/// One such time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Interruption {
    /// Why.
    pub cause: Cause,
    /// When it began.
    pub start: Micros,
    /// When it ended; none while it is under way.
    pub end: Option<Micros>,
}

impl Interruption {
    /// As the manifest has it.
    pub fn for_manifest(&self) -> Pause {
        Pause { start: rfc3339(self.start), end: self.end.map(rfc3339), reason: self.cause.reason().to_owned() }
    }
}

/// The interruptions of a run, in the order of their beginning. A subscriber learns of each change, and of the
/// end of the crawl.
#[derive(Debug)]
pub struct Pauses(watch::Sender<Vec<Interruption>>);

impl Default for Pauses {
    fn default() -> Pauses {
        Pauses(watch::Sender::new(Vec::new()))
    }
}

impl Pauses {
    /// One began, or began and ended.
    pub fn begin(&self, cause: Cause, start: Micros, end: Option<Micros>) {
        self.0.send_modify(|all| all.push(Interruption { cause, start, end }));
    }

    /// The one with this cause is over.
    pub fn end(&self, cause: Cause, end: Micros) {
        self.0.send_if_modified(|all| {
            let open = all.iter_mut().rev().find(|pause| pause.cause == cause && pause.end.is_none());
            open.map(|pause| pause.end = Some(end)).is_some()
        });
    }

    /// All so far; the last ones may not have ended.
    pub fn all(&self) -> Vec<Interruption> {
        self.0.borrow().clone()
    }

    /// A receiver that sees every list but those that a later one has replaced.
    pub fn follow(&self) -> watch::Receiver<Vec<Interruption>> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_follows_sees_the_last_list_and_the_end() {
        let pauses = Pauses::default();
        let mut seen = pauses.follow();
        let (lost, other) = (Cause::Lost(Kind::Resolver), Cause::Lost(Kind::SmtpV4));
        pauses.end(lost, 1);
        assert!(!seen.has_changed().unwrap(), "there is none to be ended");
        pauses.begin(lost, 1_000_000, None);
        pauses.begin(other, 2_000_000, None);
        pauses.begin(Cause::Suspended, 3_000_000, Some(4_000_000));
        pauses.end(lost, 5_000_000);
        pauses.begin(lost, 6_000_000, None);
        let expected = pauses.all();
        let ends: Vec<_> = expected.iter().map(|pause| (pause.cause, pause.end)).collect();
        assert_eq!(ends, [(lost, Some(5_000_000)), (other, None), (Cause::Suspended, Some(4_000_000)), (lost, None)]);
        drop(pauses);
        assert!(seen.changed().await.is_ok(), "what came last is not lost");
        assert_eq!(*seen.borrow_and_update(), expected);
        assert!(seen.changed().await.is_err(), "and then it is over");
        let pause = expected[0].for_manifest();
        assert_eq!(
            (pause.start.as_str(), pause.end.as_deref()),
            ("1970-01-01T00:00:01Z", Some("1970-01-01T00:00:05Z"))
        );
    }

    #[test]
    fn causes_have_words_of_their_own() {
        let words: std::collections::BTreeSet<_> = Cause::ALL.map(Cause::word).into();
        assert_eq!(words.len(), Cause::ALL.len());
    }
}
