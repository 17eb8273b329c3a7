//! SIGTERM and Ctrl-C outside of a crawl.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use crate::command::Ending;

/// Whether a crawl is under way, which obeys signals itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Crawling(Arc<AtomicBool>);

impl Crawling {
    /// Says so.
    pub(super) fn set(&self, is_crawling: bool) {
        self.0.store(is_crawling, Ordering::SeqCst);
    }

    /// From now on a signal outside of a crawl ends the program at once: what has its name is whole, and the next start goes on.
    /// A crawl takes signals over for good, so their default would not come back.
    pub(super) fn leave_on_signal(&self) -> std::io::Result<()> {
        let crawling = self.clone();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(crawling.wait());
        })?;
        Ok(())
    }

    async fn wait(&self) {
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if !self.0.load(Ordering::SeqCst) {
                std::process::exit(Ending::Incomplete as i32);
            }
        }
    }
}
