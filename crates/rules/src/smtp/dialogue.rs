//! The conversation with an MX: greeting, EHLO (HELO when that is refused), STARTTLS, EHLO under TLS, QUIT.
//!
//! [`Dialogue`] owns no socket. The caller feeds it what the peer did ([`Dialogue::receive`],
//! [`Dialogue::ended`], [`Dialogue::secured`], [`Dialogue::insecure`]) and does the [`Action`] that it
//! gets back; [`Dialogue::step`] says what is being waited for, so that the caller can choose a time
//! limit. What was seen, and what ended it, collects in [`Seen`]. RFC 5321 §3.1, §3.2, §4.1.1.1, §4.1.1.10;
//! RFC 3207 §4.

use super::reply::{Reply, ReplyReader};
use crate::failure::Failure;
use crate::observation::EndpointStage;
use crate::text::escape;

/// The most bytes kept of one text (a greeting, a reply), before escaping; a flag beside it says when it was cut.
pub const MAX_TEXT: usize = 4096;

/// The most bytes kept of the extension lines of one EHLO reply, before escaping. Real ones have a few hundred.
pub const MAX_CAPABILITIES: usize = 4096;

/// How many further 220 replies are passed over while the answer to EHLO is awaited.
const MAX_REPEATED_GREETINGS: usize = 8;

/// What the caller does next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Read on and feed what comes.
    Read,
    /// Write these bytes, then read on.
    Send(Vec<u8>),
    /// Begin the TLS handshake, then call [`Dialogue::secured`] or [`Dialogue::insecure`].
    StartTls,
    /// Close the connection: there is nothing more to say or to hear.
    Close,
}

/// What is being waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// The greeting (RFC 5321 §3.1).
    Greeting,
    /// The answer to EHLO.
    Ehlo,
    /// The answer to HELO, after EHLO was refused.
    Helo,
    /// The answer to STARTTLS.
    Starttls,
    /// The handshake.
    Handshake,
    /// The answer to EHLO under TLS.
    TlsEhlo,
    /// The answer to QUIT.
    Quit,
    /// Nothing.
    Over,
}

/// What was seen. Texts are escaped; `None` where it did not come to that.
#[derive(Clone, Debug, Eq, PartialEq)]
#[allow(missing_docs, reason = "named after the columns of `endpoints`, documented in dataset::columns")]
pub struct Seen {
    pub stage: EndpointStage,
    pub error: Option<Failure>,
    pub banner: Option<String>,
    pub banner_truncated: bool,
    pub ehlo_name: Option<String>,
    pub helo_used: Option<bool>,
    pub ehlo_capabilities: Option<Vec<String>>,
    pub ehlo_capabilities_truncated: bool,
    pub ehlo_tls_capabilities: Option<Vec<String>>,
    pub reply_code: Option<u16>,
    pub reply_text: Option<String>,
    pub reply_text_truncated: bool,
    pub starttls: Option<bool>,
    pub injected: Option<bool>,
}

/// The state of one conversation.
#[derive(Debug)]
pub struct Dialogue {
    own_name: String,
    reader: ReplyReader,
    step: Step,
    seen: Seen,
    /// Bytes at the head of the reader that came before we sent the command that is waiting for its answer.
    early: usize,
    repeated_greetings: usize,
}

impl Dialogue {
    /// A conversation in which we call ourselves `own_name` (RFC 5321 §4.1.1.1). The greeting comes first.
    pub fn new(own_name: &str) -> Dialogue {
        Dialogue {
            own_name: own_name.to_owned(),
            reader: ReplyReader::default(),
            step: Step::Greeting,
            seen: Seen {
                stage: EndpointStage::Banner,
                error: None,
                banner: None,
                banner_truncated: false,
                ehlo_name: None,
                helo_used: None,
                ehlo_capabilities: None,
                ehlo_capabilities_truncated: false,
                ehlo_tls_capabilities: None,
                reply_code: None,
                reply_text: None,
                reply_text_truncated: false,
                starttls: None,
                injected: None,
            },
            early: 0,
            repeated_greetings: 0,
        }
    }

    /// What is being waited for.
    pub fn step(&self) -> Step {
        self.step
    }

    /// What was seen so far.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// What was seen, at the end.
    pub fn into_seen(self) -> Seen {
        self.seen
    }

    /// The peer sent these bytes.
    pub fn receive(&mut self, bytes: &[u8]) -> Action {
        if self.step == Step::Over {
            return Action::Close;
        }
        self.reader.push(bytes);
        if self.step == Step::Handshake {
            return Action::StartTls;
        }
        let mut next = Action::Read;
        loop {
            let before = self.reader.pending().len();
            let reply = match self.reader.next_reply() {
                Ok(None) => return next,
                Ok(Some(reply)) => reply,
                Err(_) => return self.not_smtp(),
            };
            let was_early = self.early > 0;
            self.early = self.early.saturating_sub(before - self.reader.pending().len());
            if let Some(action) = self.take_reply(&reply, was_early) {
                next = action;
            }
            // Further bytes came before the command that is about to go out: they are judged now, as early.
            let awaits_reply = matches!(self.step, Step::Ehlo | Step::Helo | Step::Starttls);
            if !awaits_reply || self.reader.pending().is_empty() {
                return next;
            }
        }
    }

    /// The conversation cannot go on: the peer closed ([`Failure::ConnectionClosed`]), reset
    /// ([`Failure::ConnectReset`]), or the time for [`Dialogue::step`] ran out (any timeout word; the right one for
    /// the step is put in its place). After a timeout there is still a QUIT to send.
    pub fn ended(&mut self, failure: Failure) -> Action {
        let timed_out = !matches!(failure, Failure::ConnectionClosed | Failure::ConnectReset);
        let failure = match (self.step, timed_out) {
            (Step::Quit | Step::Over, _) => {
                self.step = Step::Over;
                return Action::Close;
            }
            // The handshake is done, so the row is `done`: what fails after it is not a failure of the row.
            (Step::TlsEhlo, true) => return self.quit(),
            (Step::TlsEhlo, false) => {
                self.step = Step::Over;
                return Action::Close;
            }
            _ if self.reader.pending_is_foreign() => Failure::SmtpProtocol,
            // EHLO was refused and the peer did not stay for HELO: the refusal is what ended it.
            (Step::Helo, false) => Failure::EhloRejected,
            (Step::Greeting, true) => Failure::BannerTimeout,
            (_, true) => Failure::SmtpTimeout,
            (_, false) => failure,
        };
        let partial = self.reader.take_pending();
        if !partial.is_empty() {
            self.keep_reply(None, &partial);
        }
        self.seen.error = Some(failure);
        if timed_out {
            self.quit()
        } else {
            self.step = Step::Over;
            Action::Close
        }
    }

    /// What came behind the 220 to STARTTLS: it belongs to the handshake, or is [`super::ClearText`].
    pub fn take_leftover(&mut self) -> Vec<u8> {
        self.reader.take_pending()
    }

    /// The handshake is complete: EHLO comes again, and what was said in clear is not to be believed any more
    /// (RFC 3207 §4.2). `injected` says whether clear text came before it.
    pub fn secured(&mut self, injected: bool) -> Action {
        self.reader.take_pending();
        self.seen.injected = Some(injected);
        self.seen.stage = EndpointStage::Done;
        self.send(Step::TlsEhlo, format!("EHLO {}\r\n", self.own_name))
    }

    /// The handshake failed: the connection is of no more use.
    pub fn insecure(&mut self, failure: Failure, injected: bool) -> Action {
        self.seen.injected = Some(injected);
        self.seen.stage = EndpointStage::Tls;
        self.seen.error = Some(failure);
        self.step = Step::Over;
        Action::Close
    }

    /// What a reply leads to; `None` when it was passed over and the next one counts.
    fn take_reply(&mut self, reply: &Reply, early: bool) -> Option<Action> {
        // A second greeting answers nothing (RFC 5321 §4.2.3: 220 is for greetings); some servers send two.
        let repeated_greeting = self.step == Step::Ehlo && reply.code == 220;
        if repeated_greeting && self.repeated_greetings < MAX_REPEATED_GREETINGS {
            self.repeated_greetings += 1;
            return None;
        }
        // RFC 5321 §4.1.1: replies follow commands; what was there before the command cannot be its answer.
        if repeated_greeting || (early && self.step != Step::Quit) {
            self.keep_reply(Some(reply.code), &reply.text());
            self.reader.take_pending();
            return Some(self.not_smtp());
        }
        Some(match self.step {
            Step::Greeting => self.greeted(reply),
            Step::Ehlo => self.answered_ehlo(reply),
            Step::Helo => self.answered_helo(reply),
            Step::Starttls => self.answered_starttls(reply),
            Step::TlsEhlo => {
                if reply.is_positive() {
                    self.seen.ehlo_tls_capabilities = Some(self.kept_lines(reply.capabilities()));
                }
                self.quit()
            }
            Step::Handshake | Step::Quit | Step::Over => {
                self.step = Step::Over;
                Action::Close
            }
        })
    }

    fn greeted(&mut self, reply: &Reply) -> Action {
        let (text, truncated) = capped(&reply.text());
        (self.seen.banner, self.seen.banner_truncated) = (Some(text), truncated);
        match reply.code / 100 {
            2 => self.send(Step::Ehlo, format!("EHLO {}\r\n", self.own_name)),
            // RFC 5321 §3.1: a server may refuse in its greeting, and still waits for QUIT.
            4 | 5 => self.refused(Failure::BannerRejected, reply),
            _ => self.refused(Failure::SmtpProtocol, reply),
        }
    }

    fn answered_ehlo(&mut self, reply: &Reply) -> Action {
        if reply.is_permanent() {
            // RFC 5321 §3.2: after a 5yz to EHLO the client should fall back to HELO.
            self.keep_reply(Some(reply.code), &reply.text());
            self.seen.helo_used = Some(true);
            return self.send(Step::Helo, format!("HELO {}\r\n", self.own_name));
        }
        if !reply.is_positive() {
            return self.refused(Failure::EhloRejected, reply);
        }
        self.seen.helo_used = Some(false);
        self.seen.ehlo_name = reply.own_name().map(escape);
        self.seen.ehlo_capabilities = Some(self.kept_lines(reply.capabilities()));
        let offered = reply.announces("STARTTLS");
        self.seen.starttls = Some(offered);
        if offered {
            self.send(Step::Starttls, "STARTTLS\r\n".to_owned())
        } else {
            self.refused(Failure::StarttlsNotOffered, reply)
        }
    }

    fn answered_helo(&mut self, reply: &Reply) -> Action {
        if !reply.is_positive() {
            return self.refused(Failure::EhloRejected, reply);
        }
        self.seen.ehlo_name = reply.own_name().map(escape);
        // RFC 3207 §4: STARTTLS is announced in an EHLO reply, so a server that only knows HELO has none.
        self.seen.starttls = Some(false);
        self.refused(Failure::StarttlsNotOffered, reply)
    }

    fn answered_starttls(&mut self, reply: &Reply) -> Action {
        if !reply.is_positive() {
            return self.refused(Failure::StarttlsRejected, reply);
        }
        self.keep_reply(Some(reply.code), &reply.text());
        self.seen.stage = EndpointStage::Tls;
        self.step = Step::Handshake;
        Action::StartTls
    }

    fn refused(&mut self, failure: Failure, reply: &Reply) -> Action {
        self.keep_reply(Some(reply.code), &reply.text());
        self.seen.error = Some(failure);
        self.quit()
    }

    fn not_smtp(&mut self) -> Action {
        let garbage = self.reader.take_fault();
        match self.step {
            // Nothing after the handshake changes the row.
            Step::TlsEhlo => return self.quit(),
            Step::Quit => {
                self.step = Step::Over;
                return Action::Close;
            }
            _ => {}
        }
        if !garbage.is_empty() {
            self.keep_reply(None, &garbage);
        }
        self.seen.error = Some(Failure::SmtpProtocol);
        self.quit()
    }

    fn quit(&mut self) -> Action {
        self.reader.take_pending();
        self.send(Step::Quit, "QUIT\r\n".to_owned())
    }

    fn send(&mut self, step: Step, command: String) -> Action {
        self.step = step;
        self.early = self.reader.pending().len();
        match step {
            Step::Ehlo => self.seen.stage = EndpointStage::Ehlo,
            Step::Starttls => self.seen.stage = EndpointStage::Starttls,
            _ => {}
        }
        Action::Send(command.into_bytes())
    }

    /// The first lines of an EHLO reply that fit [`MAX_CAPABILITIES`].
    fn kept_lines(&mut self, lines: &[Vec<u8>]) -> Vec<String> {
        let mut room = MAX_CAPABILITIES;
        let fits = |line: &&Vec<u8>| {
            let left = room.checked_sub(line.len());
            room = left.unwrap_or(0);
            left.is_some()
        };
        let kept: Vec<String> = lines.iter().take_while(fits).map(|line| escape(line)).collect();
        self.seen.ehlo_capabilities_truncated |= kept.len() < lines.len();
        kept
    }

    fn keep_reply(&mut self, code: Option<u16>, text: &[u8]) {
        let (text, truncated) = capped(text);
        self.seen.reply_code = code;
        self.seen.reply_text = Some(text);
        self.seen.reply_text_truncated = truncated;
    }
}

fn capped(text: &[u8]) -> (String, bool) {
    (escape(&text[..text.len().min(MAX_TEXT)]), text.len() > MAX_TEXT)
}

#[cfg(test)]
mod tests;
