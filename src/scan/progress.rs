//! How far the crawl is: counters that the stages add to, and two ways to show them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::frontier::Depths;

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
        [("domains", &self.domains), ("policies", &self.policies), ("mx hosts", &self.hosts), ("endpoints", &self.endpoints)]
    }
}

/// Shows live bars on a terminal until the crawl ends; `domains` is how many there are.
pub async fn show_bars(progress: &Progress, depths: impl Fn() -> Depths, domains: u64, bars: &MultiProgress) {
    let style = ProgressStyle::with_template("{prefix:>9} {bar:24.cyan/blue} {pos:>9}/{len:<9} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let lines = progress.stages().map(|(name, _)| {
        let bar = bars.add(ProgressBar::new(0));
        bar.set_style(style.clone());
        bar.set_prefix(name);
        bar
    });
    let begun = Instant::now();
    let mut rates = [Rate::default(); 4];
    while !progress.ended.load(Relaxed) {
        let depths = depths();
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
    for bar in &lines {
        bar.finish();
    }
}

/// Prints a line every 30 seconds until the crawl ends: for logs and pipes.
pub async fn print_lines(progress: &Progress, depths: impl Fn() -> Depths, domains: u64) {
    let begun = Instant::now();
    let mut shown = Instant::now();
    while !progress.ended.load(Relaxed) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        if shown.elapsed() < Duration::from_secs(30) {
            continue;
        }
        shown = Instant::now();
        let depths = depths();
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
        eprintln!("{:>6.0} s  {}; {} deferred; {rate:.1} domains/s", begun.elapsed().as_secs_f64(), parts.join("; "), depths.deferred);
    }
}

fn waiting(stage: usize, depths: &Depths) -> u64 {
    (match stage {
        1 => depths.policies,
        2 => depths.hosts,
        3 => depths.endpoints,
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
