//! The page itself: the text exposition format of Prometheus, version 0.0.4.
//!
//! Names follow <https://prometheus.io/docs/practices/naming/>; label values are words of closed vocabularies, which need
//! no escaping. A cell that was never counted is left out: most words never occur.

use std::fmt::{Display, Write};
use std::sync::atomic::Ordering::Relaxed;

use crate::connectivity::pauses::{Cause, Interruption};
use crate::net::now;
use crate::status::{StageNow, State, Status, Watcher};
use crate::tally::{BOUNDS_MS, ENDPOINT_STEPS, Histogram, POLICY_STEPS};
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{EndpointStage, HostStatus, Micros, MxStatus, PolicyStage};

/// Everything that is known of the crawl.
pub(super) fn page(watcher: &Watcher) -> String {
    let (status, pauses) = (watcher.status(), watcher.pauses());
    let mut page = Page(String::with_capacity(16 << 10));
    standing(&mut page, &status);
    stages(&mut page, &status);
    rows(&mut page, watcher);
    waits(&mut page, &status);
    interruptions(&mut page, &pauses, now());
    durations(&mut page, watcher);
    page.0
}

/// What the scan as a whole is doing.
fn standing(page: &mut Page, status: &Status) {
    page.family("mxcensus_build_info", "gauge", "The program.");
    page.sample("mxcensus_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    page.family("mxcensus_state", "gauge", "1 for what the scan is doing, 0 for what it could be doing.");
    for &state in State::ALL {
        page.sample("mxcensus_state", &[("state", state.word())], u8::from(state == status.state));
    }
    page.gauge("mxcensus_run", "The run's number in the manifest.", Some(status.run));
    page.gauge("mxcensus_elapsed_seconds", "Since the run began.", Some(status.elapsed_s));
    page.gauge(
        "mxcensus_left_seconds",
        "What the rest takes at the present pace, where that can be told.",
        status.left_s,
    );
    page.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", status.memory.resident_bytes);
}

/// How far each stage is.
fn stages(page: &mut Page, status: &Status) {
    let stages = &status.stages;
    let tables = [
        ("domains", &stages.domains),
        ("policies", &stages.policies),
        ("mx_hosts", &stages.mx_hosts),
        ("endpoints", &stages.endpoints),
    ];
    let mut family = |name: &str, kind: &str, help: &str, value: fn(&StageNow) -> u64| {
        page.family(name, kind, help);
        for (table, stage) in tables {
            page.sample(name, &[("table", table)], value(stage));
        }
    };
    family("mxcensus_known_items", "gauge", "Items known of: the list, and what its domains led to so far.", |s| {
        s.known
    });
    family("mxcensus_earlier_rows", "gauge", "Rows that earlier runs left.", |s| s.earlier);
    family("mxcensus_started_total", "counter", "Items taken up, retries included.", |s| s.started);
    family("mxcensus_rows_total", "counter", "Rows handed to the writer.", |s| s.done.saturating_sub(s.earlier));
    family("mxcensus_failed_rows_total", "counter", "Those of something that could not be looked at as wished.", |s| {
        s.failed
    });
    family("mxcensus_waiting_items", "gauge", "Items in the queue.", |s| s.waiting);
}

/// What the rows and the look-ups say.
fn rows(page: &mut Page, watcher: &Watcher) {
    let (tally, lookups) = (&watcher.progress().tally, watcher.lookups());
    let word = |failure: Option<Failure>| failure.map_or("", Failure::word);
    page.family("mxcensus_domains_total", "counter", "Domains by mx_status.");
    for (status, count) in MxStatus::ALL.iter().zip(tally.domains.counts()) {
        page.sample("mxcensus_domains_total", &[("mx_status", status.word())], count);
    }
    page.family("mxcensus_policies_total", "counter", "Policies by policy_stage and policy_error.");
    for (stage, error, count) in tally.policies.counts() {
        let stage = PolicyStage::ALL[stage].word();
        page.sample("mxcensus_policies_total", &[("stage", stage), ("error", word(error))], count);
    }
    page.family("mxcensus_mx_hosts_total", "counter", "MX hosts by host_status.");
    for (status, count) in HostStatus::ALL.iter().zip(tally.mx_hosts.counts()) {
        page.sample("mxcensus_mx_hosts_total", &[("host_status", status.word())], count);
    }
    page.family("mxcensus_endpoints_total", "counter", "Endpoints by stage and error, copies included.");
    for (stage, error, count) in tally.endpoints.counts() {
        let stage = EndpointStage::ALL[stage].word();
        page.sample("mxcensus_endpoints_total", &[("stage", stage), ("error", word(error))], count);
    }
    let (copies, connections) = (tally.copies.load(Relaxed), tally.connections.load(Relaxed));
    page.counter("mxcensus_copied_endpoints_total", "Endpoints that another name of their address stands for.", copies);
    page.counter("mxcensus_smtp_connections_total", "TCP connections that the endpoints so far cost.", connections);
    page.family("mxcensus_lookups_total", "counter", "DNS look-ups by record type, result and failure.");
    for (kind, status, error, count) in lookups.counts() {
        let labels = [("type", kind.mnemonic()), ("result", status.word()), ("error", word(error))];
        page.sample("mxcensus_lookups_total", &labels, count);
    }
}

/// What waits, and for what.
fn waits(page: &mut Page, status: &Status) {
    let longest = status.waits.longest.as_ref();
    page.gauge("mxcensus_deferred_items", "Items that wait for their retry.", Some(status.deferred));
    page.gauge(
        "mxcensus_unsampled_endpoints",
        "Endpoints that wait for the samples of their address.",
        Some(status.unsampled),
    );
    page.gauge(
        "mxcensus_longest_wait_seconds",
        "Until the last endpoint of the longest queue may be contacted; status.json says whose it is.",
        Some(longest.map_or(0.0, |longest| longest.seconds)),
    );
    page.gauge(
        "mxcensus_longest_wait_endpoints",
        "Endpoints in the queue that takes longest.",
        Some(longest.map_or(0, |longest| longest.endpoints)),
    );
    page.gauge(
        "mxcensus_slowed_addresses",
        "Addresses that asked us to slow down.",
        Some(status.waits.slowed_addresses),
    );
    page.gauge("mxcensus_slowed_operators", "Operators that did.", Some(status.waits.slowed_operators));
}

/// The times in which nothing was observed.
fn interruptions(page: &mut Page, pauses: &[Interruption], now: Micros) {
    let of = |cause| pauses.iter().filter(move |pause| pause.cause == cause);
    page.family("mxcensus_paused", "gauge", "1 while the crawl waits for this machine's own connection.");
    for cause in Cause::ALL {
        page.sample(
            "mxcensus_paused",
            &[("cause", cause.word())],
            u8::from(of(cause).any(|pause| pause.end.is_none())),
        );
    }
    page.family("mxcensus_pauses_total", "counter", "Pauses of this run.");
    for cause in Cause::ALL {
        page.sample("mxcensus_pauses_total", &[("cause", cause.word())], of(cause).count());
    }
    page.family("mxcensus_paused_seconds_total", "counter", "How long they lasted.");
    for cause in Cause::ALL {
        let lasted = |pause: &Interruption| pause.end.unwrap_or(now).saturating_sub(pause.start).max(0);
        let micros: Micros = of(cause).map(lasted).sum();
        page.sample("mxcensus_paused_seconds_total", &[("cause", cause.word())], micros as f64 / 1e6);
    }
}

/// What is slow.
fn durations(page: &mut Page, watcher: &Watcher) {
    let tally = &watcher.progress().tally;
    page.family("mxcensus_lookup_seconds", "histogram", "DNS look-ups, retries, aliases and limits included.");
    page.histogram("mxcensus_lookup_seconds", None, &watcher.lookups().time);
    page.family("mxcensus_policy_seconds", "histogram", "Steps of a policy fetch.");
    for (step, histogram) in POLICY_STEPS.iter().zip(&tally.policy_steps) {
        page.histogram("mxcensus_policy_seconds", Some(step), histogram);
    }
    page.family("mxcensus_endpoint_seconds", "histogram", "Steps of an SMTP session; total: all of it.");
    for (step, histogram) in ENDPOINT_STEPS.iter().zip(&tally.endpoint_steps) {
        page.histogram("mxcensus_endpoint_seconds", Some(step), histogram);
    }
}

/// A page under way. Writing to a string does not fail.
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let mut between = '{';
        self.0.push_str(name);
        for (label, word) in labels {
            let _ = write!(self.0, "{between}{label}=\"{word}\"");
            between = ',';
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    /// A family of one sample; left out as a whole where there is no value.
    fn gauge(&mut self, name: &str, help: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.family(name, "gauge", help);
            self.sample(name, &[], value);
        }
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "counter", help);
        self.sample(name, &[], value);
    }

    fn histogram(&mut self, name: &str, step: Option<&str>, histogram: &Histogram) {
        let step = step.map(|step| ("step", step));
        let counts = histogram.cumulative();
        let ends = BOUNDS_MS.iter().map(|ms| (ms / 1e3).to_string()).chain(["+Inf".to_owned()]);
        for (end, count) in ends.zip(counts) {
            let labels: Vec<_> = step.into_iter().chain([("le", end.as_str())]).collect();
            self.sample(&format!("{name}_bucket"), &labels, count);
        }
        let labels: Vec<_> = step.into_iter().collect();
        self.sample(&format!("{name}_sum"), &labels, histogram.sum_s());
        self.sample(&format!("{name}_count"), &labels, counts[BOUNDS_MS.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use crate::connectivity::Kind;
    use crate::dns::Dns;
    use crate::setup::Setup;
    use crate::sink::{self, Row};
    use crate::stage::Crawl;
    use crate::status::About;
    use mxcensus_rules::observation::{DomainRow, EndpointRow, PolicyRow};

    /// A crawl that contacts no server, and what its metrics show.
    fn crawl(root: &std::path::Path) -> (Arc<Crawl>, sink::Rows, Watcher) {
        let setup = Setup { resolvers: vec!["127.0.0.1:9".parse().unwrap()], ..Setup::for_tests() };
        let (sink, rows) = sink::channel(Arc::default());
        let crawl = Arc::new(setup.crawl(Dns::new(setup.dns()).unwrap(), sink, 1).unwrap());
        let about = About { run: 2, worker: "w1".to_owned(), started: "now".to_owned(), domains: 40, metrics: None };
        let watcher = Watcher::new(&crawl, root, about);
        (crawl, rows, watcher)
    }

    /// Whether a page is well-formed: each family has its two lines once, right before its samples, and every sample
    /// stands under its family with a number.
    fn hold(page: &str) {
        let mut families = BTreeSet::new();
        let mut samples = BTreeSet::new();
        let (mut family, mut kind) = ("", "");
        for line in page.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert!(families.insert(name), "{name} stands twice");
                assert!(help.ends_with('.'), "{help}");
                family = name;
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, its_kind) = rest.split_once(' ').unwrap();
                assert_eq!(name, family, "type and help belong together");
                assert!(["counter", "gauge", "histogram"].contains(&its_kind), "{line}");
                assert_eq!(its_kind == "counter", name.ends_with("_total"), "{line}");
                kind = its_kind;
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                assert!(samples.insert(series), "{series} stands twice");
                assert!(value.parse::<f64>().is_ok_and(|value| value >= 0.0), "{line}");
                let name = series.split('{').next().unwrap();
                let ends: &[&str] = if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
                assert!(ends.iter().any(|end| name.strip_suffix(end) == Some(family)), "{line} under {family}");
                let labels = &series[name.len()..];
                assert!(labels.is_empty() || labels.starts_with('{') && labels.ends_with("\"}"), "{line}");
            }
        }
    }

    #[tokio::test]
    async fn the_page_says_what_was_handed_over() {
        let dir = tempfile::tempdir().unwrap();
        let (crawl, rows, watcher) = crawl(dir.path());
        hold(&page(&watcher));
        let endpoint = EndpointRow::unseen("a".into(), "a".into(), "192.0.2.1".into(), 25, "w1".into(), 0);
        let seen = EndpointRow { stage: EndpointStage::Done, connections: 2, tls_ms: Some(20.0), ..endpoint.clone() };
        let failed = EndpointRow {
            stage: EndpointStage::Connect,
            error: Some(Failure::ConnectTimeout),
            connections: 3,
            ..endpoint.clone()
        };
        let copy = EndpointRow { stage: EndpointStage::Done, sampled_from: Some("b".to_owned()), ..endpoint };
        for row in [seen, failed, copy] {
            crawl.sink.put(Row::Endpoint(Box::new(row))).await;
        }
        let policy = PolicyRow::unseen("a".into(), "mta-sts.a".into(), "w1".into());
        crawl.sink.put(Row::Policy(Box::new(PolicyRow { policy_stage: PolicyStage::Done, ..policy }))).await;
        crawl.sink.put(Row::Domain(Box::new(DomainRow::unseen("a".into(), "w1".into(), 0)))).await;
        crawl.sink.put(Row::Certificate(1, vec![1])).await;
        crawl.connectivity.pauses().begin(Cause::Lost(Kind::SmtpV6), 1_000_000, Some(3_500_000));
        crawl.connectivity.pauses().begin(Cause::Lost(Kind::Resolver), now(), None);
        let text = page(&watcher);
        hold(&text);
        for line in [
            "mxcensus_state{state=\"running\"} 1",
            "mxcensus_run 2",
            "mxcensus_known_items{table=\"domains\"} 40",
            "mxcensus_rows_total{table=\"domains\"} 1",
            "mxcensus_rows_total{table=\"endpoints\"} 3",
            "mxcensus_failed_rows_total{table=\"domains\"} 1",
            "mxcensus_failed_rows_total{table=\"endpoints\"} 1",
            "mxcensus_domains_total{mx_status=\"error\"} 1",
            "mxcensus_policies_total{stage=\"done\",error=\"\"} 1",
            "mxcensus_endpoints_total{stage=\"connect\",error=\"connect-timeout\"} 1",
            "mxcensus_endpoints_total{stage=\"done\",error=\"\"} 2",
            "mxcensus_copied_endpoints_total 1",
            "mxcensus_smtp_connections_total 5",
            "mxcensus_endpoint_seconds_bucket{step=\"tls\",le=\"0.01\"} 0",
            "mxcensus_endpoint_seconds_bucket{step=\"tls\",le=\"0.03\"} 1",
            "mxcensus_endpoint_seconds_bucket{step=\"tls\",le=\"+Inf\"} 1",
            "mxcensus_endpoint_seconds_sum{step=\"tls\"} 0.02",
            "mxcensus_endpoint_seconds_count{step=\"tls\"} 1",
            "mxcensus_lookup_seconds_count 0",
            "mxcensus_paused{cause=\"resolver\"} 1",
            "mxcensus_paused{cause=\"smtp-ipv6\"} 0",
            "mxcensus_pauses_total{cause=\"smtp-ipv6\"} 1",
            "mxcensus_paused_seconds_total{cause=\"smtp-ipv6\"} 2.5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        drop(rows);
        assert!(!crawl.sink.put(Row::Domain(Box::new(DomainRow::unseen("b".into(), "w1".into(), 0)))).await);
        assert!(
            page(&watcher).contains("mxcensus_rows_total{table=\"domains\"} 1\n"),
            "what nobody took is not counted"
        );
    }

    /// The page for operators names every metric and every key.
    #[tokio::test]
    async fn everything_that_is_shown_is_documented() {
        const PAGE: &str = include_str!("../../../../docs/operating.md");
        let dir = tempfile::tempdir().unwrap();
        let (_crawl, _rows, watcher) = crawl(dir.path());
        let said = |word: &str| PAGE.contains(&format!("`{word}`")) || PAGE.contains(&format!("\"{word}\":"));
        let text = page(&watcher);
        let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
        let missing: Vec<&str> = names.filter(|name| !said(name)).collect();
        assert!(missing.is_empty(), "{missing:?} stand nowhere in docs/operating.md");
        let status = serde_json::to_value(watcher.status()).unwrap();
        let stage = &status["stages"]["endpoints"];
        let keys = [&status, stage, &status["waits"], &status["memory"]].map(|value| value.as_object().unwrap().keys());
        let missing: Vec<&String> = keys.into_iter().flatten().filter(|key| !said(key)).collect();
        assert!(missing.is_empty(), "{missing:?} stand nowhere in docs/operating.md");
        assert!(State::ALL.iter().all(|state| said(state.word())) && Cause::ALL.iter().all(|cause| said(cause.word())));
    }

    #[tokio::test]
    async fn the_states_follow_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let (crawl, _rows, watcher) = crawl(dir.path());
        let state = || watcher.status().state;
        assert_eq!(state(), State::Running);
        crawl.connectivity.shared().go_down();
        assert_eq!(state(), State::Paused);
        crawl.frontier.stop();
        assert_eq!(state(), State::Stopping, "who asked to leave is to see that it is obeyed");
        watcher.begin_judging();
        drop(crawl);
        assert_eq!(state(), State::Judging);
        watcher.end(false);
        assert_eq!(state(), State::Incomplete);
        watcher.end(true);
        let text = std::fs::read(dir.path().join(crate::status::FILE)).unwrap();
        let written: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(written["state"], "finished");
        assert_eq!(written["left_s"], serde_json::Value::Null);
        hold(&page(&watcher));
    }
}
