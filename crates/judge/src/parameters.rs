//! What a judgement is made with, besides the observations: an instant and how tolerantly to read.
//!
//! The trust store is handed to [`super::Judge::new`] beside these.

use mxcensus_rules::observation::Micros;

/// The version of the rules, written to `judgement.json`: raised whenever a verdict may change for unchanged rows.
pub const RULES_VERSION: u32 = 2;

/// How to judge. The default judges each exchange at its own instant and reads strictly.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Parameters {
    /// The instant of every judgement, in microseconds since the epoch. `None`: the `observed_at` of the exchange
    /// that showed the chain. "Now" is never a default.
    pub at: Option<Micros>,
    /// Let the tolerant reading of record and policy decide.
    pub lenient: bool,
}

impl Parameters {
    /// The instant at which something seen at `observed_at` is judged, in whole seconds since the epoch.
    pub fn instant_seconds(&self, observed_at: Micros) -> i64 {
        self.at.unwrap_or(observed_at).div_euclid(1_000_000)
    }
}
