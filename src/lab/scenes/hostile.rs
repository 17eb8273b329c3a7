//! Peers that mean harm, any number of them, by kind: without end, too slow, too large, or full of bytes that a terminal
//! would obey. What each may cost a scanner stands in `docs/hostile.md`.

use super::super::LabError;
use super::super::answer::Fault;
use super::super::https::Page;
use super::super::pki::Leaf;
use super::super::smtp::{Ehlo, Greeting, Handshake, Server};
use super::super::tls::Chains;
use super::super::wire::{Kind, rdata};
use super::super::world::{Vantage, World};
use super::{mx_of, ordinary, policy, top};

/// What a terminal would obey: a colour, a title, a bidirectional override, a bell, and bytes that are not UTF-8.
const OBEYED: &[u8] = b"\x1b[31mred\x1b]0;title\x07\xe2\x80\xae\xff\x9b2J";
/// Bytes of a policy that is too large.
const LARGE_POLICY: usize = 100_000_000;

/// Fills in one domain.
type Make = fn(&mut World, &str) -> Result<(), LabError>;

/// The kinds: the last label but one of a domain of its kind, and how it is made.
const KINDS: &[(&str, Make)] = &[
    ("banner-endless", |w, d| smtp(w, d, |s| Server { greeting: Greeting::Endless, ..s })),
    ("banner-drips", |w, d| smtp(w, d, |s| Server { greeting: Greeting::Drips, ..s })),
    ("banner-obeyed", |w, d| smtp(w, d, |s| Server { greeting: Greeting::Says(OBEYED), ..s })),
    ("banner-resets", |w, d| smtp(w, d, |s| Server { greeting: Greeting::Resets, ..s })),
    ("ehlo-flood", |w, d| smtp(w, d, |s| Server { ehlo: Ehlo::Floods(OBEYED), ..s })),
    ("ehlo-closes", |w, d| smtp(w, d, |s| Server { ehlo: Ehlo::Closes, ..s })),
    ("tls-stalls", |w, d| smtp(w, d, |s| Server { handshake: Handshake::Silent, ..s })),
    ("tls-garbage", |w, d| smtp(w, d, |s| Server { handshake: Handshake::Garbage, ..s })),
    ("chain-60", |w, d| {
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        let mut chain = w.pki.issue(&Leaf::good(&mx_of(d)))?;
        chain.sent = chain.sent.iter().cycle().take(60).cloned().collect();
        w.server(&mx_of(d), Server::good(Chains::always(chain)));
        Ok(())
    }),
    ("names-5000", |w, d| {
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        let names: Vec<String> = (0..5000).map(|n| format!("mx{n}.{d}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        w.host(&mx_of(d), &Leaf::good(&mx_of(d)).names(&names)).map(drop)
    }),
    ("policy-large", |w, d| page(w, d, Page::Oversizes(LARGE_POLICY))),
    ("policy-bomb", |w, d| page(w, d, Page::Gzip(vec![b'x'; 20_000_000]))),
    ("policy-drips", |w, d| page(w, d, Page::Drips(policy("none", &[]).into_bytes()))),
    ("policy-header-flood", |w, d| page(w, d, Page::HeaderFlood)),
    ("policy-obeyed", |w, d| page(w, d, Page::Serves([b"version: STSv1\n", OBEYED, b"\n"].concat()))),
    ("mx-thousand", |w, d| {
        w.zone(d, None);
        for n in 0..1000 {
            w.mx(d, &[(n, &format!("m{n}.{d}"))]);
        }
        Ok(())
    }),
    ("cname-loop", |w, d| {
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        w.alias(&mx_of(d), &format!("loop.{d}"));
        w.alias(&format!("loop.{d}"), &mx_of(d));
        Ok(())
    }),
    ("txt-64k", |w, d| {
        ordinary(w, d)?;
        let text = [b"v=STSv1; id=1; ", OBEYED.repeat(2_500).as_slice()].concat();
        w.record(&format!("_mta-sts.{d}"), Kind::TXT, rdata::txt(&[&text]));
        Ok(())
    }),
    ("dns-truncated", |w, d| dns(w, d, Fault::Truncated)),
    ("dns-wrong-question", |w, d| dns(w, d, Fault::WrongQuestion)),
];

/// `domains` hostile domains, the kinds in turn, as of `now` (seconds since the Unix epoch).
pub fn world(now: i64, vantage: Vantage, domains: usize) -> Result<World, LabError> {
    let mut world = World::new(now, vantage)?;
    top(&mut world);
    for (number, (kind, make)) in KINDS.iter().cycle().take(domains).enumerate() {
        let domain = format!("lab-{kind}-{number}.com");
        make(&mut world, &domain)?;
        world.expect(&domain, kind, &[], &[]);
    }
    Ok(world)
}

fn smtp(w: &mut World, domain: &str, change: impl FnOnce(Server) -> Server) -> Result<(), LabError> {
    w.zone(domain, None);
    w.mx(domain, &[(10, &mx_of(domain))]);
    let chain = w.pki.issue(&Leaf::good(&mx_of(domain)))?;
    w.server(&mx_of(domain), change(Server::good(Chains::always(chain))));
    Ok(())
}

fn page(w: &mut World, domain: &str, page: Page) -> Result<(), LabError> {
    ordinary(w, domain)?;
    w.page(domain, page)
}

fn dns(w: &mut World, domain: &str, fault: Fault) -> Result<(), LabError> {
    ordinary(w, domain)?;
    w.fault(domain, Kind::MX, fault);
    Ok(())
}
