//! The report for a person: what was seen, then each verdict with the rule behind it.

use std::fmt::Write;

use super::Observed;
use mxcensus_judge::{Judgement, Reason};
use mxcensus_rules::observation::{Cname, Dnssec, EndpointRow, MxHostRow, PolicyRow, TlsaLookup};

/// Columns that a person can do without: parts of others, or lists for machines.
const LEFT_OUT: [&str; 4] = ["provider", "mx_count", "inferred", "result_types"];

/// The whole report. All text from the wire was escaped when it was recorded.
pub fn text(observed: &Observed, judgement: &Judgement) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_seen(&mut out, observed);
    let _ = write_judged(&mut out, judgement);
    out
}

fn write_seen(out: &mut String, observed: &Observed) -> std::fmt::Result {
    let row = &observed.domain;
    writeln!(out, "{}\n\nWhat was seen", row.domain)?;
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
            writeln!(out, "              {text}")?;
        }
    }
    if let Some(policy) = &observed.policy {
        write_policy(out, policy)?;
    }
    for host in &observed.mx_hosts {
        write_host(out, host)?;
        for endpoint in observed.endpoints.iter().filter(|endpoint| endpoint.host == host.host) {
            write_endpoint(out, endpoint, observed)?;
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
        writeln!(out, "              {}", mxcensus_rules::text::escape(line.strip_suffix(b"\r").unwrap_or(line)))?;
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
    let chain = endpoint.chain.as_ref().or(endpoint.legacy_chain.as_ref());
    let leaf = chain.and_then(|chain| chain.first());
    let leaf = leaf.and_then(|leaf| observed.certificates.iter().find(|row| row.sha256 == *leaf));
    if let Some(leaf) = leaf {
        let names = leaf.dns_names.as_deref().unwrap_or_default();
        let shown = names.iter().take(6).map(String::as_str).collect::<Vec<_>>().join(" ");
        let more = if names.len() > 6 { format!(" and {} more", names.len() - 6) } else { String::new() };
        writeln!(out, "              certificate for {shown}{more}, by {}", leaf.issuer.as_deref().unwrap_or("?"))?;
    }
    Ok(())
}

fn write_judged(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    writeln!(out, "\nWhat it means")?;
    let row = serde_json::to_value(&judgement.verdict).unwrap_or_default();
    write_columns(out, "  ", &row, &judgement.reasons.domain)?;
    for (host, (_, reasons)) in judgement.hosts.iter().zip(&judgement.reasons.hosts) {
        writeln!(out, "\n  MX host {}", host.host)?;
        let row = serde_json::to_value(host).unwrap_or_default();
        write_columns(out, "    ", &row, reasons)?;
    }
    Ok(())
}

fn write_columns(out: &mut String, indent: &str, row: &serde_json::Value, reasons: &[Reason]) -> std::fmt::Result {
    for (column, rule) in reasons.iter().filter(|(column, _)| !LEFT_OUT.contains(column)) {
        let value = match row.get(column) {
            None | Some(serde_json::Value::Null) => continue,
            Some(serde_json::Value::String(word)) => word.clone(),
            Some(serde_json::Value::Array(list)) if list.is_empty() => continue,
            Some(serde_json::Value::Array(list)) => list
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(" "),
            Some(value) => value.to_string(),
        };
        writeln!(out, "{indent}{column:<26} {value}")?;
        writeln!(out, "{indent}{:<26}   {} [{}]", "", rule.sentence, rule.citation)?;
    }
    Ok(())
}

fn state(dnssec: Option<Dnssec>) -> String {
    dnssec.map(|state| format!(", {state}")).unwrap_or_default()
}

fn aliases(cnames: Option<&[Cname]>) -> String {
    cnames.unwrap_or_default().iter().map(|hop| format!(" → {}{}", hop.target, state(hop.dnssec))).collect()
}
