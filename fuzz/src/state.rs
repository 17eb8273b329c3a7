//! What a crawl left on disk, as anybody may have changed it: the manifest and the journal of attempts.

use std::net::IpAddr;

use mxcensus_dataset::Manifest;
use mxcensus_scan::attempts::{Earlier, read_journal};
use mxcensus_scan::keys::endpoint_key;
use mxcensus_scan::limits::Limits;

/// `manifest.json`: what was read is written, and read as itself.
pub fn manifest(data: &[u8]) {
    let Ok(manifest) = serde_json::from_slice::<Manifest>(data) else { return };
    let written = serde_json::to_vec(&manifest).expect("a manifest can be written");
    let again: Manifest = serde_json::from_slice(&written).expect("and read");
    assert_eq!(again, manifest);
}

/// `attempts.jsonl`: any bytes are read to their end, every time with the same result, and nothing waits for ever.
pub fn attempts(data: &[u8]) {
    const NOW: i64 = 1_800_000_000_000_000;
    let limits = Limits::default();
    let seen = |(mut earlier, unreadable): (Earlier, u64)| {
        let ip = IpAddr::from([192, 0, 2, 1]);
        let mut resting: Vec<_> = earlier.resting(NOW).collect();
        resting.sort_unstable();
        let endpoint = earlier.endpoint(endpoint_key("mx.example", "mx.example", ip));
        let endpoint = endpoint.map(|was| (was.made, was.seen, earlier.wait(was.due, NOW)));
        (resting, endpoint, unreadable)
    };
    let first = seen(read_journal(data, &limits, NOW));
    for (ip, wait) in &first.0 {
        assert!(wait.as_secs_f64() <= limits.address_spacing_s, "{ip} rests for {wait:?}");
    }
    if let Some((_, _, wait)) = &first.1 {
        assert!(wait.as_secs() <= 86_400, "the next attempt is in {wait:?}");
    }
    assert_eq!(seen(read_journal(data, &limits, NOW)), first, "twice the same");
    // A line that was cut short says nothing.
    let cut = [data, b"\n{\"contact\":"].concat();
    assert_eq!(seen(read_journal(&cut, &limits, NOW)).0, seen(read_journal(&[data, b"\n"].concat(), &limits, NOW)).0);
}
