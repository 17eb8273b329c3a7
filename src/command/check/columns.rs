//! Every judged column with the rule that decided it.

use std::fmt::Write;

use mxcensus_judge::{Judgement, Reason};

/// Columns that a person can do without: parts of others, or lists for machines.
const LEFT_OUT: [&str; 4] = ["provider", "mx_count", "inferred", "result_types"];

/// The columns as text, each with its rule and the section that the rule comes from.
pub(super) fn text(judgement: &Judgement) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_judged(&mut out, judgement);
    out
}

fn write_judged(out: &mut String, judgement: &Judgement) -> std::fmt::Result {
    writeln!(out, "What it means")?;
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
