//! Back-off: what a peer's wish to be contacted less often does to the pace.
//!
//! A wish doubles the pause of the address; three addresses of one operator with that wish double the pause of the
//! operator. Contacts that are borne bring the pace back. None of this is a verdict about the peer: its rows say what it
//! replied, and the pace is ours.

use std::net::IpAddr;
use std::time::Duration;

use super::Contact;
use mxcensus_rules::observation::{EndpointRow, EndpointStage};

/// How far a pause is stretched: by 2 to the power of the level.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Backoff {
    level: u8,
    borne: u8,
}

/// Doublings at most; the longest pause sets the real end.
const MAX_LEVEL: u8 = 16;

/// Contacts borne in a row before a pause is halved: coming back faster than one went away would only provoke the next
/// refusal.
const CALM_AFTER: u8 = 4;

impl Backoff {
    /// Takes a contact into account.
    pub(super) fn note(&mut self, contact: Contact) {
        match contact {
            Contact::None | Contact::Unanswered => {}
            Contact::TooFast => *self = Backoff { level: (self.level + 1).min(MAX_LEVEL), borne: 0 },
            Contact::Borne if self.level == 0 => {}
            Contact::Borne if self.borne + 1 < CALM_AFTER => self.borne += 1,
            Contact::Borne => *self = Backoff { level: self.level - 1, borne: 0 },
        }
    }

    /// Whether the pace is the ordinary one.
    pub(super) fn is_calm(self) -> bool {
        self.level == 0
    }

    /// The stretched pause; the longest applies to the stretching alone.
    pub(super) fn stretch(self, pause: Duration, longest: Duration) -> Duration {
        pause.saturating_mul(1 << self.level).min(longest.max(pause))
    }
}

/// The addresses of an operator that lately asked us to slow down.
#[derive(Clone, Debug, Default)]
pub(super) struct Complaints(Vec<IpAddr>);

/// As many addresses make it the operator's wish.
const OPERATOR_COMPLAINS: usize = 3;

impl Complaints {
    /// Takes a contact into account; true when it makes enough complaints, and the count begins again.
    pub(super) fn note(&mut self, ip: IpAddr, contact: Contact) -> bool {
        match contact {
            Contact::None | Contact::Unanswered => {}
            Contact::Borne => self.0.retain(|other| *other != ip),
            Contact::TooFast if self.0.contains(&ip) => {}
            Contact::TooFast => self.0.push(ip),
        }
        let enough = self.0.len() >= OPERATOR_COMPLAINS;
        if enough {
            self.0.clear();
        }
        enough
    }
}

/// What servers say with a 4xx when they have had enough of us.
const WORDS: [&str; 9] =
    ["rate", "too many", "too fast", "throttl", "slow down", "try again later", "connections", "exceed", "limit"];

/// Whether the last attempt was answered with a wish to be contacted less often: 421 (RFC 5321 4.2.2: the service closes
/// the channel), 450 and 454 (RFC 3207 4: not available for a time) before the handshake, and any other 4xx greeting or
/// reply to EHLO whose text speaks of limits.
pub fn asks_to_slow_down(row: &EndpointRow) -> bool {
    let early = matches!(row.stage, EndpointStage::Banner | EndpointStage::Ehlo | EndpointStage::Starttls);
    let Some(code) = row.reply_code.filter(|_| early) else { return false };
    match code {
        421 | 450 | 454 => true,
        400..500 => row.reply_text.as_ref().is_some_and(|text| {
            let text = text.to_ascii_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{Target, skipped};

    #[test]
    fn a_pause_doubles_and_comes_back_slowly() {
        let (pause, longest) = (Duration::from_secs(30), Duration::from_secs(900));
        let mut backoff = Backoff::default();
        let seconds = |backoff: Backoff| backoff.stretch(pause, longest).as_secs();
        for expected in [60, 120, 240, 480, 900, 900] {
            backoff.note(Contact::TooFast);
            assert_eq!(seconds(backoff), expected);
        }
        for _ in 0..1000 {
            backoff.note(Contact::TooFast);
        }
        assert_eq!(seconds(backoff), 900, "bounded");
        let mut backoff = Backoff::default();
        backoff.note(Contact::TooFast);
        (1..CALM_AFTER).for_each(|_| backoff.note(Contact::Borne));
        assert_eq!(seconds(backoff), 60);
        backoff.note(Contact::Borne);
        assert!(backoff.is_calm());
        assert_eq!(backoff.stretch(Duration::ZERO, longest), Duration::ZERO, "what is lifted stays lifted");
        backoff.note(Contact::TooFast);
        assert_eq!(backoff.stretch(Duration::from_secs(1000), longest).as_secs(), 1000, "never faster than the pace");
    }

    #[test]
    fn an_operator_complains_by_three_addresses() {
        let ip = |last| IpAddr::from([192, 0, 2, last]);
        let mut complaints = Complaints::default();
        assert!(!complaints.note(ip(1), Contact::TooFast));
        assert!(!complaints.note(ip(1), Contact::TooFast), "the same one twice");
        assert!(!complaints.note(ip(2), Contact::TooFast));
        assert!(!complaints.note(ip(2), Contact::Borne), "it has calmed down");
        assert!(!complaints.note(ip(3), Contact::TooFast));
        assert!(complaints.note(ip(4), Contact::TooFast));
        assert!(!complaints.note(ip(5), Contact::TooFast), "the count begins again");
    }

    #[test]
    fn which_replies_ask_for_it() {
        use EndpointStage::{Banner, Done, Ehlo, Starttls};
        let table = [
            (Banner, Some(421), "4.7.0 closing", true, "the service closes the channel"),
            (Banner, Some(450), "4.7.1 greylisted", true, "not now"),
            (Starttls, Some(454), "TLS not available", true, "RFC 3207 4"),
            (Banner, Some(452), "Too many connections from your host", true, "it says so"),
            (Ehlo, Some(451), "4.3.0 RATE limited", true, "in capitals too"),
            (Banner, Some(451), "4.3.0 disk full", false, "its own trouble"),
            (Banner, Some(554), "too many errors", false, "a 5xx is no wish to wait"),
            (Banner, None, "", false, "no reply"),
            (Done, Some(220), "ready", false, "all went well"),
        ];
        let target = Target {
            host: "h".into(),
            server_name: "h".into(),
            ip: IpAddr::from([192, 0, 2, 1]),
            port: 25,
            aliases: std::sync::Arc::default(),
        };
        for (stage, reply_code, text, expected, why) in table {
            let mut row = skipped(&target, "w1", mxcensus_rules::failure::Failure::Budget);
            (row.stage, row.reply_code, row.reply_text) = (stage, reply_code, Some(text.to_owned()));
            assert_eq!(asks_to_slow_down(&row), expected, "{text}: {why}");
        }
    }
}
