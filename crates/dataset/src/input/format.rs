//! Which part of a line is the domain, and which its rank.
//!
//! The lists that researchers use differ in little: one domain a line; `rank,domain` (Tranco; Umbrella,
//! with CRLF); Majestic's dozen columns below a header; `origin,rank` below a header with URLs for
//! origins (Chrome UX Report). A header is known by its words; without one each line is read for itself.

/// How the lines of a list are to be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Below a header: the positions of the columns.
    Columns {
        /// Of the domain.
        domain: usize,
        /// Of the rank.
        rank: Option<usize>,
    },
    /// Each line for itself: a domain alone, or beside a number.
    ByLine,
}

/// Column names that mean a domain, the plainest first. Those that are top-level domains or common words
/// count only beside another column.
const DOMAIN_NAMES: [&str; 10] =
    ["domain", "domains", "origin", "hostname", "fqdn", "host", "url", "site", "website", "name"];
const PLAIN_DOMAIN_NAMES: usize = 5;
const RANK_NAMES: [&str; 5] = ["rank", "globalrank", "global_rank", "position", "popularity"];

/// The format that a header line declares; none when the line is no header.
pub fn header(line: &str) -> Option<Format> {
    let fields: Vec<_> = fields(line).map(str::to_ascii_lowercase).collect();
    let position = |names: &[&str]| names.iter().find_map(|name| fields.iter().position(|field| field == name));
    let names = if fields.len() == 1 { &DOMAIN_NAMES[..PLAIN_DOMAIN_NAMES] } else { &DOMAIN_NAMES };
    Some(Format::Columns { domain: position(names)?, rank: position(&RANK_NAMES) })
}

impl Format {
    /// The rank, where there is one, and the domain of a line, as it stands there.
    pub fn pick<'a>(&self, line: &'a str) -> (Option<i64>, &'a str) {
        match *self {
            Format::Columns { domain, rank } => {
                let field = |index| fields(line).nth(index).unwrap_or_default();
                (rank.and_then(|rank| number(field(rank))), host_of(field(domain)))
            }
            Format::ByLine => pick_by_line(line),
        }
    }
}

/// `domain`, `rank,domain`, `rank,rank,domain,…` or `domain,rank`.
fn pick_by_line(line: &str) -> (Option<i64>, &str) {
    let mut rest = fields(line);
    let first = rest.next().unwrap_or_default();
    let Some(rank) = number(first) else {
        return (rest.next().and_then(number), host_of(first));
    };
    match rest.clone().find(|field| number(field).is_none()) {
        Some(domain) => (Some(rank), host_of(domain)),
        // Numbers alone: the last is what stands for a name, and is refused as one.
        None => (rest.clone().next().map(|_| rank), rest.last().unwrap_or(first)),
    }
}

/// The fields of a line, without white space and quotation marks around them.
fn fields(line: &str) -> impl Iterator<Item = &str> + Clone {
    let separator = [',', '\t', ';'].into_iter().find(|separator| line.contains(*separator)).unwrap_or(',');
    line.split(separator).map(|field| {
        let field = field.trim();
        field.strip_prefix('"').and_then(|f| f.strip_suffix('"')).unwrap_or(field).trim()
    })
}

fn number(field: &str) -> Option<i64> {
    field.bytes().all(|b| b.is_ascii_digit()).then(|| field.parse().ok())?
}

/// The host of an `http` or `https` URL (RFC 3986 3.2.2); anything else as it stands.
fn host_of(field: &str) -> &str {
    let Some((scheme, rest)) = field.split_once("://") else { return field };
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return field;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let columns = |domain, rank| Some(Format::Columns { domain, rank });
        let cases = [
            ("domain", columns(0, None), "a plain list with a title"),
            ("Rank,Domain", columns(1, Some(0)), "in any case"),
            ("GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs,IDN_Domain,IDN_TLD", columns(2, Some(0)), "Majestic"),
            ("origin,rank", columns(0, Some(1)), "Chrome UX Report"),
            ("\"origin\",\"rank\"", columns(0, Some(1)), "quoted"),
            ("rank;site", columns(1, Some(0)), "semicolons"),
            ("name", None, "a top-level domain in a list of those"),
            ("example.com", None, "a domain"),
            ("1,google.com", None, "Tranco has no header"),
            ("", None, "nothing"),
        ];
        for (line, expected, why) in cases {
            assert_eq!(header(line), expected, "{line}: {why}");
        }
    }

    #[test]
    fn lines() {
        let cases = [
            ("example.com", None, "example.com", "plain"),
            ("  example.com ", None, "example.com", "white space around it"),
            ("1,google.com", Some(1), "google.com", "Tranco"),
            ("007,\"google.com\"", Some(7), "google.com", "quoted, leading zeros"),
            ("1,1,google.com,com,493361", Some(1), "google.com", "Majestic without its header"),
            ("https://www.google.com,1000", Some(1000), "www.google.com", "Chrome UX Report without its header"),
            ("google.com\t5", Some(5), "google.com", "tabs"),
            ("12345", None, "12345", "a number alone is no rank"),
            ("1,2", Some(1), "2", "nor are numbers alone a domain"),
            ("1,", Some(1), "", "nothing there"),
            (",example.com", None, "", "an empty first field"),
            ("99999999999999999999,example.com", None, "99999999999999999999", "no rank has twenty digits"),
            ("HTTPS://user@Example.com:8443/path?x#y", None, "Example.com", "a URL"),
            ("https://[2001:db8::1]/", None, "[2001:db8::1]", "left for the name rules to refuse"),
            ("ftp://example.com", None, "ftp://example.com", "no origin of the web"),
            ("example.com/path", None, "example.com/path", "neither a domain nor a URL"),
            ("a b", None, "a b", "left for the name rules to refuse"),
        ];
        for (line, rank, domain, why) in cases {
            assert_eq!(Format::ByLine.pick(line), (rank, domain), "{line}: {why}");
        }
        let majestic = Format::Columns { domain: 2, rank: Some(0) };
        assert_eq!(majestic.pick("3,2,youtube.com,com,1"), (Some(3), "youtube.com"));
        assert_eq!(majestic.pick("3,2"), (Some(3), ""), "a line that is too short");
    }
}
