//! The names of the load world, and the way back from a name to what it stands for.
//!
//! A domain is four syllables under a made-up top-level domain, `tokumari.com-lab`. Top-level domains of the real
//! root are alphabetic (RFC 1123 2.1), so one with a hyphen does not exist. The syllables are the domain's number,
//! scrambled, so a server finds what it is asked about by computation, and stores nothing.

use super::dice::Dice;

/// Names that four syllables make.
pub(super) const NAMES: u64 = 100_000_000;

const CONSONANTS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
const VOWELS: &[u8; 5] = b"aeiou";
const SYLLABLES: usize = 4;
/// Neighbours in rank shall not be neighbours in name. Coprime to [`NAMES`]; [`UNSCRAMBLE`] is its inverse.
const SCRAMBLE: u64 = 57_885_161;
const UNSCRAMBLE: u64 = 12_004_441;

/// The top-level domains: share of all domains in percent, name, share of its domains that are signed. Shares of
/// names after the domain lists in use, signed shares after the registries' own figures as of 2024.
pub(super) const TOP_LEVELS: &[(f64, &str, f64)] = &[
    (46.0, "com-lab", 0.04),
    (7.0, "net-lab", 0.05),
    (7.0, "org-lab", 0.05),
    (11.0, "de-lab", 0.04),
    (6.0, "nl-lab", 0.50),
    (3.0, "se-lab", 0.45),
    (5.0, "uk-lab", 0.03),
    (3.0, "ru-lab", 0.01),
    (3.0, "io-lab", 0.02),
    (9.0, "xyz-lab", 0.02),
];

/// The number of the top-level domain that a domain is under.
pub(super) fn top_level(seed: u64, index: u64) -> usize {
    let table: [(f64, usize); TOP_LEVELS.len()] = std::array::from_fn(|at| (TOP_LEVELS[at].0, at));
    Dice::new(seed, "top level", index).pick(&table)
}

/// The syllables of a domain's number.
pub(super) fn label(index: u64) -> String {
    let mut rest = (index % NAMES) * SCRAMBLE % NAMES;
    let mut out = String::with_capacity(2 * SYLLABLES);
    for _ in 0..SYLLABLES {
        let syllable = (rest % 100) as usize;
        rest /= 100;
        out.push(char::from(CONSONANTS[syllable / 5]));
        out.push(char::from(VOWELS[syllable % 5]));
    }
    out
}

/// The number that a label stands for.
pub(super) fn index(label: &[u8]) -> Option<u64> {
    if label.len() != 2 * SYLLABLES {
        return None;
    }
    let mut value = 0;
    for pair in label.chunks(2).rev() {
        let consonant = CONSONANTS.iter().position(|c| *c == pair[0])?;
        let vowel = VOWELS.iter().position(|v| *v == pair[1])?;
        value = value * 100 + (consonant * 5 + vowel) as u64;
    }
    Some(value * UNSCRAMBLE % NAMES)
}

/// The name of a domain.
pub(super) fn domain(seed: u64, index: u64) -> String {
    format!("{}.{}", label(index), TOP_LEVELS[top_level(seed, index)].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back() {
        assert_eq!(SCRAMBLE * UNSCRAMBLE % NAMES, 1);
        for number in (0..5_000).chain([9_999_999, NAMES - 1]) {
            assert_eq!(index(label(number).as_bytes()), Some(number));
        }
        for not_a_name in ["", "mx", "aspmail", "tokumar", "tokumaris", "tokumary", "Tokumari", "atokumar"] {
            assert_eq!(index(not_a_name.as_bytes()), None, "{not_a_name}");
        }
    }

    #[test]
    fn no_name_is_anybodys() {
        for (_, name, _) in TOP_LEVELS {
            assert!(name.contains('-') && !name.starts_with("xn--"), "{name}");
            assert!(psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.typ().is_none()), "{name} is listed");
        }
        assert_eq!(mxcensus_rules::name::registrable(&format!("mx.{}", domain(1, 5))), Some(domain(1, 5).as_str()));
    }
}
