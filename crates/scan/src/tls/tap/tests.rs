use super::*;
use proptest::prelude::*;

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &u32::try_from(body.len()).unwrap().to_be_bytes()[1..], body].concat()
}

fn record(kind: u8, fragment: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &u16::try_from(fragment.len()).unwrap().to_be_bytes(), fragment].concat()
}

fn server_hello(version: u16, random: [u8; 32], suite: u16, extensions: &[u8]) -> Vec<u8> {
    let length = u16::try_from(extensions.len()).unwrap().to_be_bytes();
    message(2, &[&version.to_be_bytes()[..], &random, &[0], &suite.to_be_bytes(), &[0], &length, extensions].concat())
}

/// A ServerHello of TLS 1.3 with a share of this group.
fn hello_13(random: [u8; 32], group: u16) -> Vec<u8> {
    let [a, b] = group.to_be_bytes();
    server_hello(0x0303, random, 0x1301, &[0, 43, 0, 2, 3, 4, 0, 51, 0, 5, a, b, 0, 1, 9])
}

fn chosen(version: u16, suite: u16, group: Option<u16>) -> Option<Chosen> {
    Some(Chosen { version, suite, group })
}

#[test]
fn what_a_server_chose() {
    let flight_12 = |suite, exchange: &[u8]| {
        let chain = message(11, &vec![1; 70_000]);
        let flight =
            [server_hello(0x0303, [7; 32], suite, &[]), chain, message(12, exchange), message(14, &[])].concat();
        flight.chunks(16_000).flat_map(|fragment| record(22, fragment)).collect::<Vec<u8>>()
    };
    let prime_1015 = [&[0, 128, 0, 0x7f][..], &[0xff; 126]].concat();
    type Case = (Vec<u8>, Option<Chosen>, Option<u32>, &'static str);
    let cases: Vec<Case> = vec![
        (record(22, &hello_13([7; 32], 0x001d)), chosen(0x0304, 0x1301, Some(0x001d)), None, "TLS 1.3"),
        (record(22, &hello_13([7; 32], 0x0100)), chosen(0x0304, 0x1301, Some(0x0100)), Some(2048), "ffdhe2048"),
        (record(22, &hello_13(RETRY, 0x0019)), None, None, "a HelloRetryRequest chooses nothing yet"),
        (
            [record(22, &hello_13(RETRY, 0x0019)), record(20, &[1]), record(22, &hello_13([7; 32], 0x0019))].concat(),
            chosen(0x0304, 0x1301, Some(0x0019)),
            None,
            "after a HelloRetryRequest",
        ),
        (flight_12(0xc02f, &[3, 0, 0x17, 1, 4]), chosen(0x0303, 0xc02f, Some(0x0017)), None, "a curve in TLS 1.2"),
        (flight_12(0x009e, &prime_1015), chosen(0x0303, 0x009e, None), Some(1015), "a prime, a zero byte before it"),
        (record(22, &server_hello(0x0301, [7; 32], 0x002f, &[])), chosen(0x0301, 0x002f, None), None, "TLS 1.0"),
        (record(21, &[2, 40]), None, None, "an alert"),
        (b"454 not now\r\n".to_vec(), None, None, "no TLS"),
        (record(22, &message(2, &[3, 3, 7])), None, None, "a hello cut short"),
    ];
    for (wire, chosen, dh_bits, why) in cases {
        let tap = Tap::default();
        tap.received(&wire);
        assert_eq!((tap.seen().chosen, tap.seen().dh_bits), (chosen, dh_bits), "{why}");
    }
}

#[test]
fn what_a_client_sent_last() {
    use TlsMessage::{Certificate, ClientHello, ClientKeyExchange, Finished};
    let hello = record(22, &message(1, &[0; 200]));
    let (in_12, in_13) = (server_hello(0x0303, [7; 32], 0xc02f, &[]), hello_13([7; 32], 0x001d));
    let cases: Vec<(&[u8], Vec<u8>, TlsMessage, &str)> = vec![
        (&in_12, vec![], ClientHello, "nothing more"),
        (&in_12, record(22, &message(11, &[0; 3])), Certificate, "an empty Certificate"),
        (&in_12, record(22, &[message(11, &[0; 3]), message(16, &[1])].concat()), ClientKeyExchange, "two in a record"),
        (&in_12, [record(22, &message(16, &[1])), record(20, &[1])].concat(), ClientKeyExchange, "no Finished yet"),
        (&in_12, [record(20, &[1]), record(22, &[9; 40])].concat(), Finished, "an encrypted Finished"),
        (&in_12, record(21, &[2, 47]), ClientHello, "an alert of ours"),
        (&in_13, [record(20, &[1]), record(23, &[9; 53])].concat(), Finished, "in TLS 1.3"),
        (&in_13, [record(20, &[1]), record(23, &[9; 19])].concat(), ClientHello, "an alert of ours in TLS 1.3"),
    ];
    for (server, client, last, why) in cases {
        let tap = Tap::default();
        assert_eq!(tap.seen().last_sent, None);
        tap.sent(&hello);
        tap.received(&record(22, server));
        tap.sent(&client);
        assert_eq!(tap.seen().last_sent, Some(last), "{why}");
    }
}

#[test]
fn sizes_in_bits() {
    assert_eq!(bits(2, &[0x80, 0]), Some(16));
    assert_eq!(bits(3, &[0, 0, 1]), Some(1));
    assert_eq!(bits(64, &[0x7f, 1]), Some(511), "the rest is not looked at");
    assert_eq!((bits(2, &[0, 0]), bits(0, &[1]), bits(1, &[])), (None, None, None));
}

proptest! {
    #[test]
    fn cuts_make_no_difference(cut in 1usize..90) {
        let wire = [record(22, &hello_13(RETRY, 0x0019)), record(20, &[1]), record(22, &hello_13([7; 32], 0x0019))].concat();
        let tap = Tap::default();
        wire.chunks(cut).for_each(|piece| tap.received(piece));
        prop_assert_eq!(tap.seen().chosen, chosen(0x0304, 0x1301, Some(0x0019)));
    }

    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 1usize..50) {
        let tap = Tap::default();
        for piece in bytes.chunks(cut) {
            tap.received(piece);
            tap.sent(piece);
        }
        let tap = Tap::default();
        tap.received(&record(22, &bytes));
        tap.sent(&record(22, &bytes));
    }
}
