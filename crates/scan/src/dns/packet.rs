//! One packet, read without a network: for captures, replay and fuzzing.

use hickory_proto::op::{Message, ResponseCode};

use super::message::{self, Flags, Question};
use super::{Answer, Kind, names};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::Cname;

/// What a packet says in answer to a question, as [`super::Mode::Off`] would have it, aliases followed as far as the
/// packet goes; `None` where it is no answer to that question that can be read. The id is not looked at.
pub fn read_packet(name: &str, kind: Kind, packet: &[u8]) -> Option<Answer> {
    let name = names::parse(name)?;
    let question = Question::new(&name, kind.record_type(), Flags::default());
    if !message::answers(packet, &question.section()) {
        return None;
    }
    let message = Message::from_vec(packet).ok()?;
    if !matches!(message.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain) {
        return None;
    }
    let Ok(reading) = message::read(&name, kind.record_type(), &message) else {
        return Some(Answer::failed(Failure::Servfail, None, Vec::new()));
    };
    let cnames = reading.hops.iter().map(|hop| Cname { target: names::text(&hop.target), dnssec: None }).collect();
    let ttl = reading.ttl;
    Some(Answer::put_together(reading, None, ttl, cnames))
}
