//! The evidence behind an answer: records, hosts, sessions and certificates as they were seen.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Observed;
use mxcensus_dataset::manifest::rfc3339;
use mxcensus_judge::Judgement;
use mxcensus_rules::observation::{
    CertificateRow, Cname, Dnssec, EndpointRow, Micros, MxHostRow, PolicyRow, TlsaLookup,
};
use mxcensus_rules::text;

/// What was seen, as a short tree. All text from the wire was escaped when it was recorded.
pub(super) fn text(observed: &Observed, roots: &BTreeMap<String, String>, judgement: &Judgement) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_seen(&mut out, observed, roots, judgement);
    out
}

fn write_seen(
    out: &mut String,
    observed: &Observed,
    roots: &BTreeMap<String, String>,
    judgement: &Judgement,
) -> std::fmt::Result {
    let row = &observed.domain;
    writeln!(out, "What was seen")?;
    let error = row.mx_error.map(|error| format!(" ({error})")).unwrap_or_default();
    writeln!(
        out,
        "  MX          {}{error}{}{}",
        row.mx_status,
        state(row.mx_dnssec),
        aliases(row.mx_cnames.as_deref())
    )?;
    for mx in row.mx.iter().flatten() {
        writeln!(out, "              {:>5} {}", mx.preference, mx.host)?;
    }
    for (name, status, error, dnssec, texts) in [
        ("_mta-sts", row.sts_txt_status, row.sts_txt_error, row.sts_txt_dnssec, &row.sts_txt),
        ("_smtp._tls", row.tlsrpt_status, row.tlsrpt_error, row.tlsrpt_dnssec, &row.tlsrpt_txt),
    ] {
        let Some(status) = status else { continue };
        let error = error.map(|error| format!(" ({error})")).unwrap_or_default();
        writeln!(out, "  {name:<10}  {status}{error}{}", state(dnssec))?;
        for text in texts.iter().flatten() {
            // A character that is not seen stands there by name.
            writeln!(out, "              {}", text::named(&text::unescape(text)))?;
        }
    }
    if let Some(policy) = &observed.policy {
        write_policy(out, policy)?;
        let chain = policy.policy_chain.as_deref().unwrap_or_default();
        write_chain(out, "              ", chain, observed)?;
        write_roots(out, "              ", &judgement.verdict.policy_anchors, roots)?;
    }
    for host in &observed.mx_hosts {
        write_host(out, host)?;
        for endpoint in observed.endpoints.iter().filter(|endpoint| endpoint.host == host.host) {
            write_endpoint(out, endpoint, observed)?;
        }
        if let Some(judged) = judgement.hosts.iter().find(|judged| judged.host == host.host) {
            write_roots(out, "      ", &judged.anchors, roots)?;
        }
    }
    Ok(())
}

fn write_policy(out: &mut String, policy: &PolicyRow) -> std::fmt::Result {
    write!(out, "  policy      https://{}/.well-known/mta-sts.txt: {}", policy.policy_host, policy.policy_stage)?;
    if let Some(error) = policy.policy_error {
        write!(out, " ({error})")?;
    }
    if let Some(status) = policy.policy_http_status {
        write!(out, ", status {status}")?;
    }
    writeln!(out, "{}", aliases(policy.policy_cnames.as_deref()))?;
    let body = policy.policy_body.as_deref().unwrap_or_default();
    for line in body.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).take(40) {
        writeln!(out, "              {}", text::named(line.strip_suffix(b"\r").unwrap_or(line)))?;
    }
    Ok(())
}

fn write_host(out: &mut String, host: &MxHostRow) -> std::fmt::Result {
    writeln!(
        out,
        "  {}  {}{}{}",
        host.host,
        host.host_status,
        state(host.a_dnssec.or(host.aaaa_dnssec)),
        aliases(host.cnames.as_deref())
    )?;
    for lookup in host.tlsa_lookups.iter().flatten() {
        write_tlsa(out, lookup)?;
    }
    Ok(())
}

fn write_tlsa(out: &mut String, lookup: &TlsaLookup) -> std::fmt::Result {
    let error = lookup.error.map(|error| format!(" ({error})")).unwrap_or_default();
    writeln!(out, "    TLSA      {}: {}{error}{}", lookup.name, lookup.status, state(lookup.dnssec))?;
    for record in &lookup.records {
        let data = record.data.get(..32).map_or_else(|| record.data.clone(), |start| format!("{start}…"));
        writeln!(out, "              {} {} {} {data}", record.usage, record.selector, record.matching)?;
    }
    Ok(())
}

fn write_endpoint(out: &mut String, endpoint: &EndpointRow, observed: &Observed) -> std::fmt::Result {
    write!(out, "    {:<15}  {}", endpoint.ip, endpoint.stage)?;
    if let Some(error) = endpoint.error {
        write!(out, " ({error})")?;
    }
    let parts = [&endpoint.tls_version, &endpoint.cipher_suite, &endpoint.legacy_version, &endpoint.legacy_cipher];
    for part in parts.into_iter().flatten() {
        write!(out, " {part}")?;
    }
    if let (Some(code), Some(text)) = (endpoint.reply_code, &endpoint.reply_text) {
        write!(out, ", {code} {}", text.replace('\n', " / "))?;
    }
    writeln!(out)?;
    let chain = endpoint.chain.as_deref().or(endpoint.legacy_chain.as_deref()).unwrap_or_default();
    write_chain(out, "      ", chain, observed)
}

/// Certificates of a chain that are shown: more are told by their number.
const SHOWN_CERTIFICATES: usize = 4;

fn write_chain(out: &mut String, indent: &str, chain: &[String], observed: &Observed) -> std::fmt::Result {
    for (depth, sha256) in chain.iter().take(SHOWN_CERTIFICATES).enumerate() {
        let Some(row) = observed.certificates.iter().find(|row| row.sha256 == *sha256) else { continue };
        let whose = match depth {
            0 => names(row),
            _ => row.subject.clone().unwrap_or_else(|| "?".to_owned()),
        };
        let (from, until) = (day(row.not_before), day(row.not_after));
        writeln!(out, "{indent}certificate {whose}")?;
        writeln!(out, "{indent}            {from} to {until}, by {}", row.issuer.as_deref().unwrap_or("?"))?;
    }
    match chain.len().checked_sub(SHOWN_CERTIFICATES) {
        Some(more) if more > 0 => writeln!(out, "{indent}and {more} more certificates"),
        _ => Ok(()),
    }
}

/// The names in a leaf.
fn names(row: &CertificateRow) -> String {
    const SHOWN: usize = 4;
    let names = row.dns_names.as_deref().unwrap_or_default();
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(" ");
    match names.len() {
        0 => format!("without DNS names, common name {}", row.common_name.as_deref().unwrap_or("?")),
        count if count > SHOWN => format!("for {shown} and {} more", count - SHOWN),
        _ => format!("for {shown}"),
    }
}

fn day(at: Option<Micros>) -> String {
    at.map_or_else(|| "?".to_owned(), |at| rfc3339(at).chars().take(10).collect())
}

/// The roots that each alone would make a chain trusted.
fn write_roots(
    out: &mut String,
    indent: &str,
    anchors: &[String],
    roots: &BTreeMap<String, String>,
) -> std::fmt::Result {
    for anchor in anchors {
        writeln!(out, "{indent}root        {}", roots.get(anchor).unwrap_or(anchor))?;
    }
    Ok(())
}

fn state(dnssec: Option<Dnssec>) -> String {
    dnssec.map(|state| format!(", {state}")).unwrap_or_default()
}

fn aliases(cnames: Option<&[Cname]>) -> String {
    cnames.unwrap_or_default().iter().map(|hop| format!(" → {}{}", hop.target, state(hop.dnssec))).collect()
}
