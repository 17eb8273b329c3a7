//! `mxcensus doctor`: before a crawl, can this vantage do it?
//!
//! Each check is one [`Finding`]: what was seen, how bad it is, and what to do about it. Contacted are the resolver and
//! the mail servers that the operator named, nobody else. [`machine`] needs no network, and `scan` runs it too;
//! `resolver` and `reverse` ask the resolver (`ask`: one raw question), `mail` tries port 25.

mod ask;
pub(super) mod machine;
mod mail;
mod resolver;
mod reverse;

use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::DoctorArgs;
use crate::settings::{Settings, SettingsError};
use mxcensus_scan::limits::Limits;

/// Why the checks could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum DoctorError {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// `--mail-host` is given and is not a host.
    #[error("--mail-host {0:?} is not a host name or an address with an optional port (IPv6 with a port: [::1]:25)")]
    MailHost(String),
    /// DNS cannot be set up.
    #[error(transparent)]
    Dns(#[from] mxcensus_scan::dns::DnsSetupError),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// A report that is no JSON: a bug.
    #[error("the findings cannot be shown: {0}")]
    Json(#[from] serde_json::Error),
}

impl DoctorError {
    /// Whether the command line itself is at fault.
    pub(super) fn is_usage(&self) -> bool {
        match self {
            DoctorError::Settings(error) => error.is_usage(),
            DoctorError::MailHost(_) => true,
            _ => false,
        }
    }
}

mxcensus_rules::words! {
    /// How bad it is.
    Level {
        /// Nothing stands in the way of a crawl.
        Ok = "ok",
        /// Unwise, or not known; the crawl's results would be right.
        Warn = "warn",
        /// A crawl from here would fail or record what is not so.
        Fail = "fail",
    }
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Finding {
    /// Which check, one word.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was seen, one sentence.
    pub seen: String,
    /// What to do about it, one sentence; none where nothing is to be done.
    pub advice: Option<String>,
}

impl Finding {
    /// A check that found nothing wrong.
    pub(super) fn ok(check: &'static str, seen: impl Into<String>) -> Finding {
        Finding { check, level: Level::Ok, seen: seen.into(), advice: None }
    }

    /// Unwise, or not known.
    pub(super) fn warn(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding { check, level: Level::Warn, seen: seen.into(), advice: Some(advice.into()) }
    }

    /// In the way of a crawl.
    pub(super) fn fail(check: &'static str, seen: impl Into<String>, advice: impl Into<String>) -> Finding {
        Finding { check, level: Level::Fail, seen: seen.into(), advice: Some(advice.into()) }
    }
}

/// Runs every check. The text to print, and whether nothing failed.
pub(super) async fn command(args: DoctorArgs) -> Result<(String, bool), DoctorError> {
    let hosts = args.mail_host.iter().map(|text| mail::MailHost::read(text)).collect::<Result<Vec<_>, _>>()?;
    let settings = args.flags.resolve()?;
    let mut findings = machine::before_scan(&settings);
    findings.push(machine::disk(args.out.as_deref(), args.domains));
    findings.extend(machine::routes(settings.setup.allow_special_addresses));
    findings.extend(resolver::check(&settings, args.bogus_name.as_deref()).await);
    findings.extend(reverse::check(&settings, &args.source_address).await);
    findings.extend(mail::check(&settings, &hosts).await?);
    let good = findings.iter().all(|finding| finding.level != Level::Fail);
    let text = if args.json { as_json(&findings, good)? } else { as_text(&findings) };
    Ok((text, good))
}

fn as_json(findings: &[Finding], good: bool) -> Result<String, DoctorError> {
    Ok(serde_json::to_string_pretty(&serde_json::json!({ "ok": good, "findings": findings }))? + "\n")
}

fn as_text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { check, level, seen, advice } in findings {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:<4}  {check:<14} {seen}", level.word());
        if let Some(advice) = advice {
            let _ = writeln!(text, "{:22}{advice}", "");
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let _ = writeln!(
        text,
        "{} ok, {} to think about, {} in the way.",
        count(Level::Ok),
        count(Level::Warn),
        count(Level::Fail)
    );
    text
}

/// The file descriptors that a crawl under these limits may hold at once.
pub(super) fn descriptors_needed(limits: &Limits, settings: &Settings) -> u64 {
    // UDP sockets and TCP connections to the resolvers, part files, pipes, the runtime's own.
    const OTHERS: usize = 256;
    (limits.endpoints_in_flight + limits.policies_in_flight + 16 * settings.setup.resolvers.len() + OTHERS) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_shown_with_what_to_do() {
        let findings = [Finding::ok("one", "All is well."), Finding::fail("two", "It is not.", "Mend it.")];
        let text = as_text(&findings);
        assert!(text.contains("ok    one            All is well.\n"), "{text}");
        assert!(text.contains("fail  two            It is not.\n                      Mend it.\n"), "{text}");
        assert!(text.ends_with("1 ok, 0 to think about, 1 in the way.\n"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&as_json(&findings, false).unwrap()).unwrap();
        assert_eq!(json["findings"][1]["level"], "fail");
        assert_eq!(json["ok"], false);
    }
}
