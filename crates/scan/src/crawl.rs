//! The loops of a crawl: the reader, one dispatcher per stage, and the end.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::frontier::{DomainItem, Frontier};
use super::keys::{Once, key};
use super::policy;
use super::sink::Row;
use super::stage::{self, Crawl};

/// How a crawl ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct End {
    /// Every item that was put got its row, and the whole input was read.
    pub finished: bool,
}

/// Works through `input` until every item has its row, or until the frontier is stopped.
///
/// `input` is read no faster than the stages follow. Returns when no task is left.
pub async fn run(crawl: Arc<Crawl>, input: impl Iterator<Item = DomainItem>) -> End {
    let all_read = work(&crawl, async {
        let all_read = read(&crawl, input).await;
        if all_read {
            crawl.frontier.close_input();
        }
        all_read
    })
    .await;
    // A crawl that was too small to tell whether the port is open: what it saw is what there is.
    for row in crawl.connectivity.take_withheld(true) {
        crawl.sink.put(Row::Endpoint(Box::new(row))).await;
    }
    if all_read && crawl.frontier.is_idle() && !crawl.frontier.is_stopping() {
        write_left_out(&crawl).await;
    }
    crawl.progress.end();
    let lost = crawl.connectivity.shared().is_lost();
    End { finished: all_read && crawl.frontier.is_idle() && !lost && crawl.alarm.rung_by().is_none() }
}

/// The rows of the hosts that were beyond every budget.
async fn write_left_out(crawl: &Crawl) {
    for host in crawl.attempts.take_left_out() {
        if crawl.frontier.first_sight(key(Once::Host, &[host.as_bytes()])) {
            crawl.sink.put(Row::MxHost(Box::new(stage::host::left_out(crawl, &host)))).await;
        }
    }
}

/// The stages, while `feed` puts items; until the frontier is stopped, or its input is closed and nothing is left.
pub async fn work<Fed>(crawl: &Arc<Crawl>, feed: impl Future<Output = Fed>) -> Fed {
    let (limits, room) = (&crawl.limits, crawl.room.as_deref());
    let (fed, ..) = tokio::join!(
        feed,
        dispatch(
            crawl,
            (limits.domains_in_flight, room.map(|room| &room.domains)),
            |f| f.take_domain(),
            |crawl, item| async move {
                crawl.progress.domains.started();
                stage::domain::run(&crawl, item).await;
            }
        ),
        dispatch(
            crawl,
            (limits.policies_in_flight, room.map(|room| &room.policies)),
            |f| f.take_policy(),
            |crawl, item| async move {
                crawl.progress.policies.started();
                policy::queue::look_up(&crawl, item).await;
            }
        ),
        dispatch(
            crawl,
            (limits.policies_in_flight, room.map(|room| &room.policies)),
            |f| f.take_fetch(),
            |crawl, (permit, item)| async move {
                policy::queue::fetch_next(&crawl, permit, item).await;
            }
        ),
        dispatch(
            crawl,
            (limits.hosts_in_flight, room.map(|room| &room.hosts)),
            |f| f.take_host(),
            |crawl, item| async move {
                crawl.progress.hosts.started();
                stage::host::run(&crawl, item).await;
            }
        ),
        dispatch(
            crawl,
            (limits.endpoints_in_flight, room.map(|room| &room.endpoints)),
            |f| f.take_endpoint(),
            |crawl, (permit, item)| async move {
                crawl.progress.endpoints.started();
                fail::fail_point!("endpoint");
                stage::endpoint::run(&crawl, permit, item).await;
            }
        ),
    );
    fed
}

/// Feeds the domains in, waiting whenever the stages are behind. True when the input was read to its end.
pub async fn read(crawl: &Crawl, mut input: impl Iterator<Item = DomainItem>) -> bool {
    loop {
        while crawl.frontier.input_should_wait() {
            crawl.frontier.room(Duration::from_millis(100)).await;
            if crawl.frontier.is_stopping() {
                return false;
            }
        }
        if crawl.frontier.is_stopping() {
            return false;
        }
        fail::fail_point!("reader", |_| false);
        match input.next() {
            Some(item) => crawl.frontier.put_domain(item),
            None => break,
        }
        tokio::task::consume_budget().await;
    }
    true
}

/// Takes items as they may be had and runs each in a task of its own, `in_flight` at most, and no more than the room that is
/// shared with others has places for.
async fn dispatch<'a, T, Take, Taking, Work, Working>(
    crawl: &'a Arc<Crawl>,
    (in_flight, room): (usize, Option<&Arc<Semaphore>>),
    take: Take,
    work: Work,
) where
    Take: Fn(&'a Arc<Frontier>) -> Taking,
    Taking: Future<Output = Option<T>>,
    T: Send + 'static,
    Work: Fn(Arc<Crawl>, T) -> Working + Copy + Send + 'static,
    Working: Future<Output = ()> + Send,
{
    let permits = Arc::new(Semaphore::new(in_flight.clamp(1, Semaphore::MAX_PERMITS)));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { break };
        let Some(item) = take(&crawl.frontier).await else { break };
        let place = match room {
            // It is never closed.
            Some(room) => room.clone().acquire_owned().await.ok(),
            None => None,
        };
        let (crawl, vigil) = (crawl.clone(), crawl.alarm.watch("a stage of the crawl"));
        // What works is made in its task, where it lies once, and boxed: tokio copies a task as it spawns it and as it ends.
        tokio::spawn(Box::pin(async move {
            work(crawl, item).await;
            drop((vigil, permit, place));
        }));
    }
    let all = u32::try_from(in_flight.max(1)).unwrap_or(u32::MAX);
    // A task that is still at work holds a permit.
    let _ = permits.acquire_many(all).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Dns, DnsSettings, Mode};
    use crate::frontier::{EndpointItem, Turn};
    use crate::setup::Setup;
    use crate::sink;

    /// A crawl with ten items at one address.
    fn crawl() -> Arc<Crawl> {
        let dns = Dns::new(DnsSettings::new(vec!["127.0.0.1:53".parse().unwrap()], Mode::Off)).unwrap();
        let mut setup = Setup::for_tests();
        (setup.limits.address_spacing_s, setup.limits.network_per_s) = (0.0, 1e6);
        let crawl = setup.crawl(dns, sink::channel(Arc::default()).0, 0).unwrap();
        for n in 0..10 {
            let host: Arc<str> = format!("mx{n}.example.net").into();
            crawl.frontier.put_endpoint(EndpointItem {
                server_name: host.clone(),
                host,
                ip: [192, 0, 2, 1].into(),
                tlsa_names: Arc::default(),
                aliases: Arc::default(),
                shared: None,
                turn: Turn::Look(None),
            });
        }
        crawl.frontier.close_input();
        Arc::new(crawl)
    }

    #[tokio::test]
    async fn a_stage_that_panics_ends_the_crawl_which_says_so() {
        let crawl = crawl();
        let dispatched = dispatch(
            &crawl,
            (4, None),
            |f| f.take_endpoint(),
            |_, (permit, _)| async move {
                let _at_work = permit;
                assert!(std::env::args().next().is_none(), "expected by the test");
            },
        );
        tokio::time::timeout(Duration::from_secs(120), dispatched).await.expect("the crawl ends");
        assert_eq!(crawl.alarm.rung_by(), Some("a stage of the crawl"));
        assert!(crawl.frontier.is_stopping() && !crawl.frontier.is_idle(), "nine are left for another run");
    }

    #[tokio::test]
    async fn a_permit_that_is_dropped_lets_the_next_one_in() {
        let crawl = crawl();
        let work = |crawl: Arc<Crawl>, (permit, _): (Option<crate::frontier::Permit>, EndpointItem)| async move {
            drop(permit);
            crawl.frontier.done();
        };
        let dispatched = dispatch(&crawl, (4, None), |f| f.take_endpoint(), work);
        tokio::time::timeout(Duration::from_secs(120), dispatched).await.expect("all ten have their turn");
        assert!(crawl.frontier.is_idle());
    }
}
