//! Replies and the dialogue: what any peer may send.

use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::EndpointStage;
use mxcensus_rules::smtp::dialogue::MAX_TEXT;
use mxcensus_rules::smtp::reply::{MAX_LINE, MAX_LINES, MAX_REPLY, Malformed};
use mxcensus_rules::smtp::{Action, Dialogue, Reply, ReplyReader, Step};

use super::assert_harmless;

/// A length of pieces, then bytes from the wire.
pub fn reply(data: &[u8]) {
    let Some((&piece, wire)) = data.split_first() else { return };
    // A single push of more than this is cut, by contract.
    let wire = &wire[..wire.len().min(MAX_REPLY)];
    let (replies, end) = read_in_pieces(wire, wire.len().max(1));
    assert_eq!(read_in_pieces(wire, usize::from(piece) + 1), (replies.clone(), end), "how the bytes were cut");
    assert!(end.is_none_or(|_| !wire.is_empty()));
    for reply in &replies {
        assert!((200..600).contains(&reply.code));
        assert!((1..=MAX_LINES).contains(&reply.lines.len()));
        assert!(reply.lines.iter().all(|line| line.len() <= MAX_LINE && !line.contains(&b'\n')));
        assert!(reply.text().len() <= MAX_REPLY);
        assert_eq!(reply.capabilities().len() + 1, reply.lines.len());
        let printed = print(reply);
        // Printing adds what a bare code or a bare LF left out, which can reach over a limit.
        if printed.len() < MAX_REPLY && reply.lines.iter().all(|line| line.len() + 5 < MAX_LINE) {
            assert_eq!(read_in_pieces(&printed, printed.len()), (vec![reply.clone()], None), "print and read");
        }
    }
    let mut reader = ReplyReader::default();
    reader.push(wire);
    while let Ok(Some(_)) = reader.next_reply() {}
    if reader.pending_is_foreign() {
        reader.push(b"\r\n250 x\r\n");
        assert!(!matches!(reader.next_reply(), Ok(Some(_))), "what is foreign cannot become a reply");
    }
    let pending = reader.pending().len();
    assert!(pending <= MAX_REPLY + 1);
    assert_eq!(reader.take_pending().len(), pending);
    assert!(reader.pending().is_empty());
}

fn read_in_pieces(wire: &[u8], length: usize) -> (Vec<Reply>, Option<Malformed>) {
    let mut reader = ReplyReader::default();
    let mut replies = Vec::new();
    for piece in wire.chunks(length.max(1)) {
        reader.push(piece);
        loop {
            match reader.next_reply() {
                Ok(Some(reply)) => replies.push(reply),
                Ok(None) => break,
                Err(malformed) => return (replies, Some(malformed)),
            }
        }
    }
    (replies, None)
}

fn print(reply: &Reply) -> Vec<u8> {
    let last = reply.lines.len() - 1;
    let line = |(index, text): (usize, &Vec<u8>)| {
        let between = if index == last { ' ' } else { '-' };
        // A line that ends in CR would lose it to the CRLF, were there not another.
        [format!("{}{between}", reply.code).as_bytes(), text, b"\r\n"].concat()
    };
    reply.lines.iter().enumerate().flat_map(line).collect()
}

/// A script: bytes 0 to 3 are events, what stands between them is what the peer sent at a time.
pub fn dialogue(script: &[u8]) {
    let mut dialogue = Dialogue::new("probe.example");
    let mut commands: Vec<String> = Vec::new();
    let mut secured = false;
    let mut at = 0;
    while at < script.len() {
        let (action, used) = match script[at] {
            0 => (dialogue.ended(Failure::ConnectionClosed), 1),
            1 => (dialogue.ended(Failure::SmtpTimeout), 1),
            // The handshake ends one way or the other only where there is one.
            2 if dialogue.step() == Step::Handshake => {
                secured = true;
                (dialogue.secured(false), 1)
            }
            3 if dialogue.step() == Step::Handshake => (dialogue.insecure(Failure::TlsAlert, false), 1),
            2 | 3 => (dialogue.receive(b""), 1),
            _ => {
                let rest = &script[at..];
                let length = rest.iter().position(|&byte| byte < 4).unwrap_or(rest.len());
                (dialogue.receive(&rest[..length]), length)
            }
        };
        at += used;
        follow(&dialogue, action, &mut commands);
    }
    // The peer goes away, however often it has to be told.
    for _ in 0..2 {
        let action = match dialogue.step() {
            Step::Handshake => dialogue.insecure(Failure::TlsTimeout, false),
            _ => dialogue.ended(Failure::ConnectionClosed),
        };
        follow(&dialogue, action, &mut commands);
    }
    assert_eq!(dialogue.step(), Step::Over, "every conversation ends");
    assert_eq!(dialogue.receive(b"220 x\r\n"), Action::Close);

    let verbs: Vec<&str> = commands.iter().map(|command| command.split([' ', '\r']).next().unwrap_or("")).collect();
    assert!(verbs.len() <= 5, "{verbs:?}");
    assert!(verbs.iter().all(|verb| ["EHLO", "HELO", "STARTTLS", "QUIT"].contains(verb)), "{verbs:?}");
    assert!(!verbs.iter().rev().skip(1).any(|verb| *verb == "QUIT"), "QUIT comes last, once: {verbs:?}");

    let seen = dialogue.into_seen();
    assert_eq!(seen.stage == EndpointStage::Done, secured);
    assert_eq!(seen.error.is_none(), secured, "done, or a reason why not");
    assert_eq!(seen.error == Some(Failure::StarttlsNotOffered), seen.starttls == Some(false));
    assert!(seen.ehlo_tls_capabilities.is_none() || secured);
    let texts = [&seen.banner, &seen.ehlo_name, &seen.reply_text];
    let lists = [&seen.ehlo_capabilities, &seen.ehlo_tls_capabilities];
    for text in texts.into_iter().flatten().chain(lists.into_iter().flatten().flatten()) {
        assert_harmless(text);
        assert!(text.len() <= 4 * MAX_TEXT);
    }
}

fn follow(dialogue: &Dialogue, action: Action, commands: &mut Vec<String>) {
    match action {
        Action::Send(bytes) => {
            let command = String::from_utf8(bytes).expect("commands are ASCII");
            assert!(command.ends_with("\r\n") && command.lines().count() == 1, "{command:?} is one line");
            commands.push(command);
        }
        Action::Close => assert_eq!(dialogue.step(), Step::Over),
        Action::StartTls => assert_eq!(dialogue.step(), Step::Handshake),
        Action::Read => assert!(!matches!(dialogue.step(), Step::Handshake | Step::Over)),
    }
}
