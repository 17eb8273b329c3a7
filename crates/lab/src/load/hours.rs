//! A watch of the load world, hour by hour: what a domain goes through in three days, as a function of the seed.
//!
//! Adopters whose mail is in order get a [`Plot`] each, and the others stay as they are. [`sample_hours`] writes every hour as a
//! crawl, has the real judge judge it, and lets [`watch::keep`] keep what changed; what must be found is in `truth.json`.

use std::path::Path;

use serde_json::{Value, json};

use super::Parameters;
use super::certificates::Pki;
use super::dice::Dice;
use super::domain::{
    Body, Domain, Exists, Fault, Fetch, Leaf, Mail, MailHost, Manner, Mode, Patterns, Record, Tlsa, Zone,
};
use super::hosts;
use super::model::World;
use super::sample::{EPOCH, SampleError, Writer, begin, close, write_json};
use mxcensus_dataset::Dataset;
use mxcensus_dataset::manifest::Tool;
use mxcensus_dataset::rejudge;
use mxcensus_dataset::watch;
use mxcensus_rules::observation::Micros;

const HOUR: Micros = 3_600_000_000;
/// The watch begins so many days into month 0.
const FIRST_DAY: i64 = 2;
/// No plot begins before this hour: that things were in order must have been seen.
const QUIET: u64 = 4;
/// The hours that a plot takes at most, and the most between its two steps.
const LONGEST: u64 = 24;
const GAP: u64 = 10;
/// Days that a certificate holds, and the day on which the one before the first ends: 30 less its phase.
const LAST_DAY: i64 = 30;

/// What happens to a domain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Plot {
    /// The records of the next certificate are published some hours before it is.
    RolloverKept,
    /// The records change first, and the certificate hours later.
    RolloverEarly,
    /// The certificate changes first, and the records hours later.
    RolloverLate,
    /// A certificate is renewed before it ends.
    Renewal,
    /// A certificate ends, and is renewed hours later.
    RenewalTooLate,
    /// The policy and its id change together.
    StepTogether,
    /// The id changes hours before the policy.
    StepIdFirst,
    /// The policy changes hours before its id.
    StepPolicyFirst,
    /// The policy changes and its id never.
    StepPolicyOnly,
    /// The id changes and the policy never.
    StepIdOnly,
}

const OF_DANE: [Plot; 3] = [Plot::RolloverKept, Plot::RolloverEarly, Plot::RolloverLate];
const OF_OWN_STS: [Plot; 2] = [Plot::Renewal, Plot::RenewalTooLate];
const OF_STS: [Plot; 5] =
    [Plot::StepTogether, Plot::StepIdFirst, Plot::StepPolicyFirst, Plot::StepPolicyOnly, Plot::StepIdOnly];

/// What happens, and when: `at` is the hour of its first step, `gap` the hours to the second.
#[derive(Clone, Copy, Debug)]
struct Event {
    plot: Plot,
    at: u64,
    gap: u64,
    phase: u8,
}

/// Writes the watch into `out`, a new or empty folder, with `truth.json` beside its rounds.
///
/// # Errors
/// A row, a round or the truth cannot be made or written.
pub fn sample_hours(parameters: Parameters, hours: u64, out: &Path, tool: &Tool) -> Result<Watched, SampleError> {
    let world = Parameters { month: 0, ..parameters }.world();
    let pki = Pki::new(&world, EPOCH)?;
    let watched: Vec<(Domain, Option<Event>)> = world
        .members()
        .map(|index| world.domain(index))
        .filter(adopts)
        .map(|domain| {
            let event = event(&world, &domain, hours);
            (domain, event)
        })
        .collect();
    let fail = |source| SampleError::File { path: out.to_owned(), source };
    std::fs::create_dir_all(out.join(watch::ROUNDS)).map_err(fail)?;
    let mut kept = 0;
    for hour in 0..hours {
        let start = (EPOCH + FIRST_DAY * 86_400) * 1_000_000 + hour as Micros * HOUR;
        let crawl = out.join(".crawl");
        write_hour(&world, &pki, &watched, hour, start, &crawl, tool)?;
        rejudge::run(rejudge::Request { dir: crawl.clone(), ..rejudge::Request::default() }, tool)?;
        let round = watch::keep(out, &name_of(start), &crawl, tool)?;
        kept += round.tables.values().map(|seen| seen.kept).sum::<u64>();
        std::fs::remove_dir_all(&crawl).map_err(fail)?;
    }
    write_json(&out.join("truth.json"), &truth(&world, &watched, hours))?;
    Ok(Watched { domains: watched.len() as u64, rows: kept })
}

/// How much was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Watched {
    /// Domains on the list.
    pub domains: u64,
    /// Rows that the rounds keep.
    pub rows: u64,
}

/// `2026-10-03T0000Z`, as a series names its rounds.
fn name_of(start: Micros) -> String {
    let at = mxcensus_dataset::manifest::rfc3339(start);
    format!("{}00Z", at.get(..16).unwrap_or(&at).replace(':', "").get(..13).unwrap_or_default())
}

fn write_hour(
    world: &World,
    pki: &Pki,
    watched: &[(Domain, Option<Event>)],
    hour: u64,
    start: Micros,
    crawl: &Path,
    tool: &Tool,
) -> Result<(), SampleError> {
    let dataset = Dataset::create(crawl, tool)?;
    let names = watched.iter().map(|(domain, _)| domain.index);
    let manifest = begin(world, pki, &dataset, names, start)?;
    let mut writer = Writer::new(world, pki, crawl)?;
    for (domain, event) in watched {
        let domain = event.map_or_else(|| domain.clone(), |event| event.applied(domain.clone(), hour));
        writer.write(&domain, domain.index as i64 + 1, start)?;
    }
    close(&dataset, manifest, writer)
}

/// Who is watched: the domains that publish one of the two.
fn adopts(domain: &Domain) -> bool {
    domain.sts.is_some() || domain.own.iter().any(|host| host.tlsa != Tlsa::None)
}

/// What happens to a domain; nothing where anything about it is out of order already.
fn event(world: &World, domain: &Domain, hours: u64) -> Option<Event> {
    let room = hours.checked_sub(QUIET + LONGEST).filter(|&room| room > 0)?;
    let own = match domain.own.as_slice() {
        [host] if domain.mail == Mail::Own && is_in_order(host) => Some(host),
        _ => None,
    };
    let signed = domain.zone == Zone::Signed;
    let good_sts = domain.sts.is_some_and(|sts| {
        sts.record == Record::Valid
            && sts.fetch == Fetch::Good
            && sts.body == Body::Good
            && sts.patterns == Patterns::Right
            && sts.written_for == domain.mail
    });
    let enforces = domain.sts.is_some_and(|sts| sts.mode == Mode::Enforce);
    let plots: &[Plot] = match (own, domain.sts) {
        (Some(host), None) if signed && host.tlsa != Tlsa::None => &OF_DANE,
        (Some(host), Some(_)) if good_sts && enforces && host.tlsa == Tlsa::None => &OF_OWN_STS,
        (_, Some(_)) if good_sts => &OF_STS,
        _ => return None,
    };
    let mut dice = Dice::new(world.seed, "hours", domain.index);
    let plot = *plots.get(dice.below(plots.len() as u64) as usize)?;
    let too_late = plot == Plot::RenewalTooLate;
    // One that is renewed too late ends with hour 24, and is valid to the end of that second (RFC 5280 4.1.2.5).
    let (at, gap) = (QUIET + dice.below(room), 1 + dice.below(GAP));
    let phase = if too_late { LAST_DAY - FIRST_DAY - 1 } else { dice.below(26) as i64 };
    Some(Event { plot, at: if too_late { 25 } else { at }, gap, phase: phase as u8 })
}

fn is_in_order(host: &MailHost) -> bool {
    host.exists == Exists::Address
        && matches!(host.manner, Manner::Modern | Manner::Tls12)
        && host.leaf.fault == Fault::None
        && matches!(host.tlsa, Tlsa::None | Tlsa::Spki | Tlsa::Whole | Tlsa::Pair)
}

impl Event {
    /// The domain as it is in that hour.
    fn applied(self, mut domain: Domain, hour: u64) -> Domain {
        let (first, second) = (hour >= self.at, hour >= self.at + self.gap);
        if self.is_of_certificate() {
            for host in &mut domain.own {
                self.apply_to_host(host, first, second);
            }
        }
        if let Some(sts) = &mut domain.sts {
            let (id, policy) = match self.plot {
                Plot::StepTogether => (first, first),
                Plot::StepIdFirst => (first, second),
                Plot::StepPolicyFirst => (second, first),
                Plot::StepPolicyOnly => (false, first),
                Plot::StepIdOnly => (first, false),
                _ => (false, false),
            };
            sts.id += u32::from(id);
            sts.max_age += u32::from(policy);
        }
        domain
    }

    fn is_of_certificate(self) -> bool {
        OF_DANE.contains(&self.plot) || OF_OWN_STS.contains(&self.plot)
    }

    /// Certificate 0 gives way to certificate 1, which holds already.
    fn apply_to_host(self, host: &mut MailHost, first: bool, second: bool) {
        let (leaf, tlsa_of, tlsa) = match self.plot {
            Plot::RolloverKept => (second, false, if first { Tlsa::Pair } else { Tlsa::Spki }),
            Plot::RolloverEarly => (second, first, Tlsa::Spki),
            Plot::RolloverLate => (first, second, Tlsa::Spki),
            Plot::RenewalTooLate => (second, false, Tlsa::None),
            _ => (first, false, Tlsa::None),
        };
        host.leaf = Leaf { fault: Fault::None, phase: self.phase, keeps_key: false, number: u32::from(leaf) };
        host.tlsa_of = u32::from(tlsa_of);
        host.tlsa = tlsa;
    }

    /// Hours that certificate 0 had left in the hour in which its successor was seen; negative when it had ended.
    fn hours_left(self) -> i64 {
        let seen = match self.plot {
            Plot::RolloverKept | Plot::RolloverEarly | Plot::RenewalTooLate => self.at + self.gap,
            _ => self.at,
        };
        (LAST_DAY - i64::from(self.phase) - FIRST_DAY) * 24 - seen as i64
    }
}

fn truth(world: &World, watched: &[(Domain, Option<Event>)], hours: u64) -> Value {
    let (mut rollovers, mut refusals, mut steps, mut renewals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (domain, event) in watched.iter().filter_map(|(domain, event)| Some((domain, (*event)?))) {
        let name = world.name(domain.index);
        let host = format!("{}.{name}", hosts::own_label(0));
        let Event { plot, at, gap, .. } = event;
        let kind = match plot {
            Plot::RolloverKept => Some("kept"),
            Plot::RolloverEarly => Some("early"),
            Plot::RolloverLate => Some("late"),
            _ => None,
        };
        if let Some(kind) = kind {
            rollovers.push(json!({ "host": host, "kind": kind, "hours": gap }));
        }
        let mechanism = match plot {
            Plot::RolloverEarly | Plot::RolloverLate => Some("dane"),
            Plot::RenewalTooLate => Some("mta-sts"),
            _ => None,
        };
        if let Some(mechanism) = mechanism {
            refusals.push(json!({ "domain": name, "mechanism": mechanism, "from": at, "hours": gap }));
        }
        let step = match plot {
            Plot::StepTogether => Some(("together", Some(0))),
            Plot::StepIdFirst => Some(("id-first", Some(gap))),
            Plot::StepPolicyFirst => Some(("policy-first", Some(gap))),
            Plot::StepPolicyOnly => Some(("policy-only", None)),
            Plot::StepIdOnly => Some(("id-only", None)),
            _ => None,
        };
        if let Some((kind, hours)) = step {
            steps.push(json!({ "domain": name, "kind": kind, "hours": hours }));
        }
        if event.is_of_certificate() {
            renewals.push(json!({ "host": host, "hours_left": event.hours_left() }));
        }
    }
    json!({ "rounds": hours, "domains": watched.len(), "rollovers": rollovers, "refusals": refusals, "policy_steps": steps,
            "renewals": renewals })
}
