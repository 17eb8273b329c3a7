//! How far the crawl is, for a person: bars on a terminal, lines elsewhere.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::counters::{Rate, total, waiting};
use super::frontier::{Depths, Waits};
use super::paced::Longest;
use super::stage::Crawl;
use super::status::Watcher;

/// Columns below which the bars themselves are left out, so that the numbers keep their room.
const NARROW: u16 = 90;

/// Shows live bars on a terminal until the crawl ends. A line never wraps: what does not fit is cut off.
pub async fn show_bars(crawl: &Crawl, watcher: &Watcher, bars: &MultiProgress) {
    let (progress, domains) = (&crawl.progress, watcher.domains());
    let terminal = console::Term::stderr();
    let style = |narrow: bool| {
        let bar = if narrow { "" } else { "{bar:24.cyan/blue} " };
        ProgressStyle::with_template(&format!("{{prefix:>9}} {bar}{{pos:>9}}/{{len:<9}} {{wide_msg}}"))
            .unwrap_or_else(|_| ProgressStyle::default_bar())
    };
    let lines = progress.stages().map(|(name, _)| {
        let bar = bars.add(ProgressBar::new(0));
        bar.set_prefix(name.replace('_', " "));
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
    while !progress.has_ended() {
        let now_narrow = terminal.size().1 < NARROW;
        if narrow.replace(now_narrow) != Some(now_narrow) {
            lines.iter().for_each(|bar| bar.set_style(style(now_narrow)));
        }
        let depths = crawl.frontier.depths();
        for (at, ((_, stage), bar)) in progress.stages().into_iter().zip(&lines).enumerate() {
            let total = total(at, stage, &depths, domains);
            bar.set_length(total);
            bar.set_position(stage.done());
            let rate = rates[at].update(begun.elapsed(), stage.done_now());
            bar.set_message(message(rate, queued(at, &depths), stage.failed(), total.saturating_sub(stage.done())));
        }
        if looked.is_none_or(|looked| looked.elapsed() >= WAITS_EVERY) {
            looked = Some(Instant::now());
            limits.set_message(waits_line(&depths, &watcher.waits()));
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

/// How often what waits is shown anew.
const WAITS_EVERY: Duration = Duration::from_secs(1);

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
pub async fn print_lines(crawl: &Crawl, watcher: &Watcher, every: Duration) {
    let (progress, domains) = (&crawl.progress, watcher.domains());
    let begun = Instant::now();
    let mut shown = Instant::now();
    let mut noted = None;
    loop {
        let ended = progress.has_ended();
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
        progress.news(Duration::from_millis(200)).await;
        if shown.elapsed() < every {
            continue;
        }
        shown = Instant::now();
        let depths = crawl.frontier.depths();
        let parts: Vec<String> = progress
            .stages()
            .into_iter()
            .enumerate()
            .map(|(at, (name, stage))| {
                let of = total(at, stage, &depths, domains);
                let name = name.replace('_', " ");
                format!("{name} {}/{of}, {} failed, {} waiting", stage.done(), stage.failed(), queued(at, &depths))
            })
            .collect();
        let rate = progress.domains.done_now() as f64 / begun.elapsed().as_secs_f64();
        eprintln!(
            "{:>6.0} s  {}; {rate:.1} domains/s\n          waits: {}",
            begun.elapsed().as_secs_f64(),
            parts.join("; "),
            waits_line(&depths, &watcher.waits())
        );
    }
}

/// What is worth showing of the queues: domains are read as they are needed.
fn queued(stage: usize, depths: &Depths) -> u64 {
    if stage == 0 { 0 } else { waiting(stage, depths) }
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
        let waits =
            Waits { longest: longest(WhoWaits::Address(ip, "crowded.example".into())), slowed, last_retry: None };
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
