//! What the domains of the load world publish as text: TXT records and policies.

use super::domain::{Body, Domain, Mail, Mode, Patterns, Record, Sts, Tlsrpt};
use super::model::World;
use super::providers::{Naming, PROVIDERS};

/// The TXT records at `_mta-sts` (RFC 8461 3.1).
pub(super) fn sts_records(sts: &Sts) -> Vec<String> {
    let id = sts.id;
    match sts.record {
        Record::Valid => vec![format!("v=STSv1; id=2026{id:06};")],
        Record::BadId => vec![format!("v=STSv1; id=2026-{id:06};")],
        Record::NoId => vec!["v=STSv1;".to_owned()],
        Record::BadVersion => vec![format!("v=STS1; id=2026{id:06};")],
        Record::Twice => vec![format!("v=STSv1; id=2026{id:06};"), "v=STSv1; id=1;".to_owned()],
    }
}

/// The TXT record at `_smtp._tls` (RFC 8460 3).
pub(super) fn tlsrpt_record(tlsrpt: Tlsrpt, name: &str) -> Option<String> {
    match tlsrpt {
        Tlsrpt::Absent => None,
        Tlsrpt::Valid => Some(format!("v=TLSRPTv1; rua=mailto:tls-reports@{name}")),
        Tlsrpt::Invalid => Some(format!("v=TLSRPTv1; rua=tls-reports@{name}")),
    }
}

/// The SPF record (RFC 7208).
pub(super) fn spf_record(domain: &Domain) -> Option<String> {
    let text = match (domain.mail, domain.provider()) {
        (Mail::Provider(_), Some(provider)) => format!("v=spf1 include:_spf.{} ~all", provider.domain),
        (Mail::Own | Mail::Implicit, _) => "v=spf1 mx -all".to_owned(),
        _ => "v=spf1 -all".to_owned(),
    };
    domain.spf.then_some(text)
}

/// The DMARC record (RFC 7489 6.3).
pub(super) fn dmarc_record(domain: &Domain, name: &str) -> Option<String> {
    domain.dmarc.map(|policy| format!("v=DMARC1; p={policy}; rua=mailto:dmarc@{name}"))
}

impl World {
    /// The body of a domain's policy (RFC 8461 3.2).
    pub(super) fn policy_body(&self, domain: &Domain, sts: &Sts) -> Vec<u8> {
        let mut mx = self.patterns(domain, sts);
        let mut mode = sts.mode.word();
        let mut max_age = format!("max_age: {}\n", sts.max_age);
        match sts.body {
            Body::Good => {}
            Body::Empty => return Vec::new(),
            Body::Html => return b"<!DOCTYPE html>\n<html><body>Coming soon</body></html>\n".to_vec(),
            Body::MailAddress => mx = vec![format!("postmaster@{}", self.name(domain.index))],
            Body::TrailingDot => mx.iter_mut().for_each(|pattern| pattern.push('.')),
            Body::NoMaxAge => max_age.clear(),
            Body::BadMode => mode = if sts.mode == Mode::Testing { "test" } else { "enforced" },
        }
        let mx: String = mx.iter().map(|pattern| format!("mx: {pattern}\n")).collect();
        format!("version: STSv1\nmode: {mode}\n{mx}{max_age}").into_bytes()
    }

    /// The mx patterns of a policy.
    pub(super) fn patterns(&self, domain: &Domain, sts: &Sts) -> Vec<String> {
        let written_for = Domain { mail: sts.written_for, ..domain.clone() };
        let hosts = self.mx(&written_for).into_iter();
        let names: Vec<String> = hosts.map(|(_, host)| self.mx_host(host, &written_for).name).collect();
        let Some(first) = names.first().cloned() else { return vec![format!("mail.{}", self.name(domain.index))] };
        match (sts.patterns, sts.written_for) {
            (Patterns::Former(provider), _) => vec![wildcard(provider)],
            (Patterns::Right, Mail::Provider(provider)) => vec![wildcard(provider)],
            (Patterns::Right, _) => names,
            (Patterns::FirstOnly, _) => vec![first],
            (Patterns::ExtraLabel, _) => vec![format!("mta-sts.{first}")],
            (Patterns::Typo, _) => vec![without_a_letter(&first)],
            (Patterns::TopLevel, _) => vec![other_top_level(&first)],
        }
    }
}

fn wildcard(provider: u8) -> String {
    let provider = &PROVIDERS[usize::from(provider)];
    match provider.naming {
        // One who has a single host names it.
        Naming::Shared([_]) => format!("mx1.{}", provider.domain),
        _ => format!("*.{}", provider.host_parent()),
    }
}

/// A letter of the registrable domain is missing.
fn without_a_letter(host: &str) -> String {
    let mut labels: Vec<String> = host.split('.').map(str::to_owned).collect();
    let at = labels.len().saturating_sub(2);
    if let Some(label) = labels.get_mut(at).filter(|label| label.len() > 3) {
        label.remove(2);
    }
    labels.join(".")
}

fn other_top_level(host: &str) -> String {
    let (rest, last) = host.rsplit_once('.').unwrap_or((host, ""));
    format!("{rest}.{}", if last == "com-lab" { "net-lab" } else { "com-lab" })
}
