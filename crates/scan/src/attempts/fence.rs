//! Notes that somebody else keeps: a contact is begun only when its note was accepted.

use tokio::sync::{mpsc, oneshot};

use super::Note;

/// A note that was accepted. It may carry a right to the contact, which is given back when this is dropped.
#[derive(Default)]
#[must_use = "what was noted is over when this is dropped"]
pub struct Noted(Option<Box<dyn Send + Sync>>);

impl Noted {
    /// Accepted, with something that is dropped when the contact is over.
    pub fn with(right: impl Send + Sync + 'static) -> Noted {
        Noted(Some(Box::new(right)))
    }

    /// Whether something is given back at the end of the contact.
    pub fn has_right(&self) -> bool {
        self.0.is_some()
    }
}

/// A note that waits to be accepted. Dropped without an answer it is refused.
#[derive(Debug)]
pub struct Ask {
    /// What is about to be done.
    pub note: Note,
    answer: oneshot::Sender<Noted>,
}

impl Ask {
    /// It may be done.
    pub fn accept(self, noted: Noted) {
        // Whoever asked may be gone.
        let _ = self.answer.send(noted);
    }

    /// Whether nobody waits for the answer any more.
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
    // Whoever asks waits for the answer, so there are never more than contacts under way.
    let (asks, receiver) = mpsc::unbounded_channel();
    (Fence(asks), receiver)
}

impl Fence {
    pub(super) async fn ask(&self, note: Note) -> Option<Noted> {
        let (answer, accepted) = oneshot::channel();
        self.0.send(Ask { note, answer }).ok()?;
        accepted.await.ok()
    }
}

impl std::fmt::Debug for Noted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Noted").field(&self.has_right()).finish()
    }
}
