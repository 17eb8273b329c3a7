//! Notes that another part of the program keeps: a contact is begun only when its note was accepted.

use tokio::sync::{mpsc, oneshot};

use super::Note;

/// A note that waits to be accepted. Dropped without an answer it is refused.
#[derive(Debug)]
pub struct Ask {
    /// What is about to be done.
    pub note: Note,
    answer: oneshot::Sender<()>,
}

impl Ask {
    /// It may be done.
    pub fn accept(self) {
        // The task that asked may be gone.
        let _ = self.answer.send(());
    }

    /// Whether no task waits for the answer any more.
    pub fn is_stale(&self) -> bool {
        self.answer.is_closed()
    }
}

/// The notes that are asked for, as they come.
pub type Asks = mpsc::UnboundedReceiver<Ask>;

/// The asking side.
#[derive(Debug)]
pub(super) struct Fence(mpsc::UnboundedSender<Ask>);

pub(super) fn channel() -> (Fence, Asks) {
    // A task that asks waits for the answer, so there are never more asks than contacts under way.
    let (asks, receiver) = mpsc::unbounded_channel();
    (Fence(asks), receiver)
}

impl Fence {
    /// Whether the note was accepted.
    pub(super) async fn ask(&self, note: Note) -> bool {
        let (answer, accepted) = oneshot::channel();
        self.0.send(Ask { note, answer }).is_ok() && accepted.await.is_ok()
    }
}
