//! The loops of a crawl: the reader, one dispatcher per stage, and the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::frontier::{DomainItem, Frontier};
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
    let crashed = Arc::new(AtomicBool::new(false));
    let limits = &crawl.limits;
    let (all_read, ..) = tokio::join!(
        read(&crawl, input),
        dispatch(&crawl, &crashed, limits.domains_in_flight, Frontier::take_domain, |crawl, item| async move {
            crawl.progress.domains.started();
            stage::domain::run(&crawl, item).await;
        }),
        dispatch(&crawl, &crashed, limits.policies_in_flight, Frontier::take_policy, |crawl, item| async move {
            crawl.progress.policies.started();
            stage::policy::look_up(&crawl, item).await;
        }),
        dispatch(&crawl, &crashed, limits.policies_in_flight, Frontier::take_fetch, |crawl, (ip, item)| async move {
            stage::policy::fetch(&crawl, ip, item).await;
        }),
        dispatch(&crawl, &crashed, limits.hosts_in_flight, Frontier::take_host, |crawl, item| async move {
            crawl.progress.hosts.started();
            stage::host::run(&crawl, item).await;
        }),
        dispatch(&crawl, &crashed, limits.endpoints_in_flight, Frontier::take_endpoint, |crawl, item| async move {
            crawl.progress.endpoints.started();
            stage::endpoint::run(&crawl, item).await;
        }),
    );
    // A crawl that was too small to tell whether the port is open: what it saw is what there is.
    for row in crawl.connectivity.take_withheld(true) {
        crawl.sink.put(Row::Endpoint(Box::new(row))).await;
    }
    crawl.progress.end();
    let lost = crawl.connectivity.shared().is_lost();
    End { finished: all_read && crawl.frontier.is_idle() && !lost && !crashed.load(Ordering::Relaxed) }
}

/// Feeds the domains in, waiting whenever the stages are behind. True when the input was read to its end.
async fn read(crawl: &Crawl, mut input: impl Iterator<Item = DomainItem>) -> bool {
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
        match input.next() {
            Some(item) => crawl.frontier.put_domain(item),
            None => break,
        }
        tokio::task::consume_budget().await;
    }
    crawl.frontier.close_input();
    true
}

/// Takes items as they may be had and runs each in a task of its own, `in_flight` at most.
async fn dispatch<'a, T, Take, Taking, Work, Working>(
    crawl: &'a Arc<Crawl>,
    crashed: &Arc<AtomicBool>,
    in_flight: usize,
    take: Take,
    work: Work,
) where
    Take: Fn(&'a Frontier) -> Taking,
    Taking: Future<Output = Option<T>>,
    T: Send + 'static,
    Work: Fn(Arc<Crawl>, T) -> Working + Copy + Send + 'static,
    Working: Future<Output = ()> + Send,
{
    let permits = Arc::new(Semaphore::new(in_flight.clamp(1, Semaphore::MAX_PERMITS)));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { break };
        let Some(item) = take(&crawl.frontier).await else { break };
        let guard = Unfinished { crawl: crawl.clone(), crashed: crashed.clone() };
        // What works is made in its task, where it lies once, and boxed: tokio copies a task as it spawns it and as it ends.
        tokio::spawn(Box::pin(async move {
            work(guard.crawl.clone(), item).await;
            drop((guard, permit));
        }));
    }
    let all = u32::try_from(in_flight.max(1)).unwrap_or(u32::MAX);
    // Whoever is still at work holds a permit.
    let _ = permits.acquire_many(all).await;
}

/// Notices a task that panicked: its item would otherwise hold the crawl open for ever.
struct Unfinished {
    crawl: Arc<Crawl>,
    crashed: Arc<AtomicBool>,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.crashed.store(true, Ordering::Relaxed);
            self.crawl.frontier.done();
        }
    }
}
