use super::*;

fn frontier() -> Frontier {
    let limits = Limits::default().unpaced();
    Frontier::new(&limits, false, Operators::new(Vec::new(), &limits), 0)
}

#[tokio::test]
async fn a_host_is_handed_out_once_per_crawl() {
    let frontier = frontier();
    frontier.put_host("mx.example.net");
    frontier.put_host("mx.example.net");
    frontier.close_input();
    let item = frontier.take_host().await.expect("one host waits");
    assert_eq!(&*item.host, "mx.example.net");
    frontier.done();
    assert!(frontier.take_host().await.is_none());
}

#[tokio::test]
async fn a_deferred_item_comes_back_and_holds_the_crawl_open() {
    let frontier = frontier();
    frontier.put_host("mx.example.net");
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
    frontier.put_host("mx.example.net");
    frontier.hold();
    let soon = Duration::from_millis(50);
    assert!(tokio::time::timeout(soon, frontier.take_host()).await.is_err(), "nothing is handed out");
    frontier.go_on();
    assert!(frontier.take_host().await.is_some());
    frontier.hold();
    frontier.stop();
    assert!(frontier.take_host().await.is_none(), "stopping ends the wait");
}

#[tokio::test]
async fn stopping_hands_out_nothing_more() {
    let frontier = frontier();
    frontier.put_host("mx.example.net");
    frontier.stop();
    assert!(frontier.take_host().await.is_none());
}

#[test]
fn kinds_do_not_share_keys() {
    assert_ne!(key(Once::Host, &[b"a"]), key(Once::Policy, &[b"a"]));
    assert_ne!(key(Once::Host, &[b"ab", b"c"]), key(Once::Host, &[b"a", b"bc"]));
}
