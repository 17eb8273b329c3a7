//! What servers answer over TLS and HTTP: any bytes.

use mxcensus_scan::policy::{MAX_BODY, read_answer};
use mxcensus_scan::second_look::read_flight;

use super::assert_harmless;

/// The first flight of a TLS server up to 1.2: the same row however the bytes are cut.
pub fn flight(data: &[u8]) {
    let whole = read_flight(data, data.len());
    for cut in [1, 5, 4096] {
        assert_eq!(read_flight(data, cut), whole, "cut every {cut} bytes");
    }
    let Some(row) = whole else { return };
    assert_eq!(row.legacy_chain.is_some(), row.legacy_key_exchange.is_some());
    for text in [&row.legacy_version, &row.legacy_cipher, &row.legacy_key_exchange].into_iter().flatten() {
        assert_harmless(text);
    }
}

/// An answer over HTTP to the request for a policy.
pub fn http(data: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let row = runtime.block_on(read_answer(data));
    assert!(row.policy_body.as_ref().is_none_or(|body| body.len() <= MAX_BODY));
    assert!(row.policy_error.is_some() || row.policy_http_status.is_some());
    let texts =
        [&row.policy_content_type, &row.policy_content_encoding, &row.policy_location, &row.policy_http_version];
    texts.into_iter().flatten().for_each(|text| assert_harmless(text));
    assert_eq!(runtime.block_on(read_answer(data)), row, "twice the same");
}
