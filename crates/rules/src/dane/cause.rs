//! Why no usable record matches: a guess for the operator, never part of the verdict.
//!
//! Every record is looked at, unusable ones too: a digest under the wrong matching type is unusable by its
//! length and still explains the mismatch. Of several explanations the first in this order is given, from the
//! mishap that is closest to a match to the vaguest:
//!
//! 1. `chain-expired`, `name-mismatch`: the anchor is the right one, and a date (expired or not yet valid) or the
//!    name is in the way.
//! 2. `other-certificate`: usage 3 with an issuer's data, or usage 2 with the leaf's.
//! 3. `wrong-selector`: right for the other selector.
//! 4. `wrong-matching-type`: right for another matching type, or a digest cut or padded to the length.
//! 5. `text-as-data`: printable text, or the digest of a text form (PEM, base64, hex) of the right thing.
//! 6. `empty-digest`: the digest of nothing.
//! 7. `anchor-not-sent`: usage 2 with a digest that nothing sent has; the server must send its anchor (RFC 7671 §5.2.2).
//! 8. `unknown`: most often data of an earlier certificate.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384, Sha512, Sha512_256};

use super::matching::{Association, transform};
use super::peer::{Attempt, Peer};
use super::record::{Matching, Selector, Tlsa, Usage};
use super::usable::Selection;
use super::words::MismatchCause;

/// The likeliest cause; `attempts` are those with the records that count.
pub(super) fn find(
    records: &[Tlsa],
    selection: &Selection,
    attempts: &[(usize, Attempt)],
    peer: &Peer<'_>,
) -> MismatchCause {
    let clues = Clues::of(peer);
    let mut causes: Vec<MismatchCause> = Vec::new();
    for (index, attempt) in attempts {
        match attempt {
            Attempt::OutOfDate => causes.push(MismatchCause::ChainExpired),
            Attempt::Misnamed => causes.push(MismatchCause::NameMismatch),
            Attempt::NotFound => causes.extend(explain(&records[*index], &clues)),
            Attempt::Unchained if peer.leaf.matches(&records[*index]) => causes.push(MismatchCause::OtherCertificate),
            Attempt::Unchained | Attempt::Undecided | Attempt::Match { .. } => {}
        }
    }
    let unusable = (0..records.len()).filter(|index| !selection.usable.contains(index));
    causes.extend(unusable.filter_map(|index| explain_unusable(&records[index], &clues)));
    causes.into_iter().min_by_key(|cause| rank(*cause)).unwrap_or(MismatchCause::Unknown)
}

/// What a mistaken digest of a certificate looks like, worked out once for all records.
struct Clues<'p, 'a> {
    leaf: Clue<'p, 'a>,
    others: Vec<Clue<'p, 'a>>,
}

struct Clue<'p, 'a> {
    association: &'p Association<'a>,
    misfits: HashSet<Vec<u8>>,
    texts: HashSet<Vec<u8>>,
}

impl<'p, 'a> Clues<'p, 'a> {
    fn of(peer: &'p Peer<'a>) -> Self {
        let clue = |association: &'p Association<'a>| Clue {
            association,
            misfits: misfit_digests(association),
            texts: digests_of_text(association),
        };
        Self { leaf: clue(&peer.leaf), others: peer.others.iter().map(clue).collect() }
    }

    /// The certificates that a usage may mean, and those that it may not.
    fn parties(&self, usage: Usage) -> (&[Clue<'p, 'a>], &[Clue<'p, 'a>]) {
        let leaf = std::slice::from_ref(&self.leaf);
        if usage == Usage::DaneTa { (&self.others, leaf) } else { (leaf, &self.others) }
    }
}

fn rank(cause: MismatchCause) -> u8 {
    match cause {
        MismatchCause::ChainExpired => 0,
        MismatchCause::NameMismatch => 1,
        MismatchCause::OtherCertificate => 2,
        MismatchCause::WrongSelector => 3,
        MismatchCause::WrongMatchingType => 4,
        MismatchCause::TextAsData => 5,
        MismatchCause::EmptyDigest => 6,
        MismatchCause::AnchorNotSent => 7,
        MismatchCause::Unknown => 8,
    }
}

/// A usable record that is about no certificate it may be about.
fn explain(record: &Tlsa, clues: &Clues<'_, '_>) -> Option<MismatchCause> {
    let data = record.data.as_ref()?;
    let (meant, others) = clues.parties(record.usage);
    let any_selector = |clue: &Clue<'_, '_>| {
        Selector::KNOWN.into_iter().any(|selector| clue.association.equals(selector, record.matching, data))
    };
    if others.iter().any(any_selector) {
        return Some(MismatchCause::OtherCertificate);
    }
    if meant.iter().any(any_selector) {
        return Some(MismatchCause::WrongSelector);
    }
    if meant.iter().any(|clue| clue.misfits.contains(data)) {
        return Some(MismatchCause::WrongMatchingType);
    }
    if is_text(data) || meant.iter().chain(others).any(|clue| clue.texts.contains(data)) {
        return Some(MismatchCause::TextAsData);
    }
    if is_digest_of_nothing(data) {
        return Some(MismatchCause::EmptyDigest);
    }
    (record.usage == Usage::DaneTa && record.matching != Matching::Full).then_some(MismatchCause::AnchorNotSent)
}

/// An unusable record whose data would have matched in other words.
fn explain_unusable(record: &Tlsa, clues: &Clues<'_, '_>) -> Option<MismatchCause> {
    if !matches!(record.usage, Usage::DaneTa | Usage::DaneEe) {
        return None;
    }
    let data = record.data.as_ref()?;
    let (meant, _) = clues.parties(record.usage);
    let equals = |selector: Selector, matching: Matching| {
        meant.iter().any(|clue| clue.association.equals(selector, matching, data))
    };
    if Selector::KNOWN.into_iter().any(|selector| equals(selector, record.matching)) {
        return Some(MismatchCause::WrongSelector);
    }
    let mut types = Matching::KNOWN.into_iter();
    if types.any(|matching| Selector::KNOWN.into_iter().any(|selector| equals(selector, matching))) {
        return Some(MismatchCause::WrongMatchingType);
    }
    if is_text(data) {
        return Some(MismatchCause::TextAsData);
    }
    is_digest_of_nothing(data).then_some(MismatchCause::EmptyDigest)
}

/// Digests of another kind made to fit: cut to 32 bytes, or padded with zeros or written twice to 64.
fn misfit_digests(association: &Association<'_>) -> HashSet<Vec<u8>> {
    let of = |selected: &[u8]| {
        let short = Sha256::digest(selected);
        [
            Sha512::digest(selected)[..32].to_vec(),
            Sha384::digest(selected)[..32].to_vec(),
            Sha512_256::digest(selected).to_vec(),
            [short.as_slice(), &[0; 32]].concat(),
            [short.as_slice(), &short].concat(),
        ]
    };
    Selector::KNOWN.into_iter().filter_map(|selector| association.selected(selector)).flat_map(of).collect()
}

/// Printable ASCII throughout. A true digest looks so once in 10^13 times.
fn is_text(data: &[u8]) -> bool {
    data.len() >= 32 && data.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

/// The digests of the PEM, base64 and hex forms of a certificate and its key, with the usual line ends.
fn digests_of_text(association: &Association<'_>) -> HashSet<Vec<u8>> {
    let forms = [(Selector::Cert, "CERTIFICATE"), (Selector::Spki, "PUBLIC KEY")].into_iter();
    forms
        .filter_map(|(selector, label)| association.selected(selector).map(|selected| text_forms(selected, label)))
        .flatten()
        .flat_map(|text| [Matching::Sha2_256, Matching::Sha2_512].map(|matching| transform(text.as_bytes(), matching)))
        .flatten()
        .collect()
}

fn text_forms(der: &[u8], label: &str) -> Vec<String> {
    let base64 = STANDARD.encode(der);
    let wrapped: Vec<&str> = base64.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let body = wrapped.join("\n");
    let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----");
    let bare = [pem, body, base64, hex::encode(der), hex::encode_upper(der)];
    bare.into_iter()
        .flat_map(|text| {
            let windows = text.replace('\n', "\r\n");
            [format!("{text}\n"), format!("{windows}\r\n"), text, windows]
        })
        .collect()
}

fn is_digest_of_nothing(data: &[u8]) -> bool {
    data == &Sha256::digest(b"")[..] || data == &Sha512::digest(b"")[..]
}
