//! What operators feed in: lists of domains and opt-out lists.

use std::net::IpAddr;

use mxcensus_dataset::input::OptOut;
use mxcensus_dataset::input::format::{Format, header};
use mxcensus_rules::name;

/// A list of domains; the same bytes as an opt-out list.
pub fn list(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.lines();
    let format = text.lines().next().and_then(header);
    if format.is_some() {
        lines.next();
    }
    let format = format.unwrap_or(Format::ByLine);
    for line in lines {
        let (rank, field) = format.pick(line);
        assert!(line.contains(field), "{field:?} stands in {line:?}");
        assert!(rank.is_none_or(|rank| rank >= 0));
        let Ok(domain) = name::to_ascii(field) else { continue };
        assert_eq!(Format::ByLine.pick(&domain), (None, domain.as_str()), "a name is read as itself");
        assert_eq!(Format::ByLine.pick(&format!("7,{domain}")), (Some(7), domain.as_str()));
        assert_eq!(Format::ByLine.pick(&format!("https://{domain}/,7")), (Some(7), domain.as_str()));
    }
    opt_out(&text);
}

/// Who is on the list is not looked at, however the entry is spelled.
fn opt_out(text: &str) {
    let Ok(list) = OptOut::parse(text) else { return };
    let mut entries = 0;
    for line in text.trim_start_matches('\u{feff}').lines() {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if entry.is_empty() {
            continue;
        }
        entries += 1;
        if let Ok(address) = entry.parse::<IpAddr>() {
            assert!(list.address(address) && list.address(address.to_canonical()), "{entry} asked not to be contacted");
        } else if let Some((address, _)) = entry.split_once('/') {
            let address: IpAddr = address.parse().expect("a network begins with an address");
            assert!(list.address(address), "{entry} asked not to be contacted");
        } else if let Some(host) = entry.strip_prefix("mx:").map(str::trim) {
            let below = host.strip_prefix('.');
            let ascii = name::to_ascii(below.unwrap_or(host)).expect("a host");
            assert!(list.host(&if below.is_some() { format!("x.{ascii}") } else { ascii }), "{entry}");
        } else {
            let below = entry.strip_prefix('.');
            let ascii = name::to_ascii(below.unwrap_or(entry)).expect("a domain");
            let named = if below.is_some() { format!("x.{ascii}") } else { ascii };
            assert!(list.domain(&named) && list.host(&named), "{entry}");
            assert!(list.domain(&named.to_ascii_uppercase()), "{entry} in capitals");
        }
    }
    assert!(list.len() <= entries);
    assert_eq!(list.is_empty(), entries == 0);
}
