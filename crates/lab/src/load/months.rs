//! What a month changes: certificates are renewed, policies edited, mail moved, failures healed.
//!
//! [`World::pass_month`] takes a domain from one month into the next. Rates are guesses that make each kind of change
//! countable; what studies say of them (bursts of one operator, stale policies and TLSA records) is kept in proportion.

use super::dice::Dice;
use super::domain::{Body, Exists};
use super::domain::{Domain, Fault, Fetch, Leaf, Mail, MailHost, Mode, Patterns, Record, Sts, Tlsa, Tlsrpt, Zone};
use super::model::{self, MONTH_DAYS, World};
use super::providers::{CROWD, EXCHANGE, OPERATORS};

/// Days between two renewals of a certificate that holds for [`LIFETIME_DAYS`].
pub(super) const RENEWAL_DAYS: i64 = 60;
/// Days that a certificate of a public authority holds.
pub(super) const LIFETIME_DAYS: i64 = 90;

impl World {
    /// Takes a domain from the month before this one into this one.
    pub(super) fn pass_month(&self, domain: &mut Domain) {
        if !self.in_month(self.month - 1).is_member(domain.index) {
            // It came this month, as it is.
            domain.own.iter_mut().for_each(|host| self.arrive(host));
            return;
        }
        let mut dice = self.monthly("month", domain.index);
        for (host, number) in domain.own.iter_mut().zip(0..) {
            self.renew(host, &mut self.monthly("renewals", domain.index * 2 + number));
        }
        match domain.zone {
            Zone::Expired => {
                if dice.chance(0.2) {
                    domain.zone = Zone::Signed;
                }
                return;
            }
            Zone::Signed if dice.chance(0.004) => domain.zone = Zone::Island,
            Zone::Island if dice.chance(0.05) => domain.zone = Zone::Signed,
            _ => {}
        }
        if !matches!(domain.mail, Mail::Provider(_) | Mail::Own)
            || domain.mail == Mail::Provider(CROWD) && domain.sts.is_none()
        {
            return;
        }
        if domain.sts.is_none() && dice.chance(0.003) {
            domain.mail = Mail::Nxdomain;
            return;
        }
        match domain.sts {
            Some(sts) => self.pass_sts(domain, sts, &mut dice),
            None => self.pass_without_sts(domain, &mut dice),
        }
        if domain.tlsrpt == Tlsrpt::Absent && dice.chance(if domain.sts.is_some() { 0.03 } else { 0.0001 }) {
            domain.tlsrpt = Tlsrpt::Valid;
        }
    }

    /// The dice about `what` in this month.
    fn monthly(&self, what: &str, who: u64) -> Dice {
        Dice::new(self.seed ^ u64::from(self.month) << 48, what, who)
    }

    /// The number of the certificate that is in use this month, where it is renewed in time.
    pub(super) fn certificate_number(&self, phase: u8) -> u32 {
        ((MONTH_DAYS * i64::from(self.month) + i64::from(phase)) / RENEWAL_DAYS + 1) as u32
    }

    /// The certificate of a host that nobody saw before: renewed like any other, its TLSA records as far behind as drawn.
    fn arrive(&self, host: &mut MailHost) {
        if matches!(host.leaf.fault, Fault::None | Fault::Misnamed | Fault::Unknown) {
            let behind = host.leaf.number - host.tlsa_of;
            host.leaf.number = self.certificate_number(host.leaf.phase);
            host.tlsa_of = host.leaf.number - behind;
        }
    }

    fn renew(&self, host: &mut MailHost, dice: &mut Dice) {
        let leaf = host.leaf;
        let due = self.certificate_number(leaf.phase);
        let healed = match leaf.fault {
            Fault::Expired | Fault::Lapsing if self.month > 1 || leaf.fault == Fault::Expired => dice.chance(0.25),
            Fault::Misnamed => dice.chance(0.03),
            _ => false,
        };
        host.leaf = match leaf.fault {
            _ if healed => Leaf { fault: Fault::None, number: due, ..leaf },
            Fault::None | Fault::Misnamed | Fault::Unknown => Leaf { number: due, ..leaf },
            Fault::Lapsing | Fault::Expired | Fault::SelfSigned => leaf,
        };
        // One in ten who renews forgets the records (SEC 2022: late ones are the commonest fault of a rollover);
        // a third of the stale ones are found in a month.
        let renewed = host.leaf.number != leaf.number;
        let forgets = renewed && dice.chance(0.10);
        if !forgets && (renewed || dice.chance(0.3)) {
            host.tlsa_of = host.leaf.number;
        }
    }

    fn pass_sts(&self, domain: &mut Domain, sts: Sts, dice: &mut Dice) {
        let renewed = Sts { id: sts.id + 1, ..sts };
        domain.sts = Some(match dice.share() {
            share if share < 0.015 => Sts { max_age: other_age(sts.max_age), ..sts },
            share if share < 0.030 => renewed,
            share if share < 0.045 && sts.mode == Mode::Enforce => Sts { mode: Mode::Testing, ..renewed },
            share if share < 0.050 && sts.mode != Mode::None => Sts { mode: Mode::None, ..renewed },
            share if share < 0.085 && sts.mode == Mode::Testing => Sts { mode: Mode::Enforce, ..renewed },
            share if share < 0.105 => {
                move_mail(domain, dice);
                sts
            }
            share if share < 0.112 => {
                move_mail(domain, dice);
                Sts { patterns: Patterns::Right, written_for: domain.mail, ..renewed }
            }
            share if share < 0.124 && sts.fetch == Fetch::Good => {
                Sts { fetch: if dice.chance(0.6) { Fetch::Expired } else { Fetch::Misnamed }, ..sts }
            }
            share if share < 0.132 => {
                domain.sts = None;
                return;
            }
            _ if sts.fetch != Fetch::Good && dice.chance(0.12) => Sts { fetch: Fetch::Good, ..sts },
            _ if is_off(&sts, domain.mail) && dice.chance(0.08) => {
                Sts { patterns: Patterns::Right, written_for: domain.mail, ..renewed }
            }
            _ => sts,
        });
    }

    fn pass_without_sts(&self, domain: &mut Domain, dice: &mut Dice) {
        // The burst of one operator: a registrar turns MTA-STS on for a part of its customers, all broken alike
        // (IMC 2025, section 4.3: 7,237 domains of one registrar).
        if self.month == 1 && model::at_registrar(domain) && dice.chance((0.04 * self.adoption).min(0.5)) {
            domain.sts = Some(Sts {
                record: Record::Valid,
                id: 1,
                operator: Some((OPERATORS.len() - 1) as u8),
                fetch: Fetch::Misnamed,
                phase: 0,
                body: Body::Good,
                mode: Mode::Testing,
                max_age: 86_400,
                patterns: Patterns::Right,
                written_for: domain.mail,
            });
        } else if dice.chance((0.0005 * self.adoption).min(0.05)) {
            domain.sts = Some(self.draw_sts(domain.index, domain.mail, domain.own.len(), "sts of a later adopter"));
        } else if dice.chance(0.008) && domain.own.iter().all(|host| host.tlsa == Tlsa::None) {
            move_mail(domain, dice);
        }
        let may_add = |host: &MailHost| host.tlsa == Tlsa::None && host.exists == Exists::Address;
        if domain.mail == Mail::Own
            && domain.zone == Zone::Signed
            && domain.own.iter().all(may_add)
            && dice.chance((0.02 * self.adoption).min(0.1))
        {
            for host in &mut domain.own {
                (host.tlsa, host.tlsa_of) = (Tlsa::Spki, host.leaf.number);
            }
        }
    }
}

/// Whether a policy names other hosts than those that the domain has.
fn is_off(sts: &Sts, mail: Mail) -> bool {
    sts.patterns != Patterns::Right || sts.written_for != mail
}

/// To another provider; a third of the movers go where each customer has a name.
fn move_mail(domain: &mut Domain, dice: &mut Dice) {
    let before = domain.mail;
    while domain.mail == before {
        domain.mail = Mail::Provider(if dice.chance(0.3) { EXCHANGE } else { model::draw_shared(dice) });
    }
}

fn other_age(max_age: u32) -> u32 {
    if max_age == 604_800 { 1_209_600 } else { 604_800 }
}
