use super::*;

fn frontier_with(limits: &Limits, paced: bool) -> Arc<Frontier> {
    let operators = Operators::new(Vec::new(), limits);
    let policy_operators = Operators::of_policy_hosts(Vec::new(), limits);
    Arc::new(Frontier::new(limits, paced, operators, policy_operators, 0))
}

fn frontier() -> Arc<Frontier> {
    let limits = Limits::default().unpaced();
    frontier_with(&limits, false)
}

#[tokio::test]
async fn a_host_is_handed_out_once_per_crawl() {
    let frontier = frontier();
    frontier.put_hosts("example.net", ["mx.example.net"].into_iter());
    frontier.put_hosts("example.net", ["mx.example.net"].into_iter());
    frontier.close_input();
    let item = frontier.take_host().await.expect("one host waits");
    assert_eq!(&*item.host, "mx.example.net");
    frontier.done();
    assert!(frontier.take_host().await.is_none());
}

#[tokio::test]
async fn a_deferred_item_comes_back_and_holds_the_crawl_open() {
    let frontier = frontier();
    frontier.put_hosts("example.net", ["mx.example.net"].into_iter());
    frontier.close_input();
    let item = frontier.take_host().await.expect("one host waits");
    frontier.defer_host(Duration::from_millis(20), HostItem { attempts: 1, ..item });
    let again = frontier.take_host().await.expect("it comes back");
    assert_eq!(again.attempts, 1);
    frontier.done();
    assert!(frontier.take_host().await.is_none());
}

#[tokio::test]
async fn a_held_frontier_waits_and_goes_on() {
    let frontier = frontier();
    frontier.put_hosts("example.net", ["mx.example.net"].into_iter());
    let hold = frontier.hold();
    let soon = Duration::from_millis(50);
    assert!(tokio::time::timeout(soon, frontier.take_host()).await.is_err(), "nothing is handed out");
    drop(hold);
    assert!(frontier.take_host().await.is_some());
    let _hold = frontier.hold();
    frontier.stop();
    assert!(frontier.take_host().await.is_none(), "stopping ends the wait");
}

#[tokio::test]
async fn stopping_hands_out_nothing_more() {
    let frontier = frontier();
    frontier.put_hosts("example.net", ["mx.example.net"].into_iter());
    frontier.stop();
    assert!(frontier.take_host().await.is_none());
}

fn endpoint_at(host: &str, ip: [u8; 4]) -> EndpointItem {
    let host: Arc<str> = host.into();
    let turn = Turn::Look(None);
    EndpointItem {
        server_name: host.clone(),
        host,
        ip: ip.into(),
        tlsa_names: Arc::default(),
        aliases: Arc::default(),
        shared: None,
        turn,
    }
}

#[tokio::test]
async fn one_domain_cannot_queue_what_it_likes() {
    let limits = Limits { contacts_per_mx_domain: 10, ..Limits::default() };
    let frontier = frontier_with(&limits, true);
    for n in 0..100 {
        frontier.put_endpoint(endpoint_at(&format!("mx{n}.hostile.org"), [10, n, 0, 1]));
    }
    frontier.put_endpoint(endpoint_at("mx.honest.org", [192, 0, 2, 1]));
    assert_eq!(frontier.depths().endpoints, 11, "ten of the one, and the other's");
    let (permit, item) = frontier.take_endpoint().await.unwrap();
    assert!(permit.is_none() && matches!(item.turn, Turn::OverBudget), "the rest has its row at once");
}

#[tokio::test]
async fn hosts_wait_while_too_many_addresses_do() {
    let limits = Limits { endpoints_waiting: 2, ..Limits::default().unpaced() };
    let frontier = frontier_with(&limits, false);
    (0..4).for_each(|n| frontier.put_endpoint(endpoint_at("mx.example.org", [10, n, 0, 1])));
    frontier.put_hosts("example.net", ["mx.example.net"].into_iter());
    let soon = Duration::from_millis(50);
    assert!(tokio::time::timeout(soon, frontier.take_host()).await.is_err(), "it would lead to more");
    let waiting = tokio::spawn({
        let frontier = frontier.clone();
        async move { frontier.take_host().await }
    });
    for _ in 0..2 {
        let _taken = frontier.take_endpoint().await.unwrap();
    }
    let host = tokio::time::timeout(Duration::from_secs(120), waiting).await.expect("there is room").unwrap();
    assert_eq!(host.map(|item| item.host), Some("mx.example.net".into()));
}

#[test]
fn kinds_do_not_share_keys() {
    assert_ne!(key(Once::Host, &[b"a"]), key(Once::Policy, &[b"a"]));
    assert_ne!(key(Once::Host, &[b"ab", b"c"]), key(Once::Host, &[b"a", b"bc"]));
}

mod after_a_kill {
    use super::*;
    use crate::attempts::{Attempts, Note};
    use crate::net::now;
    use crate::paced::Contact;

    /// How long what must come may take on a busy machine.
    const PATIENCE: Duration = Duration::from_secs(120);

    const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn endpoint(host: &str) -> EndpointItem {
        let host: Arc<str> = host.into();
        let turn = Turn::Look(None);
        EndpointItem {
            server_name: host.clone(),
            host,
            ip: IP,
            tlsa_names: Arc::default(),
            aliases: Arc::default(),
            shared: None,
            turn,
        }
    }

    fn contact(host: &str) -> Note {
        Note::Contact { host: host.into(), server_name: host.into(), ip: IP, at: now() }
    }

    fn retry(host: &str) -> Note {
        let row = EndpointRow::unseen(host.into(), host.into(), IP.to_string(), 25, "w1".into(), now());
        Note::Retry { due: now(), row: Box::new(row) }
    }

    /// A frontier after a run that made these notes.
    fn frontier_after(limits: &Limits, paced: bool, notes: &[Note]) -> Arc<Frontier> {
        let dir = tempfile::tempdir().unwrap();
        let attempts = Attempts::default();
        let go_on = || attempts.go_on(dir.path(), limits, now(), |_| false).unwrap();
        go_on();
        assert!(notes.iter().all(|note| attempts.note(note)));
        let frontier = frontier_with(limits, paced);
        frontier.go_on_from(go_on());
        frontier
    }

    async fn is_empty(frontier: &Arc<Frontier>) -> bool {
        tokio::time::timeout(Duration::from_millis(20), frontier.take_endpoint()).await.is_err()
    }

    #[tokio::test]
    async fn a_contact_that_was_lost_counts_and_is_made_again_later() {
        let after = |retry_after_s| {
            let limits = Limits { retry_after_s: vec![retry_after_s], ..Limits::default().unpaced() };
            let frontier = frontier_after(&limits, false, &[contact("mx.lost"), contact("mx.lost")]);
            frontier.put_endpoint(endpoint("mx.lost"));
            frontier
        };
        let frontier = after(3600.0);
        frontier.put_endpoint(endpoint("mx.new"));
        let (_, first) = frontier.take_endpoint().await.expect("what was not contacted goes first");
        assert_eq!((&*first.host, first.shared.is_none()), ("mx.new", true));
        assert!(is_empty(&frontier).await);
        let frontier = after(0.05);
        let (_, lost) = frontier.take_endpoint().await.expect("it comes when a retry would");
        assert_eq!(&*lost.host, "mx.lost");
        assert_eq!(lost.shared.map(|shared| shared.load(std::sync::atomic::Ordering::Relaxed)), Some(2));
    }

    #[tokio::test]
    async fn a_retry_goes_on_with_what_was_seen() {
        let limits = Limits::default().unpaced();
        let frontier = frontier_after(&limits, false, &[contact("mx.retried"), retry("mx.retried")]);
        frontier.put_endpoint(endpoint("mx.retried"));
        let (_, item) = frontier.take_endpoint().await.expect("it is due");
        assert!(matches!(item.turn, Turn::Look(Some(row)) if row.host == "mx.retried"));
    }

    #[tokio::test]
    async fn a_policy_goes_on_too() {
        let after = |retry_after_s| {
            let limits = Limits { retry_after_s: vec![retry_after_s], ..Limits::default() };
            let frontier = frontier_after(&limits, false, &[Note::Fetch { domain: "a.example".into(), at: now() }]);
            frontier.put_policy(&"a.example".into());
            frontier
        };
        let frontier = after(3600.0);
        frontier.put_policy(&"b.example".into());
        let first = frontier.take_policy().await.expect("the new one");
        assert_eq!((&*first.domain, first.begun), ("b.example", 0));
        let frontier = after(0.05);
        let second = frontier.take_policy().await.expect("the other one, five minutes later");
        assert_eq!((&*second.domain, second.begun), ("a.example", 1));
    }

    #[tokio::test]
    async fn a_sample_that_was_under_way_holds_up_no_other() {
        let limits = Limits {
            address_spacing_s: 0.0,
            sampled_names: 3,
            operator_per_s: 1e6,
            network_per_s: 1e6,
            ..Limits::default()
        };
        let frontier = frontier_after(&limits, true, &[contact("mx.retried"), retry("mx.retried")]);
        for host in ["mx.retried", "mx.second", "mx.third"] {
            frontier.put_endpoint(endpoint(host));
        }
        let mut hosts = Vec::new();
        for _ in 0..3 {
            let item = tokio::time::timeout(PATIENCE, frontier.take_endpoint()).await;
            let (permit, item) = item.expect("each has its turn").expect("three wait");
            permit.expect("it may be contacted").release(Contact::Borne);
            hosts.push(item.host);
        }
        hosts.sort();
        assert_eq!(hosts, ["mx.retried", "mx.second", "mx.third"].map(Arc::from));
    }

    #[tokio::test]
    async fn the_address_has_its_rest() {
        let after = |address_spacing_s| {
            let limits = Limits { address_spacing_s, retry_after_s: Vec::new(), ..Limits::default() };
            let frontier = frontier_after(&limits, true, &[contact("mx.finished")]);
            frontier.put_endpoint(endpoint("mx.neighbour"));
            frontier
        };
        assert!(is_empty(&after(3600.0)).await, "another name at the address that was contacted right before");
        let frontier = after(0.2);
        let item = tokio::time::timeout(PATIENCE, frontier.take_endpoint()).await.expect("it is rested");
        assert_eq!(item.map(|(_, item)| item.host), Some("mx.neighbour".into()));
    }
}
