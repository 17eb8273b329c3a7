//! The watcher: explains silence, pauses the crawl, ends the pause.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Kind;
use super::gate::Gate;
use super::known::Known;
use super::pauses::Cause;
use crate::net::now;
use crate::paced::Contact;
use crate::stage::Crawl;
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::Micros;

/// How often the watcher looks at what is held.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How many known peers are asked when the first is silent, that one included.
const ASKED: usize = 3;

/// How many must be silent for it to count, where so many are known and rested: one may have gone down itself.
const ENOUGH: usize = 2;

/// How long a mail server that is asked whether it is still there may take to greet: a courtesy, so that its log
/// shows a client that said QUIT.
const GREETING: Duration = Duration::from_secs(2);

/// What asking known peers brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Probed {
    /// One answered: the connection works.
    Answered,
    /// So many were asked and none answered.
    Silent(usize),
    /// This machine itself says that there is no way there.
    NoRoute,
    /// Whoever is known was contacted too recently to be asked again, or could not be asked for a reason of this machine's.
    Resting,
    /// Nobody is known to have ever answered.
    Unknown,
}

/// Watches over a crawl until the task is dropped.
pub async fn watch(crawl: Arc<Crawl>) {
    let watching = Watching(crawl);
    let crawl = &watching.0;
    Kind::ALL.iter().for_each(|&kind| crawl.connectivity.gate(kind).set_watched(true));
    let [a, b, c, d] = Kind::ALL.map(|kind| watch_gate(crawl, kind));
    tokio::join!(a, b, c, d, watch_clocks(crawl));
}

/// When it ends, nobody decides about failures any more: they count as what they seem.
struct Watching(Arc<Crawl>);

impl Drop for Watching {
    fn drop(&mut self) {
        Kind::ALL.iter().for_each(|&kind| self.0.connectivity.gate(kind).set_watched(false));
    }
}

async fn watch_gate(crawl: &Crawl, kind: Kind) {
    let gate = crawl.connectivity.gate(kind);
    let patience = seconds(crawl.limits.probe_after_s);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let elsewhere_down = crawl.connectivity.shared().is_down();
        if elsewhere_down || gate.longest_wait().is_none_or(|wait| wait < patience) {
            continue;
        }
        explain(crawl, kind, gate).await;
    }
}

/// Finds out what a silence means.
async fn explain(crawl: &Crawl, kind: Kind, gate: &Gate) {
    let asked_at = Instant::now();
    if kind != Kind::Resolver && gate.silent_addresses().len() + ASKED < crawl.limits.outage_addresses {
        return explain_few(crawl, kind, gate).await;
    }
    let successes = gate.successes();
    let probed = probe(crawl, kind).await;
    if gate.successes() != successes && probed != Probed::Answered {
        // Somebody was heard meanwhile: it is looked at again.
        return;
    }
    let evidence = |silent: usize| match kind {
        // The resolver is ours, and so is its silence.
        Kind::Resolver => true,
        // Others may well be silent by themselves, a few at a time.
        _ => silent >= ENOUGH && gate.silent_addresses().len() + silent >= crawl.limits.outage_addresses,
    };
    match probed {
        // Nobody ever answered: there is nothing that could be lost, and nobody was asked.
        Probed::Unknown => return gate.prove(asked_at),
        Probed::Resting => return,
        Probed::Answered => gate.prove(asked_at),
        Probed::NoRoute => pause(crawl, kind, gate).await,
        Probed::Silent(silent) if evidence(silent) => pause(crawl, kind, gate).await,
        // Too few are known, as in the first second of a crawl.
        Probed::Silent(_) => return explain_few(crawl, kind, gate).await,
    }
    if kind != Kind::Resolver {
        tokio::time::sleep(seconds(crawl.limits.probe_every_s)).await;
    }
}

/// Where a silence of all who would be asked were still too little evidence, no peer is bothered for it. But the attempts
/// that one loss strikes end one after the other, for as long as a connection may take: they are gathered. What stays alone
/// is a fact if the resolver, which is ours, still reaches the DNS.
async fn explain_few(crawl: &Crawl, kind: Kind, gate: &Gate) {
    let asked_at = Instant::now();
    let (in_flight, gathering) = match kind {
        Kind::Https => (crawl.limits.policies_in_flight, crawl.policy.connect_timeout),
        _ => (crawl.limits.endpoints_in_flight, crawl.probe.connect_timeout),
    };
    if in_flight.saturating_add(ASKED) < crawl.limits.outage_addresses {
        // All that may be under way at once were too few.
        return gate.prove(asked_at);
    }
    if gate.longest_wait().is_none_or(|wait| wait < gathering) {
        return;
    }
    if probe(crawl, Kind::Resolver).await == Probed::Answered {
        gate.prove(asked_at);
    } else {
        pause(crawl, Kind::Resolver, crawl.connectivity.gate(Kind::Resolver)).await;
    }
}

/// Holds the crawl until the connection is back, or until the crawl is to end.
async fn pause(crawl: &Crawl, kind: Kind, gate: &Gate) {
    let connectivity = &crawl.connectivity;
    let quiet = gate.quiet_for();
    let start = now() - quiet.as_micros() as Micros;
    let successes = gate.successes();
    connectivity.shared().go_down();
    crawl.frontier.hold();
    connectivity.pauses().begin(Cause::Lost(kind), start, None);
    let text =
        format!("Paused: {} for {:.0} s. The crawl goes on when it is back.", kind.reason(), quiet.as_secs_f64());
    tracing::warn!("{text}");
    crawl.progress.set_note(Some(text));
    let begun = Instant::now();
    let every = match kind {
        Kind::Resolver => seconds(crawl.limits.probe_after_s),
        _ => seconds(crawl.limits.probe_every_s),
    };
    let mut asked = Instant::now();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        // Sessions that were under way may still speak.
        if gate.successes() != successes {
            break;
        }
        let stays_down = begun.elapsed() >= seconds(crawl.limits.outage_stop_after_s);
        if stays_down {
            tracing::error!("{} for too long: the crawl ends here; go on with --resume", kind.reason());
            crawl.frontier.stop();
        }
        if crawl.frontier.is_stopping() {
            connectivity.shared().lose();
            break;
        }
        if asked.elapsed() >= every {
            let probed = probe(crawl, kind).await;
            if probed == Probed::Answered {
                break;
            }
            if probed != Probed::Resting {
                asked = Instant::now();
            }
        }
    }
    connectivity.pauses().end(Cause::Lost(kind), now());
    if connectivity.shared().is_lost() {
        return;
    }
    if connectivity.shared().come_up() {
        crawl.frontier.go_on();
        crawl.progress.set_note(None);
    }
    tracing::warn!("going on after a pause of {:.0} s: {}", (now() - start) as f64 / 1e6, kind.reason());
}

/// Asks peers that answered before.
async fn probe(crawl: &Crawl, kind: Kind) -> Probed {
    let connectivity = &crawl.connectivity;
    match kind {
        Kind::Resolver => probe_resolver(crawl, &connectivity.domains).await,
        Kind::SmtpV4 | Kind::SmtpV6 => {
            let known = connectivity.known_mail_servers(kind == Kind::SmtpV4);
            let frontier = &crawl.frontier;
            let ask = |ip| async move {
                let heard = ask_mail_server(crawl, ip).await;
                frontier.release_endpoint(ip, Contact::Unanswered);
                heard
            };
            probe_peers(known, |ip| frontier.reserve_endpoint(*ip), ask).await
        }
        Kind::Https => {
            let known = &connectivity.policy_hosts;
            let frontier = &crawl.frontier;
            let ask = |ip| async move {
                let connected = crawl.net.connect(ip, crawl.net.https_port, crawl.policy.connect_timeout).await;
                frontier.release_fetch(ip);
                connected.map(drop)
            };
            probe_peers(known, |ip| frontier.reserve_fetch(*ip), ask).await
        }
    }
}

/// One known peer, and when it is silent a few others at once.
async fn probe_peers<Asking>(
    known: &Known<IpAddr>,
    mut reserve: impl FnMut(&IpAddr) -> bool,
    ask: impl Fn(IpAddr) -> Asking,
) -> Probed
where
    Asking: Future<Output = Result<(), Failure>>,
{
    let mut asked = 0;
    for count in [1, ASKED - 1] {
        let heard = join_all(known.pick(count, &mut reserve).into_iter().map(&ask)).await;
        for result in heard {
            match result {
                Err(Failure::NoRouteForFamily) => return Probed::NoRoute,
                Err(Failure::ConnectTimeout | Failure::ConnectUnreachable) => asked += 1,
                Err(failure) if failure.family() == Family::Own => {}
                Ok(()) | Err(_) => return Probed::Answered,
            }
        }
    }
    match asked {
        0 if known.is_empty() => Probed::Unknown,
        0 => Probed::Resting,
        asked => Probed::Silent(asked),
    }
}

/// Connects, lets the server greet and says goodbye (RFC 5321 §4.1.1.10); only the connection counts.
async fn ask_mail_server(crawl: &Crawl, ip: IpAddr) -> Result<(), Failure> {
    let mut stream = crawl.net.connect(ip, crawl.net.smtp_port, crawl.probe.connect_timeout).await?;
    let farewell = async {
        let mut greeting = [0; 512];
        let _ = stream.read(&mut greeting).await?;
        stream.write_all(b"QUIT\r\n").await?;
        stream.shutdown().await
    };
    let _ = tokio::time::timeout(GREETING, farewell).await;
    Ok(())
}

/// Asks the resolver for names that it cannot have in its cache, below domains that it answered for: what it gives
/// then comes from the network behind it. Most of those asked about must be answered for. Before any domain was
/// answered for, the root has to do.
async fn probe_resolver(crawl: &Crawl, domains: &Known<Arc<str>>) -> Probed {
    let domains = domains.pick(ASKED, |_| true);
    if domains.is_empty() {
        return if crawl.dns.reaches(".").await { Probed::Answered } else { Probed::Silent(1) };
    }
    let asked = domains.len();
    let names = domains.iter().map(|domain| format!("_mxcensus-{:08x}.{domain}", rand::random::<u32>()));
    let answered = join_all(names.map(|name| async move { crawl.dns.reaches(&name).await })).await;
    if answered.into_iter().filter(|&answered| answered).count() * 2 > asked {
        Probed::Answered
    } else {
        Probed::Silent(asked)
    }
}

/// Notices that this machine was suspended: the wall clock went on and the monotonic clock did not, so whatever was
/// under way has failed for that reason. A clock that was merely set forward looks the same, and costs a few attempts.
async fn watch_clocks(crawl: &Crawl) {
    let (mut wall, mut steady) = (now(), Instant::now());
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some(lost) = leap(wall, steady, now(), Instant::now(), crawl.limits.suspended_after_s) {
            crawl.connectivity.shared().next_epoch();
            crawl.connectivity.pauses().begin(Cause::Suspended, wall, Some(now()));
            tracing::warn!("this machine was suspended for {:.0} s", lost.as_secs_f64());
        }
        (wall, steady) = (now(), Instant::now());
    }
}

/// How far the wall clock ran ahead of the monotonic one, where that is more than `least` seconds.
fn leap(wall: Micros, steady: Instant, wall_now: Micros, steady_now: Instant, least: f64) -> Option<Duration> {
    let by_wall = Duration::from_micros(u64::try_from(wall_now.saturating_sub(wall)).ok()?);
    let ahead = by_wall.checked_sub(steady_now.duration_since(steady))?;
    (ahead >= seconds(least)).then_some(ahead)
}

fn seconds(limit: f64) -> Duration {
    Duration::try_from_secs_f64(limit).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspended_machine_shows_in_its_clocks() {
        let steady = Instant::now();
        let later = |ms| steady + Duration::from_millis(ms);
        let minute = 60_000_000;
        assert_eq!(leap(0, steady, 100_000, later(100), 10.0), None, "both went on");
        assert_eq!(leap(0, steady, minute, later(60_000), 10.0), None, "a busy machine looks late, and is awake");
        assert_eq!(leap(0, steady, minute, later(1_000), 10.0), Some(Duration::from_secs(59)));
        assert_eq!(leap(minute, steady, 0, later(1_000), 10.0), None, "the clock was set back");
        assert_eq!(leap(0, steady, 5_000_000, later(100), 10.0), None, "a small correction");
    }

    #[tokio::test]
    async fn peers_are_asked_one_first_then_others() {
        let ip = |n: u8| IpAddr::from([192, 0, 2, n]);
        let known = Known::default();
        let silent = |_| async { Err(Failure::ConnectTimeout) };
        assert_eq!(probe_peers(&known, |_| true, silent).await, Probed::Unknown);
        (1..=5).for_each(|n| known.add(ip(n)));
        assert_eq!(probe_peers(&known, |_| false, silent).await, Probed::Resting);
        assert_eq!(probe_peers(&known, |_| true, silent).await, Probed::Silent(3));
        let only = |good: IpAddr| {
            move |asked: IpAddr| async move { if asked == good { Ok(()) } else { Err(Failure::ConnectTimeout) } }
        };
        assert_eq!(probe_peers(&known, |_| true, only(ip(4))).await, Probed::Answered, "4 is next in line");
        assert_eq!(probe_peers(&known, |_| true, only(ip(2))).await, Probed::Answered, "after 5, 1 and 2");
        assert_eq!(probe_peers(&known, |_| true, |_| async { Err(Failure::ConnectRefused) }).await, Probed::Answered);
        assert_eq!(probe_peers(&known, |_| true, |_| async { Err(Failure::NoRouteForFamily) }).await, Probed::NoRoute);
        // Out of sockets: nobody was asked, so nobody answered.
        assert_eq!(probe_peers(&known, |_| true, |_| async { Err(Failure::Budget) }).await, Probed::Resting);
    }
}
