//! SMTP as a client sees it (RFC 5321, STARTTLS by RFC 3207), without a socket.
//!
//! [`reply`] turns bytes into replies and their capabilities; [`dialogue`] is the conversation up to
//! the handshake and the EHLO after it: bytes in, actions out; [`clear_text`] is what must not come in between. The owner of the socket
//! (`crate::scan::probe`) only carries bytes and watches the clock. No mail is ever begun: MAIL, RCPT
//! and DATA do not occur here.

pub mod clear_text;
pub mod dialogue;
pub mod reply;

pub use clear_text::ClearText;
pub use dialogue::{Action, Dialogue, Seen, Step};
pub use reply::{Reply, ReplyReader};
