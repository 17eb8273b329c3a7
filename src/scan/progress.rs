//! How far the crawl is: counters that the stages add to, and two ways to show them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::frontier::{Depths, Frontier, Waits};
use super::paced::Longest;

/// Counters of one stage.
#[derive(Debug, Default)]
pub struct Stage {
    started: AtomicU64,
    done: AtomicU64,
    failed: AtomicU64,
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
        self.done.fetch_add(1, Relaxed);
    }

    /// Rows so far.
    pub fn done(&self) -> u64 {
        self.done.load(Relaxed)
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
}

impl Progress {
    /// Stops the display.
    pub fn end(&self) {
        self.ended.store(true, Relaxed);
    }

    fn stages(&self) -> [(&'static str, &Stage); 4] {
        [
            ("domains", &self.domains),
            ("policies", &self.policies),
            ("mx hosts", &self.hosts),
            ("endpoints", &self.endpoints),
        ]
    }
}

/// Shows live bars on a terminal until the crawl ends; `domains` is how many there are.
pub async fn show_bars(progress: &Progress, frontier: &Frontier, domains: u64, bars: &MultiProgress) {
    let style = ProgressStyle::with_template("{prefix:>9} {bar:24.cyan/blue} {pos:>9}/{len:<9} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let lines = progress.stages().map(|(name, _)| {
        let bar = bars.add(ProgressBar::new(0));
        bar.set_style(style.clone());
        bar.set_prefix(name);
        bar
    });
    let limits = bars.add(ProgressBar::no_length());
    limits
        .set_style(ProgressStyle::with_template("{prefix:>9} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
    limits.set_prefix("waits");
    let begun = Instant::now();
    let mut rates = [Rate::default(); 4];
    let mut looked = None;
    while !progress.ended.load(Relaxed) {
        let depths = frontier.depths();
        if looked.is_none_or(|looked: Instant| looked.elapsed() >= WAITS_EVERY) {
            looked = Some(Instant::now());
            limits.set_message(waits_line(&depths, &frontier.waits()));
        }
        for (at, ((_, stage), bar)) in progress.stages().into_iter().zip(&lines).enumerate() {
            let waiting = waiting(at, &depths);
            let done = stage.done();
            let total = if at == 0 { domains } else { stage.started.load(Relaxed).max(done) + waiting };
            bar.set_length(total.max(done));
            bar.set_position(done);
            let rate = rates[at].update(begun.elapsed(), done);
            bar.set_message(message(rate, waiting, stage.failed.load(Relaxed), total.saturating_sub(done)));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    limits.finish_and_clear();
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
    if depths.held > 0 {
        parts.push(format!("{} for the samples of their address", depths.held));
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

/// Prints a line now and then until the crawl ends: for logs and pipes.
pub async fn print_lines(progress: &Progress, frontier: &Frontier, domains: u64, every: Duration) {
    let begun = Instant::now();
    let mut shown = Instant::now();
    while !progress.ended.load(Relaxed) {
        tokio::time::sleep(Duration::from_millis(200)).await;
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
                let of = if at == 0 { format!("/{domains}") } else { String::new() };
                let failed = stage.failed.load(Relaxed);
                format!("{name} {}{of} done, {failed} failed, {} waiting", stage.done(), waiting(at, &depths))
            })
            .collect();
        let rate = progress.domains.done() as f64 / begun.elapsed().as_secs_f64();
        eprintln!(
            "{:>6.0} s  {}; {rate:.1} domains/s\n          waits: {}",
            begun.elapsed().as_secs_f64(),
            parts.join("; "),
            waits_line(&depths, &frontier.waits())
        );
    }
}

fn waiting(stage: usize, depths: &Depths) -> u64 {
    (match stage {
        1 => depths.policies,
        2 => depths.hosts,
        3 => depths.endpoints + depths.held,
        _ => 0,
    }) as u64
}

fn message(rate: f64, waiting: u64, failed: u64, left: u64) -> String {
    let mut text = format!("{rate:.1}/s");
    if waiting > 0 {
        text += &format!(", {waiting} waiting");
    }
    if failed > 0 {
        text += &format!(", {failed} failed");
    }
    if left > 0 && rate > 0.0 {
        let seconds = (left as f64 / rate) as u64;
        text += &format!(", {} left", indicatif::HumanDuration(Duration::from_secs(seconds)));
    }
    text
}

/// A rate smoothed over about ten seconds.
#[derive(Clone, Copy, Debug, Default)]
struct Rate {
    at: f64,
    done: u64,
    value: f64,
}

impl Rate {
    fn update(&mut self, at: Duration, done: u64) -> f64 {
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
        let depths = Depths { endpoints: 130, held: 4000, deferred: 7, ..Depths::default() };
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
