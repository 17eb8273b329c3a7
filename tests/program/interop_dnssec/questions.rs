//! What is asked, and where `validate` and Unbound are known to differ.

use std::fmt;

use mxcensus_rules::observation::Dnssec;
use mxcensus_scan::dns::Kind;

use super::KINDS;
use super::world::{Fault, ZONES};

/// One question.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub name: String,
    pub kind: Kind,
    /// The zone that the first name lies in.
    pub zone: &'static str,
    /// What the answer must be, whoever is asked.
    pub must_be: Option<Dnssec>,
}

impl Question {
    fn key(&self) -> (&str, Option<usize>) {
        (&self.name, KINDS.iter().position(|&kind| kind == self.kind))
    }
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Question {}

impl PartialOrd for Question {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Question {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name, self.kind)
    }
}

/// A difference that is known and explained.
pub(super) struct Difference {
    zone: &'static str,
    /// Our state.
    pub ours: &'static str,
    /// Unbound's: its own word for each name.
    pub theirs: &'static [&'static str],
    pub why: &'static str,
}

impl Difference {
    /// Whether the question starts in the zone.
    pub(super) fn within(&self, question: &Question) -> bool {
        question.zone == self.zone
    }

    /// Whether the states differ. An answer that leads into bogus data is bogus whatever the zone that it starts in.
    pub(super) fn covers(&self, question: &Question) -> bool {
        self.within(question) && !question.name.starts_with("tobogus")
    }
}

/// Where our states may differ from Unbound's. One that no longer differs fails the test.
pub(super) const KNOWN_DIFFERENCES: &[Difference] = &[Difference {
    zone: "a16.lab",
    ours: "indeterminate",
    theirs: &["secure", "insecure"],
    why: "ring has no Ed448: this build cannot check such zones, and says so",
}];

/// Owners asked in every leaf zone, their kinds, and whether the answer rests on that zone alone.
const OWNERS: &[(&str, Kind, bool)] = &[
    ("", Kind::A, true),
    ("", Kind::Mx, true),
    ("", Kind::Txt, true),
    ("", Kind::Aaaa, true),
    ("www", Kind::A, true),
    ("www", Kind::Tlsa, true),
    ("mail", Kind::A, true),
    ("mail", Kind::Aaaa, true),
    ("_25._tcp.mail", Kind::Tlsa, true),
    ("_25._tcp.www", Kind::Tlsa, true),
    ("_mta-sts", Kind::Txt, true),
    ("_smtp._tls", Kind::Txt, true),
    ("nowhere", Kind::A, true),
    ("very.far.nowhere", Kind::Mx, true),
    ("alias", Kind::A, true),
    ("alias2", Kind::A, true),
    ("alias2", Kind::Txt, true),
    ("nodata-alias", Kind::Txt, true),
    ("gone-alias", Kind::A, true),
    ("x.wild", Kind::A, true),
    ("x.y.wild", Kind::A, true),
    ("x.wild", Kind::Mx, true),
    ("wild", Kind::A, true),
    ("x.wildalias", Kind::A, true),
    ("x.wildalias", Kind::Txt, true),
    ("www.dnamehere", Kind::A, true),
    ("nowhere.dnamehere", Kind::A, true),
    ("dnamehere", Kind::A, true),
    ("ent", Kind::A, true),
    ("b.ent", Kind::A, true),
    ("a.b.ent", Kind::A, true),
    ("c.b.ent", Kind::A, true),
    ("tosecure", Kind::A, false),
    ("tosecure", Kind::Txt, false),
    ("tosecure3", Kind::Mx, false),
    ("toinsecure", Kind::A, false),
    ("tobogus", Kind::A, false),
    ("toecho", Kind::A, false),
    ("towild", Kind::A, false),
    ("tonowhere", Kind::A, false),
    ("tonowhere3", Kind::A, false),
    ("toopt", Kind::A, false),
    ("todname", Kind::A, false),
    ("to.wildaway", Kind::A, false),
    ("towww.dname", Kind::A, false),
    ("tox.dname", Kind::A, false),
    ("towww.dnameinsecure", Kind::A, false),
];

/// Every question, in an order that meets siblings one after the other.
pub(super) fn all() -> Vec<Question> {
    let mut questions = Vec::new();
    for zone in ZONES.iter().filter(|zone| zone.fault != Fault::Brief) {
        for &(owner, kind, own) in OWNERS {
            // `to` marks names that lead elsewhere; where it is only a mark, it is not part of the name.
            let owner = owner.strip_prefix("towww.").map_or(owner.to_owned(), |rest| format!("www.{rest}"));
            let name = if owner.is_empty() { zone.name.to_owned() } else { format!("{owner}.{}", zone.name) };
            questions.push(Question { name, kind, zone: zone.name, must_be: zone.must_be.filter(|_| own) });
        }
    }
    let secure = Some(Dnssec::Secure);
    let insecure = Some(Dnssec::Insecure);
    let bogus = Some(Dnssec::Bogus);
    for (name, kind, must_be) in [
        ("www.lab", Kind::A, secure),
        ("nowhere.lab", Kind::A, secure),
        ("co.lab", Kind::A, secure),
        ("any.wild.lab", Kind::A, secure),
        ("nowhere", Kind::A, secure),
        ("www.opt", Kind::A, secure),
        // RFC 5155 6: an opt-out span proves nothing about the names it covers.
        ("nowhere.opt", Kind::A, insecure),
        ("nowhere.optout.lab", Kind::A, insecure),
        ("_25._tcp.www.optout.lab", Kind::Tlsa, insecure),
        ("www.optout.lab", Kind::A, secure),
        // One record was changed, or all denials are gone: the rest stands.
        ("www.changed.lab", Kind::A, bogus),
        ("mail.changed.lab", Kind::A, secure),
        ("www.foreign.lab", Kind::A, bogus),
        ("mail.foreign.lab", Kind::A, secure),
        ("www.nodenial.lab", Kind::A, secure),
        ("nowhere.nodenial.lab", Kind::A, bogus),
        ("toinsecure.a13.lab", Kind::A, insecure),
        ("tobogus.a13.lab", Kind::A, bogus),
        ("toecho.a13.lab", Kind::A, insecure),
        ("tosecure.unsigned.lab", Kind::A, insecure),
        ("www.dname.a14.lab", Kind::A, secure),
        ("www.dnameinsecure.a14.lab", Kind::A, insecure),
    ] {
        let zone = "";
        questions.retain(|question: &Question| (question.name.as_str(), question.kind) != (name, kind));
        questions.push(Question { name: name.to_owned(), kind, zone, must_be });
    }
    questions
}
