//! The watcher: explains silence, pauses the crawl, ends the pause.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::net::TcpStream;

use super::Kind;
use super::asked::Server;
use super::gate::Gate;
use super::known::Known;
use super::pauses::Cause;
use crate::attempts::Note;
use crate::frontier::{Hold, Permit};
use crate::left_alone::Role;
use crate::net::now;
use crate::paced::Contact;
use crate::shortage::{NoConnection, Shortage};
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

/// The longest time between two questions during a pause: with the 64 servers that are remembered, three questions to each
/// last for more than a day.
const LONGEST_BETWEEN: Duration = Duration::from_secs(600);

/// How long a shortage may last before the crawl is held: a burst is over by then. Also how often it is looked at.
const SHORTAGE_PATIENCE: Duration = Duration::from_secs(3);

/// What asking known peers brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Probed {
    /// One answered: the connection works.
    Answered,
    /// So many were asked and none answered.
    Silent(usize),
    /// This machine itself says that there is no way there.
    NoRoute,
    /// Every known server was contacted too recently to be asked again, or could not be asked for a reason of this machine's.
    Resting,
    /// Nobody is known to have ever answered.
    Unknown,
    /// Every known server has had all the connections that one crawl may make, or has opted out since.
    Spent,
}

/// Watches over a crawl until the task is dropped.
pub async fn watch(crawl: Arc<Crawl>) {
    let _vigil = crawl.alarm.watch("the watcher of this machine's connection");
    let watching = Watching(crawl);
    let crawl = &watching.0;
    fail::fail_point!("watcher");
    Kind::ALL.iter().for_each(|&kind| crawl.connectivity.gate(kind).set_watched(true));
    let [a, b, c, d] = Kind::ALL.map(|kind| watch_gate(crawl, kind));
    tokio::join!(a, b, c, d, watch_clocks(crawl), watch_shortages(crawl));
}

/// When it ends, nobody decides about failures any more: they count as what they seem.
struct Watching(Arc<Crawl>);

impl Drop for Watching {
    fn drop(&mut self) {
        // From now on nothing can tell whose failures they are, so none is written down.
        if std::thread::panicking() {
            self.0.connectivity.shared().lose();
        }
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
        Probed::Unknown if !is_elsewhere_in_doubt(crawl, kind, gate) => return gate.prove(asked_at),
        Probed::Unknown => return,
        Probed::Resting => return,
        Probed::Answered => gate.prove(asked_at),
        Probed::NoRoute => pause(crawl, kind, gate).await,
        Probed::Silent(silent) if evidence(silent) => pause(crawl, kind, gate).await,
        // Too few are known, as in the first second of a crawl.
        Probed::Silent(_) => return explain_few(crawl, kind, gate).await,
        // The resolver has to do.
        Probed::Spent => return explain_few(crawl, kind, gate).await,
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
    if gate.longest_wait().is_none_or(|wait| wait < gathering) || is_elsewhere_in_doubt(crawl, kind, gate) {
        return;
    }
    if probe(crawl, Kind::Resolver).await == Probed::Answered {
        gate.prove(asked_at);
    } else {
        pause(crawl, Kind::Resolver, crawl.connectivity.gate(Kind::Resolver)).await;
    }
}

/// Whether many peers of another kind are silent, and nothing has told yet whose silence that is, nor that all was well when
/// the oldest failure at this gate happened. One loss strikes every kind, and it shows where most is under way: few failures
/// wait for what becomes of the many. Each kind waits only for those before it, so that no two wait for each other.
fn is_elsewhere_in_doubt(crawl: &Crawl, kind: Kind, gate: &Gate) -> bool {
    let Some(oldest) = gate.oldest_undecided() else { return false };
    let patience = seconds(crawl.limits.probe_after_s);
    let before = Kind::ALL.into_iter().filter(|&other| other != Kind::Resolver).take_while(|&other| other != kind);
    before.map(|other| crawl.connectivity.gate(other)).any(|other| {
        !other.is_proven(oldest)
            && other.longest_wait().is_some_and(|wait| wait >= patience)
            && other.silent_addresses().len() + ASKED >= crawl.limits.outage_addresses
    })
}

/// Holds the crawl until the connection is back, or until the crawl is to end.
async fn pause(crawl: &Crawl, kind: Kind, gate: &Gate) {
    let connectivity = &crawl.connectivity;
    let quiet = gate.quiet_for();
    let start = now() - quiet.as_micros() as Micros;
    let successes = gate.successes();
    let held = Held::new(crawl, kind, start);
    let text =
        format!("Paused: {} for {:.0} s. The crawl goes on when it is back.", kind.reason(), quiet.as_secs_f64());
    tracing::warn!("{text}");
    crawl.progress.set_note(Some(text));
    let begun = Instant::now();
    let mut every = match kind {
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
            let probed = if kind == Kind::Resolver { probe(crawl, kind).await } else { probe_one(crawl, kind).await };
            match probed {
                Probed::Answered => break,
                Probed::Resting => {}
                Probed::Spent => {
                    tracing::error!(
                        "{}, and all who could be asked were asked enough: the crawl ends here; go on with --resume",
                        kind.reason()
                    );
                    crawl.frontier.stop();
                }
                _ if kind == Kind::Resolver => asked = Instant::now(),
                // Each known server bears a few questions in one crawl, and the pause may last a day.
                _ => (asked, every) = (Instant::now(), every.mul_f64(1.5).min(LONGEST_BETWEEN)),
            }
        }
    }
    drop(held);
    if !connectivity.shared().is_lost() {
        tracing::warn!("going on after a pause of {:.0} s: {}", (now() - start) as f64 / 1e6, kind.reason());
    }
}

/// Nothing is begun while it is there. However the watcher ends, the crawl goes on after it.
struct Held<'c> {
    crawl: &'c Crawl,
    kind: Kind,
    _nothing_is_handed_out: Hold,
}

impl<'c> Held<'c> {
    /// Holds the crawl for a connection that was lost at `start`.
    fn new(crawl: &'c Crawl, kind: Kind, start: Micros) -> Self {
        crawl.connectivity.shared().go_down();
        let hold = crawl.frontier.hold();
        crawl.connectivity.pauses().begin(Cause::Lost(kind), start, None);
        Held { crawl, kind, _nothing_is_handed_out: hold }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let connectivity = &self.crawl.connectivity;
        connectivity.pauses().end(Cause::Lost(self.kind), now());
        // What the crawl ends for stays down.
        if !connectivity.shared().is_lost() && connectivity.shared().come_up() {
            self.crawl.progress.set_note(None);
        }
    }
}

/// Asks peers that answered before: one, and when it is silent a few others at once.
async fn probe(crawl: &Crawl, kind: Kind) -> Probed {
    match known(crawl, kind) {
        None => probe_resolver(crawl, &crawl.connectivity.domains).await,
        Some(known) => probe_peers(crawl, kind, known, &[1, ASKED - 1]).await,
    }
}

/// The same during a pause: one at a time.
async fn probe_one(crawl: &Crawl, kind: Kind) -> Probed {
    match known(crawl, kind) {
        None => probe_resolver(crawl, &crawl.connectivity.domains).await,
        Some(known) => probe_peers(crawl, kind, known, &[1]).await,
    }
}

fn known(crawl: &Crawl, kind: Kind) -> Option<&Known<Server>> {
    match kind {
        Kind::Resolver => None,
        Kind::SmtpV4 | Kind::SmtpV6 => Some(crawl.connectivity.known_mail_servers(kind == Kind::SmtpV4)),
        Kind::Https => Some(&crawl.connectivity.policy_hosts),
    }
}

/// Known peers, so many at once in each round, until one speaks. Each question is a connection like any other: within the
/// limit for a (host, address), at the pace of its operator, noted before it is made, and never to somebody who is left alone.
async fn probe_peers(crawl: &Crawl, kind: Kind, known: &Known<Server>, rounds: &[usize]) -> Probed {
    let connectivity = &crawl.connectivity;
    let at_most = crawl.limits.connections_per_endpoint;
    let may_be_asked =
        |server: &Server| connectivity.asked.allows(server, at_most) && !crawl.left_alone.covers(&server.peer);
    if known.is_empty() {
        return Probed::Unknown;
    }
    if !known.any(may_be_asked) {
        return Probed::Spent;
    }
    let mut asked = 0;
    for count in rounds {
        let mut permits = Vec::new();
        let picked = known.pick(*count, |server| {
            let permit = may_be_asked(server).then(|| reserve(crawl, kind, server)).flatten();
            permit.is_some_and(|permit| {
                permits.push(permit);
                true
            })
        });
        let asking = picked.iter().zip(permits).map(|(server, permit)| ask(crawl, kind, server, permit));
        for result in join_all(asking).await {
            match result {
                Err(NoConnection::Failure(Failure::NoRouteForFamily)) => return Probed::NoRoute,
                Err(NoConnection::Failure(Failure::ConnectTimeout | Failure::ConnectUnreachable)) => asked += 1,
                Err(NoConnection::Failure(failure)) if failure.family() == Family::Own => {}
                Err(NoConnection::Short(shortage)) => crawl.shortages.met(shortage),
                Ok(()) | Err(NoConnection::Failure(_)) => return Probed::Answered,
            }
        }
    }
    if asked == 0 { Probed::Resting } else { Probed::Silent(asked) }
}

fn reserve(crawl: &Crawl, kind: Kind, server: &Server) -> Option<Permit> {
    match kind {
        Kind::Https => crawl.frontier.reserve_fetch(server.peer.ip, server.whose()),
        _ => crawl.frontier.reserve_endpoint(server.peer.ip, server.host()),
    }
}

/// Connects to a known server. A mail server may greet, and is said goodbye (RFC 5321 §4.1.1.10); only the connection counts.
async fn ask(crawl: &Crawl, kind: Kind, server: &Server, permit: Permit) -> Result<(), NoConnection> {
    let (host, ip) = (server.host().to_owned(), server.peer.ip);
    if !crawl.note(&Note::Asked { host, ip, at: now() }).await {
        permit.release(Contact::None);
        return Err(NoConnection::Failure(Failure::Cancelled));
    }
    crawl.connectivity.asked.add(server.host(), ip);
    let (port, patience) = match kind {
        Kind::Https => (crawl.net.https_port, crawl.policy.connect_timeout),
        _ => (crawl.net.smtp_port, crawl.probe.connect_timeout),
    };
    let connected = crawl.net.connect(&server.peer, port, patience).await;
    if let (Ok(stream), true) = (&connected, kind != Kind::Https) {
        say_goodbye(stream.socket()).await;
    }
    permit.release(Contact::Unanswered);
    connected.map(drop)
}

/// Lets the server greet, so that its log shows a client that said QUIT.
async fn say_goodbye(stream: &TcpStream) {
    let farewell = async {
        let mut greeting = [0; 512];
        stream.readable().await?;
        let _ = stream.try_read(&mut greeting);
        stream.writable().await?;
        let _ = stream.try_write(b"QUIT\r\n");
        std::io::Result::Ok(())
    };
    let _ = tokio::time::timeout(GREETING, farewell).await;
}

/// Asks the resolver for names that it cannot have in its cache, below domains that it answered for: what it gives
/// then comes from the network behind it. Most of those asked about must be answered for. Before any domain was
/// answered for, the root has to do.
async fn probe_resolver(crawl: &Crawl, domains: &Known<Arc<str>>) -> Probed {
    let domains = domains.pick(ASKED, |domain| !crawl.left_alone.covers_name(Role::Domain, domain));
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

/// Holds the crawl while this machine is short of what a connection needs, and says what it is.
async fn watch_shortages(crawl: &Crawl) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Some((shortage, lasting)) = crawl.shortages.now_is()
            && lasting >= SHORTAGE_PATIENCE
        {
            wait_out(crawl, shortage, lasting).await;
        }
    }
}

async fn wait_out(crawl: &Crawl, shortage: Shortage, lasting: Duration) {
    let _hold = crawl.frontier.hold();
    let (begun, start) = (Instant::now(), now() - lasting.as_micros() as Micros);
    let cause = Cause::Short(shortage);
    crawl.connectivity.pauses().begin(cause, start, None);
    let text = format!("Paused: {}. The crawl goes on when there is some again.", shortage.reason());
    tracing::warn!("{text}");
    crawl.progress.set_note(Some(text));
    loop {
        tokio::time::sleep(SHORTAGE_PATIENCE).await;
        if Shortage::is_over() || crawl.frontier.is_stopping() {
            break;
        }
        if begun.elapsed() >= seconds(crawl.limits.outage_stop_after_s) {
            tracing::error!("{} for too long: the crawl ends here; go on with --resume", shortage.reason());
            crawl.frontier.stop();
        }
    }
    if !Shortage::is_over() {
        // What waits for a socket is left for another run.
        crawl.connectivity.shared().lose();
    }
    crawl.shortages.is_over();
    // What was under way may have failed for it.
    crawl.connectivity.shared().next_epoch();
    crawl.connectivity.pauses().end(cause, now());
    crawl.progress.set_note(None);
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
    use crate::dns::{Dns, DnsSettings, Mode};
    use crate::left_alone::Peer;
    use crate::setup::Setup;
    use crate::sink;
    use mxcensus_dataset::input::OptOut;

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

    /// A crawl that knows one mail server, at which this listens, and keeps a journal.
    async fn crawl(directory: &std::path::Path) -> (Crawl, tokio::net::TcpListener) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listener.local_addr().unwrap();
        let dns = Dns::new(DnsSettings::new(vec!["127.0.0.1:53".parse().unwrap()], Mode::Off)).unwrap();
        let mut setup = Setup::for_tests();
        (setup.allow_special_addresses, setup.smtp_port) = (true, there.port());
        setup.limits.address_spacing_s = 0.0;
        (setup.limits.operator_per_s, setup.limits.network_per_s) = (f64::INFINITY, f64::INFINITY);
        let crawl = setup.crawl(dns, sink::channel(Arc::default()).0, 0).unwrap();
        crawl.attempts.go_on(directory, &setup.limits, now(), |_| true).unwrap();
        crawl.connectivity.answered_earlier(Peer::mail_server("mx.example.net", &[], there.ip()), 1);
        (crawl, listener)
    }

    async fn visits(listener: &tokio::net::TcpListener) -> usize {
        let mut count = 0;
        while tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_ok() {
            count += 1;
        }
        count
    }

    #[tokio::test]
    async fn a_known_server_is_asked_within_its_four_and_each_question_is_noted() {
        let directory = tempfile::tempdir().unwrap();
        let (crawl, listener) = crawl(directory.path()).await;
        for n in 0..10 {
            let expected = if n < 3 { Probed::Answered } else { Probed::Spent };
            // The listener says nothing: the courtesy of a greeting ends by itself.
            assert_eq!(probe(&crawl, Kind::SmtpV4).await, expected, "question {n}");
        }
        assert_eq!(visits(&listener).await, 3, "one connection was the crawl's");
        let journal = std::fs::read_to_string(directory.path().join("attempts.jsonl")).unwrap();
        assert_eq!(journal.matches("\"asked\"").count(), 3, "{journal}");
        // Another run knows of them.
        let (again, _) = self::crawl(directory.path()).await;
        let mut earlier = again.attempts.go_on(directory.path(), &again.limits, now(), |_| true).unwrap();
        assert_eq!(earlier.take_asked().len(), 3);
    }

    #[tokio::test]
    async fn who_is_left_alone_is_not_asked() {
        let directory = tempfile::tempdir().unwrap();
        let (crawl, listener) = crawl(directory.path()).await;
        crawl.left_alone.replace(OptOut::parse("mx:mx.example.net\nexample.org\n").unwrap());
        assert_eq!(probe(&crawl, Kind::SmtpV4).await, Probed::Spent);
        assert_eq!(visits(&listener).await, 0);
        assert!(!crawl.dns.reaches("_mxcensus-1.example.org").await, "nor its domain about");
    }

    #[tokio::test]
    async fn silence_and_nobody_to_ask_are_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let (crawl, listener) = crawl(directory.path()).await;
        assert_eq!(probe(&crawl, Kind::SmtpV6).await, Probed::Unknown);
        drop(listener);
        assert_eq!(probe(&crawl, Kind::SmtpV4).await, Probed::Answered, "a refusal is a word");
        let hold = crawl.frontier.reserve_endpoint([127, 0, 0, 1].into(), "mx.example.net");
        assert!(hold.is_some());
        assert_eq!(probe(&crawl, Kind::SmtpV4).await, Probed::Resting, "it is being contacted");
    }
}
