use super::super::ClearText;
use super::*;
use proptest::prelude::*;

const CAPABLE: &str = "250-mx.example greets you\r\n250-SIZE 1000\r\n250 StartTLS\r\n";

/// Plays a server that answers each command with the next script line, each cut into pieces of `cut` bytes; at the
/// end of the script it closes. A handshake always works. Returns what was seen and what was sent.
fn play(script: &[&[u8]], cut: usize) -> (Seen, Vec<String>) {
    let mut dialogue = Dialogue::new("probe.example");
    let (mut sent, mut script) = (Vec::new(), script.iter());
    let mut action = Action::Read;
    loop {
        action = match action {
            Action::Close => break,
            Action::StartTls => {
                sent.push("(tls)".to_owned());
                let (mut filter, mut leftover) = (ClearText::default(), dialogue.take_leftover());
                filter.drop_from(&mut leftover);
                dialogue.secured(filter.was_seen())
            }
            Action::Send(_) | Action::Read => {
                if let Action::Send(bytes) = action {
                    sent.push(String::from_utf8(bytes).unwrap().trim_end().to_owned());
                }
                match script.next() {
                    None => dialogue.ended(Failure::ConnectionClosed),
                    Some(answer) => {
                        let mut next = Action::Read;
                        for piece in answer.chunks(cut) {
                            if next != Action::Read && next != Action::StartTls {
                                break;
                            }
                            next = dialogue.receive(piece);
                        }
                        next
                    }
                }
            }
        };
    }
    (dialogue.into_seen(), sent)
}

fn whole(script: &[&str]) -> (Seen, Vec<String>) {
    let script: Vec<&[u8]> = script.iter().map(|s| s.as_bytes()).collect();
    play(&script, usize::MAX)
}

#[test]
fn the_good_path() {
    let (seen, sent) = whole(&["220 mx\r\n", CAPABLE, "220 go\r\n", "250-mx\r\n250 REQUIRETLS\r\n", "221 bye\r\n"]);
    assert_eq!(sent, ["EHLO probe.example", "STARTTLS", "(tls)", "EHLO probe.example", "QUIT"]);
    assert_eq!((seen.stage, seen.error), (EndpointStage::Done, None));
    assert_eq!(seen.banner.as_deref(), Some("mx"));
    assert_eq!(seen.ehlo_name.as_deref(), Some("mx.example"));
    assert_eq!(seen.ehlo_capabilities.unwrap(), ["SIZE 1000", "StartTLS"]);
    assert_eq!(seen.ehlo_tls_capabilities.unwrap(), ["REQUIRETLS"]);
    assert_eq!((seen.starttls, seen.injected, seen.helo_used), (Some(true), Some(false), Some(false)));
    assert_eq!((seen.reply_code, seen.reply_text.as_deref()), (Some(220), Some("go")));
}

#[test]
fn an_endless_list_of_extensions_is_cut_and_flagged() {
    let lines: String = (0..100).map(|n| format!("250-X{n} {}\r\n", "x".repeat(100))).collect();
    let ehlo = format!("250-mx.example\r\n250-STARTTLS\r\n{lines}250 LAST\r\n");
    let (seen, _) = whole(&["220 mx\r\n", &ehlo, "454 no\r\n"]);
    let kept = seen.ehlo_capabilities.unwrap();
    assert!(seen.ehlo_capabilities_truncated && kept.len() < 50, "{} lines are kept", kept.len());
    assert!(kept.iter().map(String::len).sum::<usize>() <= MAX_CAPABILITIES);
    assert_eq!(seen.starttls, Some(true));
}

#[test]
fn where_it_ends() {
    use EndpointStage::{Banner, Done, Ehlo, Starttls, Tls};
    use Failure::*;
    type Case<'a> = (&'a [&'a str], EndpointStage, Option<Failure>, Option<u16>, &'a [&'a str], &'a str);
    let cases: &[Case] = &[
        (&["451 later\r\n"], Banner, Some(BannerRejected), Some(451), &["QUIT"], "greylisting at the greeting"),
        (&["554-no\r\n554 never\r\n"], Banner, Some(BannerRejected), Some(554), &["QUIT"], "refused for good"),
        (&[], Banner, Some(ConnectionClosed), None, &[], "closed before the greeting"),
        (&["354 what\r\n"], Banner, Some(SmtpProtocol), Some(354), &["QUIT"], "a 3yz greets nobody"),
        (&["SSH-2.0-x\r\n"], Banner, Some(SmtpProtocol), None, &["QUIT"], "not SMTP"),
        (&["\x16\x03\x01"], Banner, Some(SmtpProtocol), None, &[], "foreign bytes, then closed"),
        (&["220 x\r\n"], Ehlo, Some(ConnectionClosed), None, &["EHLO probe.example"], "closed at EHLO"),
        (
            &["220 x\r\n", "421 busy\r\n"],
            Ehlo,
            Some(EhloRejected),
            Some(421),
            &["EHLO probe.example", "QUIT"],
            "a 4yz to EHLO is no reason for HELO",
        ),
        (
            &["220 x\r\n", "502 what\r\n", "250 hi\r\n"],
            Ehlo,
            Some(StarttlsNotOffered),
            Some(250),
            &["EHLO probe.example", "HELO probe.example", "QUIT"],
            "HELO only",
        ),
        (
            &["220 x\r\n", "502 what\r\n", "550 no\r\n"],
            Ehlo,
            Some(EhloRejected),
            Some(550),
            &["EHLO probe.example", "HELO probe.example", "QUIT"],
            "HELO refused too",
        ),
        (
            &["220 x\r\n", "554 go away\r\n"],
            Ehlo,
            Some(EhloRejected),
            Some(554),
            &["EHLO probe.example", "HELO probe.example"],
            "closed after refusing EHLO",
        ),
        (
            &["220 x\r\n", "250-mx\r\n250 SIZE\r\n"],
            Ehlo,
            Some(StarttlsNotOffered),
            Some(250),
            &["EHLO probe.example", "QUIT"],
            "no STARTTLS",
        ),
        (
            &["220 x\r\n220 y\r\n", CAPABLE],
            Starttls,
            Some(ConnectionClosed),
            None,
            &["EHLO probe.example", "STARTTLS"],
            "two greetings at once",
        ),
        (
            &["220 x\r\n", "220 y\r\n250-mx\r\n250 STARTTLS\r\n"],
            Starttls,
            Some(ConnectionClosed),
            None,
            &["EHLO probe.example", "STARTTLS"],
            "a second greeting late",
        ),
        (
            &["220 x\r\n250-mx\r\n250 SIZE\r\n"],
            Ehlo,
            Some(SmtpProtocol),
            Some(250),
            &["QUIT"],
            "an answer before the question must not read as 'no STARTTLS'",
        ),
        (
            &["220 x\r\n", CAPABLE, "454 not now\r\n"],
            Starttls,
            Some(StarttlsRejected),
            Some(454),
            &["EHLO probe.example", "STARTTLS", "QUIT"],
            "454",
        ),
        (
            &["220 x\r\n", CAPABLE, "junk\r\n"],
            Starttls,
            Some(SmtpProtocol),
            None,
            &["EHLO probe.example", "STARTTLS", "QUIT"],
            "garbage instead of 220",
        ),
        (
            &["220 x\r\n", CAPABLE, "220 go\r\n"],
            Done,
            None,
            Some(220),
            &["EHLO probe.example", "STARTTLS", "(tls)", "EHLO probe.example"],
            "closed after the handshake: still done",
        ),
        (
            &["220 x\r\n", CAPABLE, "220 go\r\n", "550 no\r\n"],
            Done,
            None,
            Some(220),
            &["EHLO probe.example", "STARTTLS", "(tls)", "EHLO probe.example", "QUIT"],
            "EHLO refused under TLS",
        ),
    ];
    for (script, stage, error, code, sent, why) in cases {
        let (seen, did) = whole(script);
        assert_eq!((seen.stage, seen.error, seen.reply_code), (*stage, *error, *code), "{why}");
        assert_eq!(did, *sent, "{why}");
    }
    let mut dialogue = Dialogue::new("probe.example");
    for answer in ["220 x\r\n", CAPABLE, "220 go\r\n"] {
        dialogue.receive(answer.as_bytes());
    }
    assert_eq!(dialogue.insecure(TlsCipher, false), Action::Close);
    assert_eq!((dialogue.seen().stage, dialogue.seen().error), (Tls, Some(TlsCipher)));
}

#[test]
fn a_list_of_extensions_that_fits_is_whole() {
    let fits = format!("250-{}\r\n", "x".repeat(1024)).repeat(3);
    for (last, truncated) in [(1024 - "STARTTLS".len(), false), (1025 - "STARTTLS".len(), true)] {
        let ehlo = format!("250-mx.example\r\n250-STARTTLS\r\n{fits}250 {}\r\n", "x".repeat(last));
        let (seen, _) = whole(&["220 mx\r\n", &ehlo, "454 no\r\n"]);
        assert_eq!(seen.ehlo_capabilities_truncated, truncated, "{last} bytes in the last line");
        assert_eq!(seen.ehlo_capabilities.unwrap().len(), if truncated { 4 } else { 5 });
    }
}

#[test]
fn greetings_are_repeated_within_reason() {
    let greetings = |n: usize| "220 again\r\n".repeat(n);
    let (seen, sent) = whole(&["220 x\r\n", &format!("{}{CAPABLE}", greetings(MAX_REPEATED_GREETINGS))]);
    assert_eq!((seen.stage, sent.last().map(String::as_str)), (EndpointStage::Starttls, Some("STARTTLS")));
    let (seen, _) = whole(&["220 x\r\n", &format!("{}{CAPABLE}", greetings(MAX_REPEATED_GREETINGS + 1))]);
    assert_eq!((seen.stage, seen.error), (EndpointStage::Ehlo, Some(Failure::SmtpProtocol)));
    // RFC 5321 §4.1.1: what came before EHLO was sent answers it no more for standing behind a second greeting.
    let (seen, _) = whole(&[&format!("220 x\r\n220 again\r\n{CAPABLE}")]);
    assert_eq!((seen.stage, seen.error), (EndpointStage::Ehlo, Some(Failure::SmtpProtocol)));
}

#[test]
fn nothing_after_the_handshake_changes_the_row() {
    let secured = || {
        let mut dialogue = Dialogue::new("probe.example");
        for answer in ["220 x\r\n", CAPABLE, "220 go\r\n"] {
            dialogue.receive(answer.as_bytes());
        }
        dialogue.secured(false);
        dialogue
    };
    let quit = Action::Send(b"QUIT\r\n".to_vec());
    let mut silent = secured();
    assert_eq!(silent.ended(Failure::SmtpTimeout), quit);
    let mut babbling = secured();
    assert_eq!(babbling.receive(b"what?\r\n"), quit);
    assert_eq!(babbling.receive(b"what?\r\n"), Action::Close, "no second QUIT");
    let mut gone = secured();
    assert_eq!(gone.ended(Failure::ConnectReset), Action::Close);
    for dialogue in [silent, babbling, gone] {
        let seen = dialogue.into_seen();
        assert_eq!((seen.stage, seen.error), (EndpointStage::Done, None));
        assert_eq!((seen.reply_code, seen.reply_text.as_deref()), (Some(220), Some("go")));
    }
}

#[test]
fn injected_bytes_are_noted_and_dropped() {
    let (seen, _) = whole(&["220 x\r\n", CAPABLE, "220 go\r\n250-evil\r\n250 AUTH\r\n", "250-mx\r\n250 SIZE\r\n"]);
    assert_eq!(seen.injected, Some(true));
    assert_eq!(seen.ehlo_tls_capabilities.unwrap(), ["SIZE"], "what was injected is not believed");
    assert_eq!(seen.reply_text.as_deref(), Some("go"));
}

#[test]
fn timeouts_say_quit_and_name_the_step() {
    let cases: &[(&[&str], Failure)] = &[
        (&[], Failure::BannerTimeout),
        (&["220-wait\r\n"], Failure::BannerTimeout),
        (&["hello?"], Failure::SmtpProtocol),
        (&["220 x\r\n"], Failure::SmtpTimeout),
        (&["220 x\r\n", CAPABLE], Failure::SmtpTimeout),
    ];
    for (script, failure) in cases {
        let mut dialogue = Dialogue::new("probe.example");
        for answer in *script {
            dialogue.receive(answer.as_bytes());
        }
        assert_eq!(dialogue.ended(Failure::SmtpTimeout), Action::Send(b"QUIT\r\n".to_vec()), "{script:?}");
        assert_eq!(dialogue.seen().error, Some(*failure), "{script:?}");
        assert_eq!(dialogue.ended(Failure::SmtpTimeout), Action::Close, "no second QUIT");
        assert_eq!(dialogue.seen().error, Some(*failure), "the first failure stays");
    }
    let mut dialogue = Dialogue::new("probe.example");
    dialogue.receive(b"220-slow\r\n220-er");
    dialogue.ended(Failure::SmtpTimeout);
    assert_eq!(dialogue.seen().reply_text.as_deref(), Some("220-slow\\013\\010220-er"), "what came is kept");
}

#[test]
fn long_texts_are_cut_and_flagged() {
    let greeting = "220-0123456789\r\n".repeat(100).into_bytes();
    let long = [&greeting.repeat(1)[..], &[b"220-", vec![b'x'; 1900].as_slice(), b"\r\n"].concat().repeat(3)].concat();
    let long = [long, b"220 end\r\n".to_vec()].concat();
    let (seen, _) = play(&[&long], usize::MAX);
    assert!(seen.banner_truncated);
    assert_eq!(crate::text::unescape(&seen.banner.unwrap()).len(), MAX_TEXT);

    // Three lines, two line feeds between them.
    let text = |length: usize| format!("220-{0}\r\n220-{0}\r\n220 {1}\r\n", "x".repeat(1500), "x".repeat(length));
    for (last, truncated) in [(MAX_TEXT - 3002, false), (MAX_TEXT - 3001, true)] {
        assert_eq!(whole(&[&text(last)]).0.banner_truncated, truncated, "{last} bytes in the last line");
    }
}

proptest! {
    #[test]
    fn cuts_make_no_difference(
        script in proptest::collection::vec(prop_oneof![
            Just("220 x\r\n"), Just(CAPABLE), Just("250 ok\r\n"), Just("554-a\r\n554 b\r\n"), Just("451\r\n"),
            Just("220-x\n220 y\n"), Just("garbage\r\n"), Just("250-a\r\n251 b\r\n"), Just("99"),
        ], 0..7),
        cut in 1usize..9,
    ) {
        // One reply for each command: bytes that come early are judged by when they came.
        let script: Vec<&[u8]> = script.iter().map(|s| s.as_bytes()).collect();
        prop_assert_eq!(play(&script, cut), play(&script, usize::MAX));
    }

    #[test]
    fn anything_ends_and_nothing_panics(script in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..9), cut in 1usize..60) {
        let script: Vec<&[u8]> = script.iter().map(Vec::as_slice).collect();
        let (seen, sent) = play(&script, cut);
        prop_assert!(sent.len() < 12);
        prop_assert!(seen.error.is_some() || seen.stage == EndpointStage::Done);
    }
}
