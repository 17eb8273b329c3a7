//! The load world as a function: domain `index` of `domains`, from the seed and the month, in constant time and memory.
//!
//! [`World::domain`] is all there is. Shares are those of the studies named beside them (docs/load-world.md); what
//! changes from month to month is in [`super::months`].

use super::dice::Dice;
use super::domain::{
    Body, Domain, Exists, Fault, Fetch, Leaf, Mail, MailHost, Manner, Mode, Patterns, Record, Sts, Tlsa, Tlsrpt, Zone,
};
use super::names::{self, TOP_LEVELS};
use super::providers::{CROWD, EXCHANGE, Habit, OPERATORS, PROVIDERS, REGISTRAR};

/// Days in a month of this world.
pub(super) const MONTH_DAYS: i64 = 30;
/// A domain in so many is in the crowd.
pub(super) const CROWD_EVERY: u64 = 20;
/// One domain in so many leaves the list each month, and as many come.
pub(super) const CHURN: u64 = 200;

/// The parameters of a world: equal ones give equal worlds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct World {
    /// Domains in the list.
    pub domains: u64,
    /// The seed.
    pub seed: u64,
    /// The month; 0 is the first.
    pub month: u32,
    /// What the shares of MTA-STS and DANE are multiplied with: 1 for the real internet's, more so that a small world
    /// holds every failure.
    pub adoption: f64,
    /// Mail servers that accept and say nothing.
    pub silent: u64,
}

impl World {
    /// The same world in another month.
    pub(super) fn in_month(&self, month: u32) -> World {
        World { month, ..*self }
    }

    /// The numbers of the domains in this month's list, in its order.
    pub(super) fn members(&self) -> impl Iterator<Item = u64> + use<> {
        let world = *self;
        (0..self.domains + u64::from(self.month) * self.leavers()).filter(move |&index| world.is_member(index))
    }

    /// Whether a domain is in this month's list.
    pub(super) fn is_member(&self, index: u64) -> bool {
        let come = self.domains + u64::from(self.month) * self.leavers();
        let went = |month: u32| index < self.leavers() * CHURN && index % CHURN == self.residue("leaves", month);
        index < come && !(1..=self.month).any(went)
    }

    fn leavers(&self) -> u64 {
        self.domains / CHURN
    }

    /// A different one each month, so that nobody leaves twice.
    fn residue(&self, what: &str, month: u32) -> u64 {
        (Dice::new(self.seed, what, 0).below(CHURN) + u64::from(month)) % CHURN
    }

    /// The dice about `what` for a domain.
    pub(super) fn dice(&self, what: &str, index: u64) -> Dice {
        Dice::new(self.seed, what, index)
    }

    /// The name of a domain.
    pub(super) fn name(&self, index: u64) -> String {
        names::domain(self.seed, index)
    }

    /// The domain behind `LABEL.TOP-LEVEL`, which must be in this month's list.
    pub(super) fn find(&self, label: &[u8], top_level: &[u8]) -> Option<u64> {
        let index = names::index(label).filter(|&index| self.is_member(index))?;
        (TOP_LEVELS[names::top_level(self.seed, index)].1.as_bytes() == top_level).then_some(index)
    }

    /// A domain in this month.
    pub(super) fn domain(&self, index: u64) -> Domain {
        let mut domain = self.at_first(index);
        for month in 1..=self.month {
            self.in_month(month).pass_month(&mut domain);
        }
        domain
    }

    /// A domain in month 0.
    fn at_first(&self, index: u64) -> Domain {
        let silent = self.is_silent(index);
        let mail = if silent { Mail::Own } else { self.draw_mail(index) };
        let zone = self.draw_zone(index, mail);
        let takes_mail = matches!(mail, Mail::Provider(_) | Mail::Own | Mail::Implicit);
        let adopts = self.adopts_sts(index, mail);
        let mut own = self.draw_own(index, mail, zone, adopts);
        if let Some(host) = own.first_mut().filter(|_| silent) {
            (host.exists, host.manner) = (Exists::Address, Manner::Silent);
        }
        let sts = adopts.then(|| self.draw_sts(index, mail, own.len(), "sts"));
        let mut dice = self.dice("texts", index);
        let with_dane = own.iter().any(|host| host.tlsa != Tlsa::None);
        // IMC 2025, appendix B: about two thirds of the domains with MTA-STS have TLSRPT, 0.07 to 0.12 % of all.
        let reports = if sts.is_some() {
            0.65
        } else if with_dane {
            0.10
        } else {
            0.001
        };
        let tlsrpt = match (dice.chance(reports), dice.chance(0.02)) {
            (true, false) => Tlsrpt::Valid,
            (true, true) => Tlsrpt::Invalid,
            _ => Tlsrpt::Absent,
        };
        let spf = dice.chance(if takes_mail { 0.66 } else { 0.25 });
        let dmarc = dice.chance(if takes_mail { 0.38 } else { 0.15 });
        let policy = dice.pick(&[(62.0, "none"), (16.0, "quarantine"), (22.0, "reject")]);
        Domain { index, zone, mail, own, sts, tlsrpt, spf, dmarc: dmarc.then_some(policy) }
    }

    /// Exactly one domain in [`CROWD_EVERY`].
    fn is_crowd(&self, index: u64) -> bool {
        index % CROWD_EVERY == self.dice("crowd", 0).below(CROWD_EVERY)
    }

    fn is_silent(&self, index: u64) -> bool {
        let crowd = self.dice("crowd", 0).below(CROWD_EVERY);
        let start = self.dice("silent", 0).below(self.domains);
        let stride = (self.domains / self.silent.max(1)).max(1);
        (0..self.silent.min(self.domains / 40)).any(|number| {
            let chosen = (start + number * stride) % self.domains;
            // Next to the crowd, so that its number stays what it is.
            (chosen + u64::from(chosen % CROWD_EVERY == crowd)) % self.domains == index
        })
    }

    fn draw_mail(&self, index: u64) -> Mail {
        if self.is_crowd(index) {
            return Mail::Provider(CROWD);
        }
        let mut dice = self.dice("mail", index);
        // The reference world had 3,592 distinct probes for 10,000 domains: names of one's own and names for each
        // customer of a provider make them.
        let kinds = [
            (2.5, Some(Mail::Nxdomain)),
            (0.2, Some(Mail::Failing)),
            (2.2, Some(Mail::Nowhere)),
            (1.8, Some(Mail::Null)),
            (1.5, Some(Mail::Implicit)),
            (16.3, Some(Mail::Own)),
            (14.0, Some(Mail::Provider(EXCHANGE))),
            (61.5, None),
        ];
        dice.pick(&kinds).unwrap_or_else(|| Mail::Provider(draw_shared(&mut dice)))
    }

    fn draw_zone(&self, index: u64, mail: Mail) -> Zone {
        let mut dice = self.dice("zone", index);
        if matches!(mail, Mail::Nxdomain | Mail::Failing) {
            return Zone::Unsigned;
        }
        let by_provider = match mail {
            Mail::Provider(number) => PROVIDERS[usize::from(number)].customers_signed,
            _ => None,
        };
        let by_top_level = TOP_LEVELS[names::top_level(self.seed, index)].2;
        if !dice.chance(by_provider.unwrap_or(by_top_level)) {
            return Zone::Unsigned;
        }
        // A bogus domain leads to hosts in one mode of validation and not in the other; at the largest provider's
        // that makes no difference to what is seen.
        let may_be_bogus = mail == Mail::Provider(super::providers::LARGEST);
        match dice.share() {
            // SEC 2020: a fifth of the signed zones with TLSA lack their DS; of all signed zones far fewer do.
            share if share < 0.05 => Zone::Island,
            share if share < 0.06 && may_be_bogus => Zone::Expired,
            _ => Zone::Signed,
        }
    }

    fn draw_own(&self, index: u64, mail: Mail, zone: Zone, adopts: bool) -> Vec<MailHost> {
        let mut dice = self.dice("own hosts", index);
        let count = match mail {
            Mail::Own => 1 + usize::from(dice.chance(0.14)),
            Mail::Implicit => 1,
            _ => 0,
        };
        let dane = match zone {
            Zone::Signed | Zone::Island => dice.chance((0.33 * self.adoption).min(0.6)),
            Zone::Unsigned | Zone::Expired => dice.chance(0.002),
        };
        (0..count).map(|number| self.draw_own_host(index, number as u64, mail, dane, adopts)).collect()
    }

    fn draw_own_host(&self, index: u64, number: u64, mail: Mail, dane: bool, adopts: bool) -> MailHost {
        let mut dice = self.dice("own host", index * 2 + number);
        // One in seven backups was left out when TLSA was set up (SEC 2020: partial deployments).
        let tlsa = if dane && (number == 0 || !dice.chance(0.15)) { draw_tlsa(&mut dice) } else { Tlsa::None };
        let careful = dane || adopts;
        let manner = draw_manner(&mut dice, mail, careful);
        let fault = if tlsa == Tlsa::Anchor { Fault::None } else { draw_fault(&mut dice, careful) };
        let exists = match dice.share() {
            _ if careful || mail == Mail::Implicit => Exists::Address,
            share if share < 0.006 => Exists::Gone,
            share if share < 0.010 => Exists::NoAddress,
            share if share < 0.015 => Exists::Literal,
            _ => Exists::Address,
        };
        let leaf = Leaf { fault, phase: dice.below(60) as u8, keeps_key: dice.chance(0.3), number: 1 };
        // Stale records, SEC 2022: most mismatches match an older certificate, 3 0 1 far more often than 3 1 1.
        let stale = match tlsa {
            Tlsa::Spki => dice.chance(0.025),
            Tlsa::Whole => dice.chance(0.15),
            _ => false,
        };
        let leaf = if stale { Leaf { keeps_key: false, ..leaf } } else { leaf };
        let authority = draw_authority(&mut dice);
        MailHost { exists, manner, leaf, authority, tlsa, tlsa_of: u32::from(!stale) }
    }

    /// About 1 % of the domains with mail (Tranco 100 k, 2024), more among the popular; a few parked ones.
    fn adopts_sts(&self, index: u64, mail: Mail) -> bool {
        let share = 0.01 * self.adoption;
        let share = if index < self.domains / 10 { 1.8 * share } else { 0.91 * share };
        self.dice("adopts", index).chance(match mail {
            Mail::Provider(_) | Mail::Own => share.min(0.6),
            Mail::Null | Mail::Nowhere => (share / 10.0).min(0.6),
            Mail::Implicit | Mail::Nxdomain | Mail::Failing => 0.0,
        })
    }

    /// MTA-STS for a domain that has decided to have it; `what` keeps the draws of later adopters apart.
    pub(super) fn draw_sts(&self, index: u64, mail: Mail, own_hosts: usize, what: &str) -> Sts {
        let mut dice = self.dice(what, index);
        let operator = dice.chance(0.53).then(|| draw_operator(&mut dice));
        let record = dice.pick(&[
            (99.5, Record::Valid),
            (0.30, Record::BadId),
            (0.10, Record::NoId),
            (0.08, Record::BadVersion),
            (0.02, Record::Twice),
        ]);
        let fetch = draw_fetch(&mut dice, operator.is_some());
        let body = dice.pick(&[
            (99.4, Body::Good),
            (if operator.is_some() { 0.1 } else { 0.02 }, Body::Empty),
            (0.2, Body::MailAddress),
            (0.1, Body::TrailingDot),
            (0.06, Body::NoMaxAge),
            (0.06, Body::BadMode),
            (0.06, Body::Html),
        ]);
        // Cloudflare's top 100 k, 2024: enforce is 52 %; the top million of 2026: about 45 % testing.
        let mode = dice.pick(&[(52.0, Mode::Enforce), (45.0, Mode::Testing), (3.0, Mode::None)]);
        let max_age = dice.pick(&[
            (34.0, 86_400),
            (33.0, 604_800),
            (14.0, 1_209_600),
            (8.0, 2_592_000),
            (6.0, 10_368_000),
            (4.0, 31_557_600),
            (1.0, 3_600),
        ]);
        // IMC 2025: whole domain 1,023 of 68,030, most of them outdated; an extra label 730; typos 63.
        let patterns = dice.pick(&[
            (96.0, Patterns::Right),
            (1.5, Patterns::Former(former(mail))),
            (1.1, Patterns::ExtraLabel),
            (0.1, Patterns::Typo),
            (0.05, Patterns::TopLevel),
            (1.0, Patterns::FirstOnly),
        ]);
        let patterns = if patterns == Patterns::FirstOnly && own_hosts < 2 { Patterns::Right } else { patterns };
        let id = 1 + dice.below(900_000) as u32;
        let phase = dice.below(60) as u8;
        Sts { record, id, operator, fetch, phase, body, mode, max_age, patterns, written_for: mail }
    }
}

/// A provider whose hosts all customers share, by weight.
pub(super) fn draw_shared(dice: &mut Dice) -> u8 {
    let table: Vec<(f64, u8)> = PROVIDERS.iter().zip(0..).map(|(provider, number)| (provider.weight, number)).collect();
    dice.pick(&table)
}

/// The provider that a domain was with before it went where it is.
fn former(mail: Mail) -> u8 {
    let number = |domain: &str| PROVIDERS.iter().position(|p| p.domain == domain).unwrap_or_default() as u8;
    let (usual, other) = (number("hostden.com-lab"), number("mailbarn.net-lab"));
    if mail == Mail::Provider(usual) { other } else { usual }
}

fn draw_operator(dice: &mut Dice) -> u8 {
    let table: Vec<(f64, u8)> = OPERATORS.iter().zip(0..).map(|(operator, number)| (operator.weight, number)).collect();
    dice.pick(&table)
}

/// IMC 2025, section 4.3: of the self-managed policy hosts 37.8 % fail, of the managed ones 4.9 %.
fn draw_fetch(dice: &mut Dice, managed: bool) -> Fetch {
    if managed {
        dice.pick(&[
            (95.1, Fetch::Good),
            (0.1, Fetch::Closed),
            (1.9, Fetch::Alert),
            (1.4, Fetch::Misnamed),
            (0.6, Fetch::Expired),
            (0.6, Fetch::NotFound),
            (0.2, Fetch::Redirect),
        ])
    } else {
        dice.pick(&[
            (62.2, Fetch::Good),
            (0.2, Fetch::NoName),
            (0.4, Fetch::Closed),
            (0.3, Fetch::Unreachable),
            (33.0, Fetch::Misnamed),
            (0.9, Fetch::SelfSigned),
            (1.0, Fetch::Expired),
            (0.3, Fetch::Alert),
            (0.5, Fetch::Redirect),
            (1.0, Fetch::NotFound),
            (0.2, Fetch::Failing),
        ])
    }
}

/// The parameters in use are nearly all 3 1 1 (SEC 2022: 90.6 % DANE-EE, 4.6 % DANE-TA, 96 % SHA2-256).
fn draw_tlsa(dice: &mut Dice) -> Tlsa {
    dice.pick(&[
        (72.0, Tlsa::Spki),
        (7.0, Tlsa::Whole),
        (11.0, Tlsa::Pair),
        (6.0, Tlsa::Anchor),
        (0.5, Tlsa::OtherSelector),
        (1.0, Tlsa::Usage1),
        (0.2, Tlsa::Empty),
        (0.6, Tlsa::Failing),
    ])
}

fn draw_manner(dice: &mut Dice, mail: Mail, careful: bool) -> Manner {
    if mail == Mail::Implicit {
        // Mostly web servers that take no mail.
        return dice.pick(&[
            (45.0, Manner::Closed),
            (40.0, Manner::Modern),
            (10.0, Manner::Clear),
            (5.0, Manner::Blocks),
        ]);
    }
    if careful {
        return dice.pick(&[
            (91.0, Manner::Modern),
            (6.0, Manner::Tls12),
            (0.5, Manner::Clear),
            (0.8, Manner::Greylists),
            (0.4, Manner::Defers),
            (0.4, Manner::Blocks),
            (0.4, Manner::Closed),
            (0.3, Manner::Unreachable),
            (0.2, Manner::StarttlsFails),
        ]);
    }
    dice.pick(&[
        (80.0, Manner::Modern),
        (9.0, Manner::Tls12),
        (5.5, Manner::Clear),
        (0.8, Manner::Greylists),
        (0.8, Manner::Defers),
        (0.9, Manner::Blocks),
        (1.3, Manner::Closed),
        (0.8, Manner::Unreachable),
        (0.3, Manner::StarttlsFails),
        (0.6, Manner::Legacy),
    ])
}

/// IMC 2025, section 4.4: of the self-managed MX hosts under a policy 4.4 % are invalid, names before self-signed before
/// expired. The others are as most of the internet is: a third is not valid (IMC 2015, EFF 2018).
fn draw_fault(dice: &mut Dice, careful: bool) -> Fault {
    if careful {
        return dice.pick(&[
            (94.5, Fault::None),
            (1.0, Fault::Lapsing),
            (2.5, Fault::Misnamed),
            (1.0, Fault::SelfSigned),
            (0.7, Fault::Expired),
            (0.3, Fault::Unknown),
        ]);
    }
    dice.pick(&[
        (67.0, Fault::None),
        (1.0, Fault::Lapsing),
        (11.0, Fault::Misnamed),
        (14.0, Fault::SelfSigned),
        (4.5, Fault::Expired),
        (2.5, Fault::Unknown),
    ])
}

/// Public authorities by their share of mail certificates; the number is one of [`super::certificates`].
fn draw_authority(dice: &mut Dice) -> u8 {
    dice.pick(&[(62.0, 0), (18.0, 1), (12.0, 2), (8.0, 3)])
}

/// Whether a host of a provider has TLSA records.
pub(super) fn has_tlsa(provider: u8, number: u8) -> bool {
    matches!(PROVIDERS[usize::from(provider)].habit, Habit::Dane(hosts) if number < hosts)
}

/// Whether a domain is with the registrar of the burst.
pub(super) fn at_registrar(domain: &Domain) -> bool {
    domain.mail == Mail::Provider(REGISTRAR)
}
