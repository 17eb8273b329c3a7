//! Ctrl-C, SIGTERM and SIGHUP.

use std::path::PathBuf;
use std::sync::{Arc, Weak};

use mxcensus_dataset::Dataset;
use mxcensus_dataset::manifest::OptOutList;
use tokio::sync::watch;

use crate::{kept, logging, settings};
use mxcensus_scan::stage::Crawl;

/// Ctrl-C or SIGTERM once: finish what is in hand. Twice: leave at once. SIGHUP: reread the opt-out list. Obeys while the
/// judge is at work too, when the crawl is gone.
pub(super) async fn obey(crawl: Weak<Crawl>, list: List) {
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
                    list.reload(&crawl);
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
            None => logging::say("Judging what there is; press Ctrl-C again to leave at once."),
        }
    }
}

/// The opt-out list: where it is read from, and the dataset that keeps a copy of it.
pub(super) struct List {
    /// The file that was named; a crawl that goes on without one rereads its own copy.
    pub file: Option<PathBuf>,
    /// The dataset.
    pub dataset: Arc<Dataset>,
    /// Told of each list that took the place of another.
    pub replaced: watch::Sender<Option<OptOutList>>,
}

impl List {
    /// The list takes the place of the one in force, here and in the dataset: a resume does not forget it.
    fn reload(&self, crawl: &Crawl) {
        let Some(file) = &self.file else {
            tracing::info!("SIGHUP: there is no opt-out list to reread");
            return;
        };
        match settings::opt_out(file) {
            Ok((list, text)) => {
                let (folder, name, entries) = (self.dataset.input_folder(), file.display().to_string(), list.len());
                crawl.left_alone.replace(list);
                match kept::keep_opt_out(&folder, &text, &name, entries) {
                    Ok(kept) => {
                        self.replaced.send_replace(Some(kept));
                        tracing::info!("the opt-out list was reread: {entries} entries");
                    }
                    Err(error) => tracing::error!("the opt-out list was reread, and could not be kept: {error}"),
                }
            }
            Err(error) => tracing::error!("the opt-out list stays as it was: {error}"),
        }
    }
}
