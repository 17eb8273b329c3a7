//! SMTP up to the reply to STARTTLS (RFC 5321, RFC 3207), without policy or TLSA: what is reached, what is
//! decided, and what a sender would do.

use std::net::Ipv4Addr;

use super::super::LabError;
use super::super::expect::{
    ENFORCED, INDETERMINATE_OUTCOMES, NO_HANDSHAKE, NOT_OFFERED, OPEN, PLAINTEXT, STS_FAILS, UNDECIDED, UNREACHABLE,
};
use super::super::pki::Leaf;
use super::super::smtp::{Ehlo, Greeting, Server, Starttls};
use super::super::tls::Chains;
use super::super::world::{self, Cell, World};
use super::{IN_POLICY, mx_of, policy};
use mxcensus_scan::own_networks;

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    addresses(w);
    localhost(w);
    greetings(w)?;
    hellos(w)?;
    starttls(w)
}

fn addresses(w: &mut World) {
    // Walked by hand: "MX at 10.0.0.1". A neighbour of this machine may have that address, and is left alone.
    let private = Ipv4Addr::new(10, 0, 0, 1);
    let walked = ("lab-mx-private.com", "MX at 10.0.0.1", private, "special-address");
    // "no sender reaches: unreachable, not unknown" for the special ones; nobody answers at the others.
    for (d, about, address, failure) in [
        ("lab-smtp-refuses.com", "nobody listens at port 25", world::CLOSED, "connect-refused"),
        ("lab-smtp-deaf.com", "no answer to a connection", world::DEAF, "connect-timeout"),
        ("lab-smtp-unreachable.com", "no way to the host", world::UNREACHABLE, "connect-unreachable"),
        ("lab-smtp-private.com", "MX at 0.0.0.1", [0, 0, 0, 1].into(), "special-address"),
    ]
    .into_iter()
    .chain(Some(walked).filter(|_| !own_networks::is_attached(private.into())))
    {
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        w.address(&mx_of(d), address.into());
        w.expect(d, about, &[OPEN, UNREACHABLE], &[]);
        w.expect_mx(&mx_of(d), UNDECIDED);
        w.expect_endpoint(&mx_of(d), &[("error", failure)]);
        if failure == "special-address" {
            // "connections: TCP connections that this row cost".
            w.expect_endpoint(&mx_of(d), &[("connections", "0")]);
        }
    }
}

/// "`localhost` and names below it are never asked (RFC 6761 6.3): a special address, so unreachable."
fn localhost(w: &mut World) {
    for (d, about, host) in [
        ("lab-mx-localhost.com", "MX at localhost", "localhost"),
        ("lab-mx-below-localhost.com", "MX below localhost", "mail.localhost"),
    ] {
        w.zone(d, None);
        w.mx(d, &[(10, host)]);
        w.expect(d, about, &[OPEN, UNREACHABLE], &[("dane_verdict", "none")]);
        w.expect_mx(host, UNDECIDED);
        w.expect_endpoint(host, &[("error", "special-address"), ("connections", "0")]);
    }
}

fn server(w: &mut World, domain: &str, change: impl FnOnce(Server) -> Server) -> Result<(), LabError> {
    w.zone(domain, None);
    w.mx(domain, &[(10, &mx_of(domain))]);
    let chain = w.pki.issue(&Leaf::good(&mx_of(domain)))?;
    w.server(&mx_of(domain), change(Server::good(Chains::always(chain))));
    Ok(())
}

fn greetings(w: &mut World) -> Result<(), LabError> {
    // "greeting with 4xx or 5xx …: undecided; that is about us or about the moment": `indeterminate`. Else `unreachable`.
    type Row = (&'static str, &'static str, Greeting, &'static [Cell], &'static [Cell], &'static str);
    let rows: &[Row] = &[
        (
            "lab-smtp-554.com",
            "always 554",
            Greeting::Reply("554 5.7.1 No SMTP service here"),
            INDETERMINATE_OUTCOMES,
            &[("reached", "true")],
            "banner-rejected",
        ),
        (
            "lab-smtp-421.com",
            "always 421",
            Greeting::Reply("421 4.3.2 Too many connections, try later"),
            INDETERMINATE_OUTCOMES,
            &[("reached", "true")],
            "banner-rejected",
        ),
        ("lab-smtp-silent.com", "no greeting", Greeting::Silent, UNREACHABLE, &[], "banner-timeout"),
        ("lab-smtp-closes.com", "closes at once", Greeting::Closes, UNREACHABLE, &[], "connection-closed"),
        ("lab-smtp-resets.com", "resets at once", Greeting::Resets, UNREACHABLE, &[], "connect-reset"),
        ("lab-smtp-http.com", "greets in HTTP", Greeting::SpeaksHttp, UNREACHABLE, &[], "smtp-protocol"),
        (
            "lab-smtp-endless.com",
            "a greeting without end",
            Greeting::Endless,
            UNREACHABLE,
            &[("reached", "*")],
            "smtp-protocol",
        ),
    ];
    for (d, about, greeting, outcomes, reached, failure) in rows {
        server(w, d, |s| Server { greeting: greeting.clone(), ..s })?;
        w.expect(d, about, &[OPEN, outcomes], &[]);
        w.expect_mx(&mx_of(d), &[UNDECIDED, reached].concat());
        w.expect_endpoint(&mx_of(d), &[("stage", "banner"), ("error", failure)]);
    }
    // "a server that greylists and then opens": the later attempt decides.
    let d = "lab-smtp-greylist.com";
    let greeting = Greeting::RepliesFirst(1, "451 4.7.1 Greylisted, come back later");
    server(w, d, |s| Server { greeting, ..s })?;
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    w.expect(d, "greylists, then opens", &[OPEN, ENFORCED], &[]);
    w.expect_mx(&mx_of(d), IN_POLICY);
    w.expect_endpoint(&mx_of(d), &[("stage", "done"), ("error", "null"), ("starttls", "true")]);
    Ok(())
}

fn hellos(w: &mut World) -> Result<(), LabError> {
    let rows: &[(&str, &'static str, Ehlo, &[Cell], &'static str)] = &[
        // "refusing EHLO: undecided"; "an SMTP reply that refused *us* (4xx or 5xx before EHLO was accepted)".
        (
            "lab-ehlo-rejected.com",
            "550 to EHLO and HELO",
            Ehlo::Rejects("550 5.7.1 Who are you?"),
            INDETERMINATE_OUTCOMES,
            "ehlo-rejected",
        ),
        ("lab-ehlo-silent.com", "no answer to EHLO", Ehlo::Silent, UNREACHABLE, "smtp-timeout"),
        ("lab-ehlo-closes.com", "closes at EHLO", Ehlo::Closes, UNREACHABLE, "connection-closed"),
        ("lab-ehlo-garbage.com", "garbage for EHLO", Ehlo::Garbage, UNREACHABLE, "smtp-protocol"),
    ];
    for (d, about, ehlo, outcomes, failure) in rows {
        server(w, d, |s| Server { ehlo: ehlo.clone(), ..s })?;
        w.expect(d, about, &[OPEN, outcomes], &[]);
        w.expect_mx(&mx_of(d), &[UNDECIDED, &[("reached", "true")]].concat());
        w.expect_endpoint(&mx_of(d), &[("stage", "ehlo"), ("error", failure)]);
    }
    // "decided when an EHLO or HELO was answered 2xx there"; "no STARTTLS …: plaintext".
    for (d, about, ehlo, helo) in [
        ("lab-ehlo-helo-only.com", "knows HELO alone", Ehlo::HeloOnly, "true"),
        ("lab-ehlo-plain.com", "does not offer STARTTLS", Ehlo::Plain, "false"),
    ] {
        server(w, d, |s| Server { ehlo, ..s })?;
        w.expect(d, about, &[OPEN, PLAINTEXT], &[]);
        w.expect_mx(&mx_of(d), NOT_OFFERED);
        let cells = &[("stage", "ehlo"), ("error", "starttls-not-offered"), ("starttls", "false"), ("helo_used", helo)];
        w.expect_endpoint(&mx_of(d), cells);
    }
    // The same under an enforced policy: "A decided address passes when STARTTLS works".
    let d = "lab-enforce-plain.com";
    server(w, d, |s| Server { ehlo: Ehlo::Plain, ..s })?;
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    let cells = &[
        ("sts_failure_stage", "mx-tls"),
        ("sts_failure", "starttls-not-offered"),
        ("outcome_opportunistic", "plaintext"),
        ("outcome_dane", "plaintext"),
        ("outcome_dane_insecure_mx", "plaintext"),
        ("result_types", "[\"starttls-not-supported\"]"),
    ];
    w.expect(d, "an enforced policy, and no STARTTLS", &[OPEN, ENFORCED, STS_FAILS], cells);
    let cells = &[("sts", "fail"), ("sts_mx_match", "true"), ("failure", "starttls-not-offered")];
    w.expect_mx(&mx_of(d), &[NOT_OFFERED, cells].concat());

    // An enforced policy and a server that is silent: "Nothing failed and nothing decided: `indeterminate`."
    let d = "lab-enforce-554.com";
    server(w, d, |s| Server { greeting: Greeting::Reply("554 5.7.1 Go away"), ..s })?;
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    let cells = &[
        ("sts_verdict", "indeterminate"),
        ("sts_verdict_primary", "indeterminate"),
        ("sts_failure_stage", "mx-tls"),
        ("sts_failure", "banner-rejected"),
    ];
    w.expect(d, "an enforced policy, and 554 for us", &[OPEN, ENFORCED, INDETERMINATE_OUTCOMES], cells);
    w.expect_mx(&mx_of(d), &[UNDECIDED, &[("reached", "true"), ("sts_mx_match", "true")]].concat());
    Ok(())
}

fn starttls(w: &mut World) -> Result<(), LabError> {
    // "offered, then refused or no handshake": decided, and "the handshake fails: plaintext (… retried in clear)".
    let rows: &[(&str, &'static str, Starttls, &'static str)] = &[
        (
            "lab-starttls-454.com",
            "offers STARTTLS, then 454",
            Starttls::Reply("454 4.7.0 TLS not available"),
            "starttls-rejected",
        ),
        (
            "lab-starttls-502.com",
            "offers STARTTLS, then 502",
            Starttls::Reply("502 5.5.1 Not implemented"),
            "starttls-rejected",
        ),
        ("lab-starttls-closes.com", "closes at STARTTLS", Starttls::Closes, "connection-closed"),
        ("lab-starttls-silent.com", "no answer to STARTTLS", Starttls::Silent, "smtp-timeout"),
    ];
    for (d, about, starttls, failure) in rows {
        server(w, d, |s| Server { starttls: starttls.clone(), ..s })?;
        w.expect(d, about, &[OPEN, PLAINTEXT], &[]);
        w.expect_mx(&mx_of(d), NO_HANDSHAKE);
        w.expect_endpoint(&mx_of(d), &[("stage", "starttls"), ("error", failure), ("starttls", "true")]);
    }
    // "Bytes in clear after the 220 to STARTTLS are recorded as `injected` and dropped."
    let d = "lab-starttls-injects.com";
    server(w, d, |s| Server { starttls: Starttls::Injects("250 2.1.0 Sender OK"), ..s })?;
    w.expect(d, "a reply in clear behind the 220", &[OPEN], &[]);
    w.expect_mx(&mx_of(d), &[]);
    w.expect_endpoint(&mx_of(d), &[("stage", "done"), ("error", "null"), ("injected", "true")]);
    Ok(())
}
