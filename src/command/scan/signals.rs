//! Ctrl-C, SIGTERM and SIGHUP.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, Weak};

use crate::settings;
use mxcensus_scan::stage::Crawl;

/// Ctrl-C or SIGTERM once: finish what is in hand. Twice: leave at once. SIGHUP: reread the opt-out list. Obeys while the
/// judge is at work too, when the crawl is gone.
pub async fn obey(crawl: Weak<Crawl>, opt_out_file: Option<PathBuf>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hang_up)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
        tracing::warn!("signals cannot be caught; Ctrl-C will leave at once");
        return;
    };
    let mut asked = false;
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {
                if let Some(crawl) = crawl.upgrade() {
                    reload(&crawl, opt_out_file.as_deref());
                }
                continue;
            }
        }
        if asked {
            // What has its final name is whole; nothing else is worth waiting for.
            std::process::exit(3);
        }
        asked = true;
        match crawl.upgrade() {
            Some(crawl) => {
                crawl.frontier.stop();
                let text = "Finishing what is in hand; press Ctrl-C again to leave at once.";
                crawl.progress.set_note(Some(text.to_owned()));
            }
            None => eprintln!("Judging what there is; press Ctrl-C again to leave at once."),
        }
    }
}

fn reload(crawl: &Crawl, file: Option<&Path>) {
    match file.map(settings::opt_out) {
        Some(Ok(list)) => {
            *crawl.opt_out.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(list);
            tracing::info!("the opt-out list was reread");
        }
        Some(Err(error)) => tracing::error!("the opt-out list stays as it was: {error}"),
        None => tracing::info!("SIGHUP: there is no opt-out list to reread"),
    }
}
