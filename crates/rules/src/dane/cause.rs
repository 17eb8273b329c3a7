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

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384, Sha512, Sha512_256};

use super::matching::{Association, transform};
use super::usable::{CERT, DANE_EE, DANE_TA, FULL, SHA2_256, SHA2_512, SPKI, Selection};
use super::verify::{Attempt, Peer};
use super::words::MismatchCause;
use crate::observation::TlsaRecord;

/// The likeliest cause; `attempts` are those with the records that count.
pub(super) fn find(
    records: &[TlsaRecord],
    selection: &Selection,
    attempts: &[(usize, Attempt)],
    peer: &Peer<'_>,
) -> MismatchCause {
    let mut causes: Vec<MismatchCause> = Vec::new();
    for (index, attempt) in attempts {
        match attempt {
            Attempt::OutOfDate => causes.push(MismatchCause::ChainExpired),
            Attempt::Misnamed => causes.push(MismatchCause::NameMismatch),
            Attempt::NotFound => causes.extend(explain(&records[*index], peer)),
            Attempt::Unchained if peer.leaf.matches(&records[*index]) => causes.push(MismatchCause::OtherCertificate),
            Attempt::Unchained | Attempt::Match { .. } => {}
        }
    }
    let unusable = (0..records.len()).filter(|index| !selection.usable.contains(index));
    causes.extend(unusable.filter_map(|index| explain_unusable(&records[index], peer)));
    causes.into_iter().min_by_key(|cause| rank(*cause)).unwrap_or(MismatchCause::Unknown)
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
fn explain(record: &TlsaRecord, peer: &Peer<'_>) -> Option<MismatchCause> {
    let data = hex::decode(&record.data).ok()?;
    let (meant, others) = parties(record.usage, peer);
    let any_selector = |association: &&Association| {
        [CERT, SPKI].into_iter().any(|selector| association.equals(selector, record.matching, &data))
    };
    if others.iter().any(any_selector) {
        return Some(MismatchCause::OtherCertificate);
    }
    if meant.iter().any(any_selector) {
        return Some(MismatchCause::WrongSelector);
    }
    if meant.iter().any(|association| is_misfit_digest(association, &data)) {
        return Some(MismatchCause::WrongMatchingType);
    }
    if is_text(&data) || meant.iter().chain(&others).any(|association| is_digest_of_text(association, &data)) {
        return Some(MismatchCause::TextAsData);
    }
    if is_digest_of_nothing(&data) {
        return Some(MismatchCause::EmptyDigest);
    }
    (record.usage == DANE_TA && record.matching != FULL).then_some(MismatchCause::AnchorNotSent)
}

/// An unusable record whose data would have matched in other words.
fn explain_unusable(record: &TlsaRecord, peer: &Peer<'_>) -> Option<MismatchCause> {
    if !matches!(record.usage, DANE_TA | DANE_EE) {
        return None;
    }
    let data = hex::decode(&record.data).ok()?;
    let (meant, _) = parties(record.usage, peer);
    let equals =
        |selector: u8, matching: u8| meant.iter().any(|association| association.equals(selector, matching, &data));
    if [CERT, SPKI].into_iter().any(|selector| equals(selector, record.matching)) {
        return Some(MismatchCause::WrongSelector);
    }
    if [FULL, SHA2_256, SHA2_512].into_iter().any(|matching| equals(CERT, matching) || equals(SPKI, matching)) {
        return Some(MismatchCause::WrongMatchingType);
    }
    if is_text(&data) {
        return Some(MismatchCause::TextAsData);
    }
    is_digest_of_nothing(&data).then_some(MismatchCause::EmptyDigest)
}

/// The certificates that a usage may mean, and those that it may not.
fn parties<'p>(usage: u8, peer: &'p Peer<'_>) -> (Vec<&'p Association>, Vec<&'p Association>) {
    let (leaf, others) = (vec![&peer.leaf], peer.others.iter().collect());
    if usage == DANE_TA { (others, leaf) } else { (leaf, others) }
}

/// A digest of another kind made to fit: cut to 32 bytes, or padded with zeros or written twice to 64.
fn is_misfit_digest(association: &Association, data: &[u8]) -> bool {
    [CERT, SPKI].into_iter().filter_map(|selector| association.selected(selector)).any(|selected| match data.len() {
        32 => {
            data == &Sha512::digest(selected)[..32]
                || data == &Sha384::digest(selected)[..32]
                || data == &Sha512_256::digest(selected)[..]
        }
        64 => {
            let (head, tail) = data.split_at(32);
            head == &Sha256::digest(selected)[..] && (tail == head || tail.iter().all(|byte| *byte == 0))
        }
        _ => false,
    })
}

/// Printable ASCII throughout. A true digest looks so once in 10^13 times.
fn is_text(data: &[u8]) -> bool {
    data.len() >= 32 && data.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

/// The digest of the PEM, base64 or hex form of a certificate or a key, with the usual line ends.
fn is_digest_of_text(association: &Association, data: &[u8]) -> bool {
    let matching = match data.len() {
        32 => SHA2_256,
        64 => SHA2_512,
        _ => return false,
    };
    [(CERT, "CERTIFICATE"), (SPKI, "PUBLIC KEY")].into_iter().any(|(selector, label)| {
        association.selected(selector).is_some_and(|selected| {
            text_forms(selected, label).iter().any(|text| transform(text.as_bytes(), matching).as_deref() == Some(data))
        })
    })
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
