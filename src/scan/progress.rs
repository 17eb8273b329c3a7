//! How far the crawl is: counters that the stages add to, and two ways to show them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::sync::Notify;

use super::frontier::{Depths, Frontier, Waits};
use super::paced::Longest;

/// Counters of one stage.
#[derive(Debug, Default)]
pub struct Stage {
    started: AtomicU64,
    done: AtomicU64,
    failed: AtomicU64,
    earlier: AtomicU64,
}

impl Stage {
    /// An item was taken up.
    pub fn started(&self) {
        self.started.fetch_add(1, Relaxed);
    }

    /// An item got its row; `failed` when it could not be looked at as wished.
    pub fn finished(&self, failed: bool) {
        self.done.fetch_add(1, Relaxed);
        if failed {
            self.failed.fetch_add(1, Relaxed);
        }
    }

    /// An item of an earlier run is already there.
    pub fn already_done(&self) {
        self.earlier.fetch_add(1, Relaxed);
    }

    /// Rows so far, those of earlier runs included.
    pub fn done(&self) -> u64 {
        self.earlier() + self.done_now()
    }

    /// Rows of this run.
    pub fn done_now(&self) -> u64 {
        self.done.load(Relaxed)
    }

    /// Rows that earlier runs left.
    pub fn earlier(&self) -> u64 {
        self.earlier.load(Relaxed)
    }

    /// Rows of this run that say that something could not be looked at as wished.
    pub fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// Attempts begun, retries included.
    pub fn attempts(&self) -> u64 {
        self.started.load(Relaxed)
    }
}

/// The counters of a crawl.
#[derive(Debug, Default)]
pub struct Progress {
    /// Stage one.
    pub domains: Stage,
    /// Stage two.
    pub policies: Stage,
    /// Stage three.
    pub hosts: Stage,
    /// Stage four.
    pub endpoints: Stage,
    ended: AtomicBool,
    note: Mutex<Option<String>>,
    noted: Notify,
}

impl Progress {
    /// Stops the display.
    pub fn end(&self) {
        self.ended.store(true, Relaxed);
    }

    /// Says below the bars what the operator should know now: a pause, the end that was asked for.
    pub fn set_note(&self, note: Option<String>) {
        *self.note.lock().unwrap_or_else(PoisonError::into_inner) = note;
        self.noted.notify_one();
    }

    fn note(&self) -> Option<String> {
        self.note.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The stages by name, in the order of the crawl.
    pub fn stages(&self) -> [(&'static str, &Stage); 4] {
        [
            ("domains", &self.domains),
            ("policies", &self.policies),
            ("mx hosts", &self.hosts),
            ("endpoints", &self.endpoints),
        ]
    }
}

/// Columns below which the bars themselves are left out, so that the numbers keep their room.
const NARROW: u16 = 90;

/// Shows live bars on a terminal until the crawl ends; `domains` is how many there are. A line never wraps: what does
/// not fit is cut off.
pub async fn show_bars(progress: &Progress, frontier: &Frontier, domains: u64, bars: &MultiProgress) {
    let terminal = console::Term::stderr();
    let style = |narrow: bool| {
        let bar = if narrow { "" } else { "{bar:24.cyan/blue} " };
        ProgressStyle::with_template(&format!("{{prefix:>9}} {bar}{{pos:>9}}/{{len:<9}} {{wide_msg}}"))
            .unwrap_or_else(|_| ProgressStyle::default_bar())
    };
    let lines = progress.stages().map(|(name, _)| {
        let bar = bars.add(ProgressBar::new(0));
        bar.set_prefix(name);
        bar
    });
    let limits = bars.add(ProgressBar::new_spinner());
    limits.set_prefix("waits");
    limits.set_style(
        ProgressStyle::with_template("{prefix:>9} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    let mut looked: Option<Instant> = None;
    let notes = bars.add(ProgressBar::new_spinner());
    notes.set_style(ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let mut narrow = None;
    let begun = Instant::now();
    let mut rates = [Rate::default(); 4];
    while !progress.ended.load(Relaxed) {
        let now_narrow = terminal.size().1 < NARROW;
        if narrow.replace(now_narrow) != Some(now_narrow) {
            lines.iter().for_each(|bar| bar.set_style(style(now_narrow)));
        }
        let depths = frontier.depths();
        for (at, ((_, stage), bar)) in progress.stages().into_iter().zip(&lines).enumerate() {
            let total = total(at, stage, &depths, domains);
            bar.set_length(total);
            bar.set_position(stage.done());
            let rate = rates[at].update(begun.elapsed(), stage.done_now());
            bar.set_message(message(rate, waiting(at, &depths), stage.failed(), total.saturating_sub(stage.done())));
        }
        if looked.is_none_or(|looked| looked.elapsed() >= WAITS_EVERY) {
            looked = Some(Instant::now());
            limits.set_message(waits_line(&depths, &frontier.waits()));
        }
        notes.set_message(progress.note().unwrap_or_default());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    limits.finish_and_clear();
    notes.finish_and_clear();
    for bar in &lines {
        bar.finish();
    }
}

/// How often the queues are searched for the longest.
const WAITS_EVERY: Duration = Duration::from_secs(5);

/// What waits for limits, in one line.
fn waits_line(depths: &Depths, waits: &Waits) -> String {
    let mut parts = Vec::new();
    if let Some(Longest { who, waiting, left }) = &waits.longest {
        let others = depths.endpoints.saturating_sub(*waiting);
        parts.push(format!("longest: {who}, {waiting} endpoints for {}", indicatif::HumanDuration(*left)));
        if others > 0 {
            parts.push(format!("{others} others"));
        }
    }
    if depths.unsampled > 0 {
        parts.push(format!("{} for the samples of their address", depths.unsampled));
    }
    if depths.deferred > 0 {
        parts.push(format!("{} for their retry", depths.deferred));
    }
    let slowed = waits.slowed;
    if slowed != Default::default() {
        parts.push(format!("slowed down: {} addresses, {} operators", slowed.addresses, slowed.operators));
    }
    if parts.is_empty() { "nothing waits for limits".to_owned() } else { parts.join("; ") }
}

/// Prints a line now and then until the crawl ends, and notes at once: for logs and pipes.
pub async fn print_lines(progress: &Progress, frontier: &Frontier, domains: u64, every: Duration) {
    let begun = Instant::now();
    let mut shown = Instant::now();
    let mut noted = None;
    loop {
        let ended = progress.ended.load(Relaxed);
        let note = progress.note();
        if note != noted {
            if let Some(text) = &note {
                eprintln!("{text}");
            }
            noted = note;
        }
        if ended {
            return;
        }
        // A note does not wait for the next look: who asks twice to leave is to have read the first answer.
        let _ = tokio::time::timeout(Duration::from_millis(200), progress.noted.notified()).await;
        if shown.elapsed() < every {
            continue;
        }
        shown = Instant::now();
        let depths = frontier.depths();
        let parts: Vec<String> = progress
            .stages()
            .into_iter()
            .enumerate()
            .map(|(at, (name, stage))| {
                let of = total(at, stage, &depths, domains);
                format!("{name} {}/{of}, {} failed, {} waiting", stage.done(), stage.failed(), waiting(at, &depths))
            })
            .collect();
        let rate = progress.domains.done_now() as f64 / begun.elapsed().as_secs_f64();
        eprintln!(
            "{:>6.0} s  {}; {rate:.1} domains/s\n          waits: {}",
            begun.elapsed().as_secs_f64(),
            parts.join("; "),
            waits_line(&depths, &frontier.waits())
        );
    }
}

/// How many items of a stage are known of: those of earlier runs, and those that were put in this one.
pub fn total(stage: usize, counts: &Stage, depths: &Depths, domains: u64) -> u64 {
    let known = match stage {
        0 => domains,
        1 => counts.earlier() + depths.known_policies,
        2 => counts.earlier() + depths.known_hosts,
        _ => counts.earlier() + depths.known_endpoints,
    };
    known.max(counts.done())
}

/// How many items of a stage wait in its queue.
pub fn waiting(stage: usize, depths: &Depths) -> u64 {
    (match stage {
        1 => depths.policies,
        2 => depths.hosts,
        3 => depths.endpoints + depths.unsampled,
        _ => 0,
    }) as u64
}

/// An estimate beyond ten years says no more than that there is none.
const MAX_SHOWN_S: f64 = 3.2e8;

fn message(rate: f64, waiting: u64, failed: u64, left: u64) -> String {
    let mut text = format!("{rate:.1}/s");
    if left > 0 && rate > 0.0 {
        let seconds = (left as f64 / rate).min(MAX_SHOWN_S) as u64;
        if seconds > 0 {
            text += &format!(", {} left", indicatif::HumanDuration(Duration::from_secs(seconds)));
        }
    }
    if waiting > 0 {
        text += &format!(", {waiting} waiting");
    }
    if failed > 0 {
        text += &format!(", {failed} failed");
    }
    text
}

/// A rate smoothed over about ten seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    at: f64,
    done: u64,
    value: f64,
}

impl Rate {
    /// Takes the count at an instant since the beginning; the rate per second.
    pub fn update(&mut self, at: Duration, done: u64) -> f64 {
        let at = at.as_secs_f64();
        let span = at - self.at;
        if span > 0.0 {
            let now = done.saturating_sub(self.done) as f64 / span;
            let weight = if self.at == 0.0 { 1.0 } else { 1.0 - (-span / 10.0).exp() };
            self.value += (now - self.value) * weight;
            (self.at, self.done) = (at, done);
        }
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::paced::{Slowed, WhoWaits};

    #[test]
    fn the_wait_is_visible() {
        let ip = std::net::IpAddr::from([192, 0, 2, 1]);
        let longest = |who| Some(Longest { who, waiting: 120, left: Duration::from_secs(7200) });
        let depths = Depths { endpoints: 130, unsampled: 4000, deferred: 7, ..Depths::default() };
        let slowed = Slowed { addresses: 2, operators: 1 };
        let waits = Waits { longest: longest(WhoWaits::Address(ip, "crowded.example".into())), slowed };
        assert_eq!(
            waits_line(&depths, &waits),
            "longest: crowded.example at 192.0.2.1, 120 endpoints for 2 hours; 10 others; 4000 for the samples of their address; \
             7 for their retry; slowed down: 2 addresses, 1 operators"
        );
        let waits = Waits { longest: longest(WhoWaits::Operator("slow.example".into())), ..Waits::default() };
        let depths = Depths { endpoints: 120, ..Depths::default() };
        assert_eq!(waits_line(&depths, &waits), "longest: slow.example, 120 endpoints for 2 hours");
        assert_eq!(waits_line(&Depths::default(), &Waits::default()), "nothing waits for limits");
    }
}
