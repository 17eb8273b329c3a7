//! How far the crawl is, for a person: bars on a terminal, lines elsewhere.

use std::sync::Weak;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::counters::{Rate, total, waiting};
use super::frontier::{Depths, Waits};
use super::paced::Longest;
use super::stage::Crawl;
use super::status::Watcher;

/// Columns below which the bars themselves are left out, so that the numbers keep their room.
const NARROW: usize = 90;

/// Columns below which the numbers do not stand in columns of their own.
const TINY: usize = 60;

/// The last column stays empty: there are terminals that break a line which fills it.
const SPARE: usize = 1;

/// How a line is laid out on a terminal of this width.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Layout {
    Wide,
    Narrow,
    Tiny,
}

impl Layout {
    fn of(columns: usize) -> Layout {
        match columns {
            NARROW.. => Layout::Wide,
            TINY.. => Layout::Narrow,
            _ => Layout::Tiny,
        }
    }

    fn template(self) -> &'static str {
        match self {
            Layout::Wide => "{prefix:>9} {bar:24.cyan/blue} {pos:>9}/{len:<9} {msg}",
            Layout::Narrow => "{prefix:>9} {pos:>9}/{len:<9} {msg}",
            Layout::Tiny => "{prefix:>9} {pos}/{len} {msg}",
        }
    }

    /// Columns before the message.
    fn before(self, done: u64, total: u64) -> usize {
        let digits = |number: u64| number.checked_ilog10().unwrap_or(0) as usize + 1;
        match self {
            Layout::Wide => 10 + 25 + digits(done).max(9) + 1 + digits(total).max(9) + 1,
            Layout::Narrow => 10 + digits(done).max(9) + 1 + digits(total).max(9) + 1,
            Layout::Tiny => 10 + digits(done) + 1 + digits(total) + 1,
        }
    }
}

/// As much of a text as has room, and a sign where some has not.
fn cut(text: String, room: usize) -> String {
    if text.chars().count() <= room {
        return text;
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).take(room).collect()
}

/// What is being done, in a few words, for each stage: what a crawl of few domains waits for.
const STEPS: [&str; 4] = [
    "asking DNS for MX and TXT records",
    "fetching policies",
    "asking DNS for the addresses and TLSA records of MX hosts",
    "talking to mail servers",
];

/// Tells each step of a small crawl as it comes, until the crawl ends.
pub async fn say_steps(crawl: &Crawl, domains: u64, tell: impl Fn(&str)) {
    let mut told = None;
    while !crawl.progress.has_ended() {
        let depths = crawl.frontier.depths();
        // The later the stage, the longer it takes: that is what is waited for.
        let stages = crawl.progress.stages();
        let step = (0..STEPS.len()).rev().find(|&at| {
            let (_, stage) = stages[at];
            total(at, stage, &depths, domains) > stage.done()
        });
        if step != told
            && let Some(step) = step
        {
            tell(STEPS[step]);
            told = Some(step);
        }
        crawl.progress.news(Duration::from_millis(100)).await;
    }
    tell("judging");
}

/// How the crawl stands, so that nothing of it is held while a terminal takes its time.
struct Standing {
    ended: bool,
    stopped: bool,
    note: Option<String>,
    depths: Depths,
    stages: [StageStanding; 4],
}

struct StageStanding {
    done: u64,
    done_now: u64,
    total: u64,
    failed: u64,
}

impl Standing {
    fn of(crawl: &Crawl, domains: u64) -> Standing {
        // Before the numbers are read, so that the last ones are shown.
        let ended = crawl.progress.has_ended();
        let depths = crawl.frontier.depths();
        let mut at = 0..;
        let stages = crawl.progress.stages().map(|(_, stage)| StageStanding {
            done: stage.done(),
            done_now: stage.done_now(),
            total: total(at.next().unwrap_or_default(), stage, &depths, domains),
            failed: stage.failed(),
        });
        Standing { ended, stopped: crawl.frontier.is_stopping(), note: crawl.progress.note(), depths, stages }
    }
}

/// Shows live bars on a terminal until the crawl ends. A line never wraps: what does not fit is cut off. A terminal can be
/// stopped, and then this waits for it: it wants a thread of its own.
pub async fn show_bars(crawl: &Weak<Crawl>, watcher: &Watcher, bars: &MultiProgress) {
    let Some(names) = crawl.upgrade().map(|crawl| crawl.progress.stages().map(|(name, _)| name)) else { return };
    let terminal = console::Term::stderr();
    let style = |template| ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
    let lines = names.map(|name| {
        let bar = bars.add(ProgressBar::new(0));
        bar.set_prefix(name.replace('_', " "));
        bar
    });
    let limits = bars.add(ProgressBar::new_spinner().with_prefix("waits").with_style(style("{prefix:>9} {msg}")));
    let notes = bars.add(ProgressBar::new_spinner().with_style(style("{msg}")));
    let mut looked: Option<Instant> = None;
    let mut laid_out = None;
    let begun = Instant::now();
    let mut rates = [Rate::default(); 4];
    let mut stopped = false;
    while let Some(standing) = crawl.upgrade().map(|crawl| Standing::of(&crawl, watcher.domains())) {
        stopped = standing.stopped;
        let columns = usize::from(terminal.size().1);
        let layout = Layout::of(columns);
        if laid_out.replace(layout) != Some(layout) {
            lines.iter().for_each(|bar| bar.set_style(style(layout.template())));
        }
        let depths = &standing.depths;
        for (at, ((stage, bar), rate)) in standing.stages.iter().zip(&lines).zip(&mut rates).enumerate() {
            bar.set_length(stage.total);
            bar.set_position(stage.done);
            let rate = rate.update(begun.elapsed(), stage.done_now);
            let room = columns.saturating_sub(layout.before(stage.done, stage.total) + SPARE);
            bar.set_message(cut(message(rate, queued(at, depths), stage.failed), room));
        }
        if standing.ended {
            break;
        }
        if looked.is_none_or(|looked| looked.elapsed() >= WAITS_EVERY) {
            looked = Some(Instant::now());
            let line = waits_line(depths, &watcher.waits(), watcher.status().left_s);
            limits.set_message(cut(line, columns.saturating_sub(10 + SPARE)));
        }
        notes.set_message(cut(standing.note.unwrap_or_default(), columns.saturating_sub(SPARE)));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // As they are: what was stopped is not finished.
    lines.iter().for_each(ProgressBar::abandon);
    limits.finish_and_clear();
    let text = if stopped { "Stopped; judging what there is." } else { "Observed; judging." };
    notes.abandon_with_message(cut(text.to_owned(), usize::from(terminal.size().1).saturating_sub(SPARE)));
}

/// How often what waits is shown anew.
const WAITS_EVERY: Duration = Duration::from_secs(1);

/// An estimate in words. Beyond ten years it says no more than that there is none.
fn in_words(seconds: f64) -> String {
    const MAX_SHOWN_S: f64 = 3.2e8;
    let whole = Duration::try_from_secs_f64(seconds.clamp(0.0, MAX_SHOWN_S).round()).unwrap_or_default();
    indicatif::HumanDuration(whole).to_string()
}

/// What waits for limits, in one line, and how long the crawl takes yet.
fn waits_line(depths: &Depths, waits: &Waits, left_s: Option<f64>) -> String {
    let mut parts = Vec::new();
    if let Some(left) = left_s.filter(|left| *left >= 1.0) {
        parts.push(format!("about {} left", in_words(left)));
    }
    if let Some(Longest { who, waiting, left }) = &waits.longest {
        let others = depths.endpoints.saturating_sub(*waiting);
        parts.push(format!("longest {}: {waiting} endpoints of {who}", in_words(left.as_secs_f64())));
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
    let slowed = [(waits.slowed.addresses, "address", "addresses"), (waits.slowed.operators, "operator", "operators")];
    let slowed: Vec<String> = slowed
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    if !slowed.is_empty() {
        parts.push(format!("slowed down: {}", slowed.join(", ")));
    }
    if parts.is_empty() { "nothing waits for limits".to_owned() } else { parts.join("; ") }
}

/// Says a line now and then until the crawl ends, and notes at once: for logs and pipes. `say` puts a text and a line
/// end somewhere, and does not wait for its reader.
pub async fn say_lines(crawl: &Crawl, watcher: &Watcher, every: Duration, say: impl Fn(&str)) {
    let (progress, domains) = (&crawl.progress, watcher.domains());
    let begun = Instant::now();
    let mut shown = Instant::now();
    let mut noted = None;
    loop {
        let ended = progress.has_ended();
        let note = progress.note();
        if note != noted {
            if let Some(text) = &note {
                say(text);
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
                let mut text =
                    format!("{} {}/{}", name.replace('_', " "), stage.done(), total(at, stage, &depths, domains));
                for (count, what) in [(stage.failed(), "failed"), (queued(at, &depths), "waiting")] {
                    if count > 0 {
                        text += &format!(", {count} {what}");
                    }
                }
                text
            })
            .collect();
        let rate = progress.domains.done_now() as f64 / begun.elapsed().as_secs_f64();
        say(&format!(
            "{:>6.0} s  {}; {rate:.1} domains/s\n          waits: {}",
            begun.elapsed().as_secs_f64(),
            parts.join("; "),
            waits_line(&depths, &watcher.waits(), watcher.status().left_s)
        ));
    }
}

/// What is worth showing of the queues: domains are read as they are needed.
fn queued(stage: usize, depths: &Depths) -> u64 {
    if stage == 0 { 0 } else { waiting(stage, depths) }
}

fn message(rate: f64, waiting: u64, failed: u64) -> String {
    let mut text = format!("{rate:.1}/s");
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
    use crate::paced::{Slowed, WhoWaits};

    #[test]
    fn the_wait_is_visible() {
        let ip = std::net::IpAddr::from([192, 0, 2, 1]);
        let longest = |who| Some(Longest { who, waiting: 120, left: Duration::from_secs(7200) });
        let depths = Depths { endpoints: 130, unsampled: 4000, deferred: 7, ..Depths::default() };
        let slowed = Slowed { addresses: 2, operators: 1 };
        let waits =
            Waits { longest: longest(WhoWaits::Address(ip, "crowded.example".into())), slowed, last_retry: None };
        assert_eq!(
            waits_line(&depths, &waits, Some(600.0)),
            "about 10 minutes left; longest 2 hours: 120 endpoints of crowded.example at 192.0.2.1; 10 others; 4000 for the \
             samples of their address; 7 for their retry; slowed down: 2 addresses, 1 operator"
        );
        let waits = Waits { longest: longest(WhoWaits::Operator("slow.example".into())), ..Waits::default() };
        let depths = Depths { endpoints: 120, ..Depths::default() };
        assert_eq!(waits_line(&depths, &waits, None), "longest 2 hours: 120 endpoints of slow.example");
        assert_eq!(waits_line(&Depths::default(), &Waits::default(), Some(0.0)), "nothing waits for limits");
        assert!(waits_line(&depths, &waits, Some(f64::INFINITY)).starts_with("about 10 years left"));
    }

    #[test]
    fn a_line_fits_its_terminal() {
        for columns in [1, 20, 40, 59, 60, 80, 90, 200] {
            let layout = Layout::of(columns);
            for (done, total) in [(0, 0), (7, 12), (1_000_000_000, 12_000_000_000)] {
                let room = columns.saturating_sub(layout.before(done, total) + SPARE);
                let shown = cut(message(123_456.7, 9_999_999, 1_000_000), room).chars().count();
                let before = layout.before(done, total);
                assert!(shown <= room && before + shown + SPARE <= columns.max(before + 1 + SPARE), "{columns}");
            }
        }
        assert_eq!(cut("a word".to_owned(), 6), "a word");
        assert_eq!(cut("a word".to_owned(), 5), "a wo…");
    }
}
