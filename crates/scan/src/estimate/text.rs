//! An estimate for a person.

use std::fmt::{self, Display};
use std::time::Duration;

use super::{Binding, Estimate, FEW, Manners, Range, SESSION, Slowest};

/// Operators that are printed.
const OPERATORS: usize = 15;

/// An estimate with what it rests on, to be printed.
#[derive(Debug)]
pub struct Plan {
    /// The list as it was named.
    pub list: String,
    /// Distinct domains in it.
    pub listed: u64,
    /// Of those, who opted out; nobody was asked about them.
    pub opted_out: u64,
    /// When the first question was asked (RFC 3339).
    pub asked_at: String,
    /// How long the asking took.
    pub asked_for: Duration,
    /// Questions asked.
    pub questions: u64,
    /// Distinct MX hosts asked about.
    pub hosts: u64,
    /// Whom.
    pub resolvers: String,
    /// What the sample was drawn with.
    pub seed: u64,
    /// The limits in force.
    pub manners: Manners,
    /// Seconds before each retry of a failure.
    pub retry_after_s: Vec<f64>,
    /// What is to be expected.
    pub estimate: Estimate,
}

impl Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what_was_asked(f)?;
        self.shares(f)?;
        self.expected(f)?;
        self.operators(f)?;
        self.time(f)?;
        self.how(f)
    }
}

impl Plan {
    fn what_was_asked(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sample = self.estimate.drawn.sample;
        writeln!(f, "{}: {} domains, {} of them opted out.\n", self.list, count(self.listed), count(self.opted_out))?;
        writeln!(
            f,
            "Asked {} for the MX of {} and the addresses of {},\nfrom {} on, for {}: {} questions.",
            self.resolvers,
            many(sample, "domain"),
            many(self.hosts, "MX host"),
            self.asked_at,
            long(self.asked_for),
            count(self.questions),
        )?;
        if self.estimate.drawn.is_whole() {
            writeln!(f, "These are all domains of the list: nothing below is extrapolated.")?;
        } else {
            writeln!(
                f,
                "The domains are a random sample: --plan-sample {sample} --seed {} draws it again.",
                self.seed
            )?;
        }
        writeln!(f, "No mail server and no policy host was contacted, and nothing was written.\n")
    }

    fn shares(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let estimate = &self.estimate;
        writeln!(f, "Domains                 share  standard error")?;
        let rows = [
            ("take mail", estimate.take_mail),
            ("take none", estimate.no_mail),
            ("could not be looked up", estimate.failed),
            ("lead to who opted out", estimate.opted_out),
        ];
        for (what, domains) in rows {
            let Some(share) = estimate.drawn.share(domains) else { continue };
            writeln!(f, "{what:<22}  {:>4.1} %           {:>4.1} %", share.of_one * 100.0, share.error * 100.0)?;
        }
        writeln!(f)
    }

    fn expected(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let estimate = &self.estimate;
        writeln!(f, "To be expected")?;
        writeln!(f, "{:>20}  MX hosts", about(estimate.hosts))?;
        writeln!(f, "{:>20}  addresses of them that may be contacted", about(estimate.addresses))?;
        writeln!(f, "{:>20}  endpoints: pairs of the two", about(estimate.endpoints))?;
        write!(f, "{:>20}  connections to mail servers", about(estimate.connections))?;
        let if_names_differ = count(estimate.connections_if_names_differ.round() as u64);
        if estimate.connections_if_names_differ.round() > estimate.connections.most.round() {
            write!(f, "; {if_names_differ} should all sampled names differ")?;
        }
        writeln!(f, "\n{:>20}  DNS questions\n", about(estimate.questions))
    }

    fn operators(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let estimate = &self.estimate;
        writeln!(
            f,
            "{:<26}  {:>12}  {:>15}  {:>15}  {:>15}  {:>8}  held by",
            "Operator", "domains", "hosts", "addresses", "connections", "time"
        )?;
        for operator in estimate.operators.iter().take(OPERATORS) {
            writeln!(
                f,
                "{:<26}  {:>12}  {:>15}  {:>15}  {:>15}  {:>8}  {}",
                cut(&operator.name, 26),
                self.share(operator.domains),
                about(operator.hosts),
                about(operator.addresses),
                about(operator.connections),
                long(operator.time),
                operator.held_by.map_or("", Binding::word),
            )?;
        }
        let rest = estimate.operators.get(OPERATORS..).unwrap_or_default();
        if !rest.is_empty() {
            let sum = |number: fn(&Range) -> f64| rest.iter().map(|operator| number(&operator.connections)).sum();
            let connections = Range { least: sum(|range| range.least), most: sum(|range| range.most) };
            writeln!(f, "{:<74}  {:>15}", format!("{} more", rest.len()), about(connections))?;
        }
        let others = &estimate.others;
        writeln!(
            f,
            "{:<26}  {:>12}  {:>15}  {:>15}  {:>15}\n",
            format!("{} others", about(others.operators)),
            self.share(others.domains),
            about(others.hosts),
            about(others.addresses),
            about(others.connections),
        )
    }

    fn share(&self, domains: u64) -> String {
        let share = self.estimate.drawn.share(domains);
        share.map_or(String::new(), |share| format!("{:.1} ± {:.1} %", share.of_one * 100.0, share.error * 100.0))
    }

    fn time(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let estimate = &self.estimate;
        if self.manners.paced {
            for (what, slowest) in [("address", &estimate.slowest_address), ("network", &estimate.slowest_network)] {
                let Some(Slowest { ip, operator, connections, time }) = slowest else { continue };
                let connections = many(connections.round() as u64, "connection");
                writeln!(f, "Slowest {what}  {ip} ({}), {connections}, {}", cut(operator, 40), long(*time))?;
            }
        } else {
            writeln!(f, "--unpaced: no limit on addresses, networks or operators holds, and nobody is sampled.")?;
        }
        let longest = estimate.times.first().map_or(Duration::ZERO, |(_, time)| *time);
        let (least, most) = (long(estimate.time_at_least), long(longest));
        let time = if least == most { most } else { format!("{least} to {most}") };
        writeln!(f, "The crawl takes  {time}, as long as what takes longest; each limit by itself, at most:")?;
        for (binding, time) in &estimate.times {
            writeln!(f, "{:>14}  {}", long(*time), explained(*binding))?;
        }
        let retries = self.retry_after_s.iter().sum();
        if retries > 0.0 {
            let retries = Duration::try_from_secs_f64(retries).unwrap_or(Duration::MAX);
            writeln!(
                f,
                "{:>14}  more where something fails: after so long it is tried for the last time",
                long(retries)
            )?;
        }
        if self.manners.dns_per_s.is_none() {
            writeln!(f, "{:>14}  the resolver is on this machine: no limit, as fast as it answers", "?")?;
        }
        writeln!(f)
    }

    fn how(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Not in it: policy hosts, retries of failures, hosts that are contacted whatever the sample\n\
             shows because they have TLSA records, peers who ask to slow down. A session is taken to last {} s.\n\
             What the sample did not see is at least so much as Chao and Lin (2012) have it, at most so much as came\n\
             new with its last domains (Good-Turing); what is a domain's own grows with the list. Whom fewer than {FEW}\n\
             domains of the sample lead to is extrapolated in a pool, not alone.",
            SESSION.as_secs()
        )
    }
}

fn explained(binding: Binding) -> &'static str {
    match binding {
        Binding::Resolver => "DNS questions at the limit of the resolvers",
        Binding::Sessions => "sessions, so many at once",
        Binding::Network => "the slowest network at its rate",
        Binding::Rate => "the slowest operator at its rate",
        Binding::AtOnce => "the slowest operator at so many connections at once",
        Binding::Address => "the slowest address, resting between two connections",
    }
}

/// A number with marks at the thousands.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn many(number: u64, what: &str) -> String {
    format!("{} {what}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Numbers that are no integers by themselves; one where the two are one.
fn about(range: Range) -> String {
    let (least, most) = (count(range.least.round() as u64), count(range.most.round() as u64));
    if least == most { most } else { format!("{least}-{most}") }
}

fn long(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s < 90.0 => format!("{s:.1} s"),
        s if s < 5_400.0 => format!("{:.1} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3_600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}

/// Names are as long as they like.
fn cut(name: &str, length: usize) -> String {
    if name.chars().count() <= length {
        return name.to_owned();
    }
    name.chars().take(length - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        for (seconds, text) in [
            (0.0, "0.0 s"),
            (89.0, "89.0 s"),
            (90.0, "1.5 min"),
            (1_650.0, "27.5 min"),
            (7_200.0, "2.0 h"),
            (259_200.0, "3.0 days"),
        ] {
            assert_eq!(long(Duration::from_secs_f64(seconds)), text);
        }
        assert_eq!(about(Range { least: 1_000.2, most: 1_000.4 }), "1,000");
        assert_eq!(about(Range { least: 999.0, most: 1_000.0 }), "999-1,000");
        assert_eq!(cut("example.org", 11), "example.org");
        assert_eq!(cut("example.org", 5), "exam…");
    }
}
