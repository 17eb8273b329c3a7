//! A resolver with faults: passes everything to an Unbound and changes what it returns for a few names.

use std::net::{Ipv4Addr, SocketAddr};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::NS;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;

/// Starts it; it ends with the runtime.
pub(super) async fn start(upstream: SocketAddr) -> SocketAddr {
    let front = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = front.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        loop {
            let (length, client) = front.recv_from(&mut buffer).await.unwrap();
            let back = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            back.connect(upstream).await.unwrap();
            back.send(&buffer[..length]).await.unwrap();
            let length = back.recv(&mut buffer).await.unwrap();
            let answer = changed(&buffer[..length]).unwrap_or_else(|| buffer[..length].to_vec());
            front.send_to(&answer, client).await.unwrap();
        }
    });
    address
}

/// The faults, by name and type.
fn changed(answer: &[u8]) -> Option<Vec<u8>> {
    let mut message = Message::from_vec(answer).unwrap();
    let question = message.queries.first()?;
    let name = question.name().to_ascii();
    match (name.trim_end_matches('.'), question.query_type()) {
        // A denial without any proof, as careless servers send it.
        (
            "nowhere.unsigned.lab" | "www.unsigned.lab" | "nowhere.a13.lab" | "www.a13.lab",
            RecordType::A | RecordType::MX,
        ) if message.answers.is_empty() => {
            message.authorities.clear();
        }
        // The keys of one zone cannot be had.
        ("a14.lab", RecordType::DNSKEY) => {
            message.answers.clear();
            message.metadata.response_code = ResponseCode::ServFail;
        }
        // Unsigned name servers in the authority section.
        ("mail.a13.lab", RecordType::A) => {
            let ns = RData::NS(NS(Name::from_ascii("ns.lab.").unwrap()));
            message.add_authority(Record::from_rdata(Name::from_ascii("a13.lab.").unwrap(), 60, ns));
        }
        // A chain that ends after its first alias.
        ("alias2.a13.lab" | "toinsecure.a13.lab" | "tobogus.a13.lab", RecordType::A) => {
            let owner = question.name().clone();
            message.answers.retain(|record| record.name == owner);
            message.authorities.clear();
        }
        _ => return None,
    }
    Some(message.to_vec().unwrap())
}
