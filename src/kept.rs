//! The settings of a crawl that was begun: `--resume` goes on with them.
//!
//! What decides what a row says, or who is contacted, is in the manifest from the start and cannot be changed: a flag that
//! says something else is refused. The opt-out list, the limits, the tables of operators, the resolvers and the contact may be
//! changed, since a reason for it can come up in mid-crawl; what is not given stays as it was, and each run records its own.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use mxcensus_dataset::manifest::{Kept, Manifest, OptOutList, Run};
use mxcensus_dataset::{DatasetError, files, roots};
use mxcensus_scan::dns_operators::DnsOperators;
use mxcensus_scan::limits::Limits;
use mxcensus_scan::operators::{self, Operators};

use crate::settings::{Flags, Settings, SettingsError};

/// The opt-out list of a crawl, kept beside its input.
const OPT_OUT: &str = "opt-out.txt";

/// Where a dataset keeps the opt-out list in force.
pub(crate) fn opt_out_path(input_folder: &Path) -> PathBuf {
    input_folder.join(OPT_OUT)
}

/// What a new crawl keeps of its settings.
pub(crate) fn keep(settings: &Settings) -> Kept {
    let setup = &settings.setup;
    Kept {
        ehlo_name: setup.ehlo_name.clone(),
        vantage: settings.vantage.clone(),
        dnssec: setup.dnssec.word().to_owned(),
        trust_anchor: setup.trust_anchor.clone(),
        allow_special_addresses: setup.allow_special_addresses,
        unpaced: setup.unpaced,
        smtp_port: setup.smtp_port,
        https_port: setup.https_port,
        step_timeout_s: setup.step_timeout.map(|timeout| timeout.as_secs_f64()),
    }
}

/// Writes the opt-out list in force into the dataset, as it was given, and says what the manifest says of it.
pub(crate) fn keep_opt_out(
    input_folder: &Path,
    text: &str,
    name: &str,
    entries: usize,
) -> Result<OptOutList, DatasetError> {
    let digest = files::write_atomically(&opt_out_path(input_folder), text.as_bytes())?;
    Ok(OptOutList { name: name.to_owned(), sha256: digest.sha256, entries: entries as u64 })
}

/// The settings that a crawl goes on with: those that it was begun with, and of what was given now what may be changed.
pub(crate) fn resumed(given: Flags, out: &Path, manifest: &Manifest) -> Result<Settings, SettingsError> {
    let given = given.over_file()?;
    let (Some(kept), Some(last)) = (&manifest.settings, manifest.runs.last()) else {
        // Begun by a version that kept nothing, or killed before there was anything to keep.
        return given.complete();
    };
    let begun = Begun { out, kept };
    begun.same_names(&given)?;
    let anchor = given.trust_anchor.as_deref().map(crate::settings::read).transpose()?;
    begun.same_text("--trust-anchor", anchor.as_deref(), kept.trust_anchor.as_deref())?;
    begun.same_roots(given.ca_file.as_deref(), manifest)?;
    let list = opt_out_path(&out.join("input"));
    let opt_out = match &given.opt_out {
        Some(given) => Some(given.clone()),
        None if list.is_file() => Some(list),
        None if manifest.runs.iter().any(|run| run.opt_out.is_some()) => return Err(SettingsError::OptOutGone(list)),
        None => None,
    };
    let flags = Flags {
        resolver: if given.resolver.is_empty() { last.resolvers.clone() } else { given.resolver.clone() },
        dnssec: mxcensus_scan::dns::Mode::ALL.iter().copied().find(|mode| mode.word() == kept.dnssec),
        trust_anchor: None,
        ca_file: None,
        ehlo_name: Some(kept.ehlo_name.clone()),
        contact: given.contact.clone().or_else(|| last.contact.clone()),
        vantage: Some(kept.vantage.clone()),
        opt_out,
        operators: given.operators.clone(),
        allow_special_addresses: kept.allow_special_addresses,
        unpaced: kept.unpaced,
        smtp_port: Some(kept.smtp_port),
        https_port: Some(kept.https_port),
        step_timeout: kept.step_timeout_s,
        made: given.made.or(manifest.made),
        limits: given.limits.clone().or_else(|| limits_of(last)),
        ..Flags::default()
    };
    let mut settings = flags.complete()?;
    settings.setup.trust_anchor.clone_from(&kept.trust_anchor);
    if given.operators.is_none()
        && let Some(table) = operators_of(last)
    {
        settings.setup.operators = table;
    }
    if let Some(store) = &manifest.trust_store {
        settings.trust_store = roots::read(&out.join("trust-store.pem")).map_err(SettingsError::from)?;
        settings.trust_store_name.clone_from(&store.name);
    }
    Ok(settings)
}

/// The limits of a run.
fn limits_of(run: &Run) -> Option<Limits> {
    // The tables of operators stand beside them, and another version may have had limits that this one does not know.
    let ours = Limits::default().as_map();
    let named = run.limits.iter().filter(|(name, _)| ours.contains_key(*name));
    // JSON has no infinity: what was lifted is null there, and stays as the flag for it says.
    let known = named.filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone()));
    serde_json::from_value(serde_json::Value::Object(known.collect())).ok()
}

/// The tables of operators of a run.
fn operators_of(run: &Run) -> Option<operators::Table> {
    let entries = |name| run.limits.get(name).and_then(Operators::from_value);
    // A crawl that an older version began has none.
    let dns = run.limits.get("dns_operators").and_then(DnsOperators::from_value).unwrap_or_default();
    Some(operators::Table { mail: entries("operators")?, policy_hosts: entries("policy_hosts")?, dns })
}

struct Begun<'a> {
    out: &'a Path,
    kept: &'a Kept,
}

impl Begun<'_> {
    /// Each flag that was given must say what the crawl was begun with.
    fn same_names(&self, given: &Flags) -> Result<(), SettingsError> {
        let kept = self.kept;
        self.same("--dnssec", given.dnssec.map(mxcensus_scan::dns::Mode::word), kept.dnssec.as_str())?;
        let ehlo_name = given
            .ehlo_name
            .as_deref()
            .map(|name| mxcensus_rules::name::to_ascii(name).map_err(|_| SettingsError::EhloName(name.to_owned())));
        self.same("--ehlo-name", ehlo_name.transpose()?, kept.ehlo_name.clone())?;
        self.same("--vantage", given.vantage.clone(), kept.vantage.clone())?;
        self.same("--smtp-port", given.smtp_port, kept.smtp_port)?;
        self.same("--https-port", given.https_port, kept.https_port)?;
        self.switch("--allow-special-addresses", given.allow_special_addresses, kept.allow_special_addresses)?;
        self.switch("--unpaced", given.unpaced, kept.unpaced)?;
        match (given.step_timeout, kept.step_timeout_s) {
            (Some(now), None) => Err(self.differs("--step-timeout", "the default", now)),
            (Some(now), Some(then)) => self.same("--step-timeout", Some(now), then),
            (None, _) => Ok(()),
        }
    }

    fn same<T: PartialEq + Display>(&self, flag: &'static str, now: Option<T>, then: T) -> Result<(), SettingsError> {
        match now {
            Some(now) if now != then => Err(self.differs(flag, then, now)),
            _ => Ok(()),
        }
    }

    /// A switch can only be given or left out.
    fn switch(&self, flag: &'static str, now: bool, then: bool) -> Result<(), SettingsError> {
        if now && !then { Err(self.differs(flag, "off", "on")) } else { Ok(()) }
    }

    /// The text of a file; a long one is not shown.
    fn same_text(&self, flag: &'static str, now: Option<&str>, then: Option<&str>) -> Result<(), SettingsError> {
        match (now, then) {
            (Some(now), Some(then)) if now.trim() != then.trim() => {
                Err(self.differs(flag, "a file that says something else", "this one"))
            }
            (Some(_), None) => Err(self.differs(flag, "the one built in", "this one")),
            _ => Ok(()),
        }
    }

    fn same_roots(&self, ca_file: Option<&Path>, manifest: &Manifest) -> Result<(), SettingsError> {
        let (Some(path), Some(begun)) = (ca_file, &manifest.trust_store) else { return Ok(()) };
        let now = roots::read(path).map_err(SettingsError::from)?;
        if now.digest() == begun.sha256 {
            return Ok(());
        }
        Err(self.differs("--ca-file", format!("{} (SHA-256 {})", begun.name, begun.sha256), path.display()))
    }

    fn differs(&self, flag: &'static str, begun: impl ToString, given: impl ToString) -> SettingsError {
        let (out, begun, given) = (self.out.display().to_string(), begun.to_string(), given.to_string());
        SettingsError::Begun { out, flag, begun, given }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mxcensus_dataset::manifest::TrustStoreName;

    fn flags() -> Flags {
        Flags { resolver: vec!["127.0.0.1:5353".to_owned()], ..Flags::default() }
    }

    /// A dataset whose crawl was begun with these flags, and its manifest.
    fn begun(flags: Flags) -> (tempfile::TempDir, Manifest) {
        let directory = tempfile::tempdir().unwrap();
        let settings = flags.resolve().unwrap();
        std::fs::write(directory.path().join("trust-store.pem"), settings.trust_store.to_pem()).unwrap();
        std::fs::create_dir(directory.path().join("input")).unwrap();
        std::fs::write(opt_out_path(&directory.path().join("input")), &settings.opt_out_text).unwrap();
        let mut limits = settings.setup.limits.as_map();
        limits.insert("operators".to_owned(), settings.setup.operators().as_value());
        limits.insert("policy_hosts".to_owned(), settings.setup.policy_operators().as_value());
        limits.insert("dns_operators".to_owned(), settings.setup.dns_operators().as_value());
        let resolvers = settings.setup.resolvers.iter().map(ToString::to_string).collect();
        let run = Run { limits, resolvers, contact: settings.setup.contact.clone(), ..Run::default() };
        let trust_store = TrustStoreName {
            name: settings.trust_store_name.clone(),
            sha256: settings.trust_store.digest(),
            roots: settings.trust_store.len() as u64,
        };
        let manifest = Manifest {
            settings: Some(keep(&settings)),
            runs: vec![run],
            trust_store: Some(trust_store),
            ..Manifest::default()
        };
        (directory, manifest)
    }

    #[test]
    fn what_is_not_given_stays_as_it_was() {
        let files = tempfile::tempdir().unwrap();
        let opt_out = files.path().join("opt-out.txt");
        std::fs::write(&opt_out, "example.com\n192.0.2.0/24\n").unwrap();
        let config = files.path().join("mxcensus.toml");
        std::fs::write(&config, "[limits]\naddress_spacing_s = 60.0\n").unwrap();
        let operators = files.path().join("operators.toml");
        std::fs::write(&operators, "[[operator]]\nname = 'A'\ndomains = ['a.example']\nper_s = 0.5\nwhy = 'x'\n")
            .unwrap();
        let first = Flags {
            opt_out: Some(opt_out),
            config: Some(config),
            operators: Some(operators),
            smtp_port: Some(2525),
            ehlo_name: Some("probe.example".to_owned()),
            contact: Some("mail@probe.example".to_owned()),
            vantage: Some("here".to_owned()),
            dnssec: Some(mxcensus_scan::dns::Mode::TrustAd),
            step_timeout: Some(3.0),
            allow_special_addresses: true,
            ..flags()
        };
        let expected = first.clone().resolve().unwrap();
        let (directory, manifest) = begun(first);
        let settings = resumed(Flags::default(), directory.path(), &manifest).unwrap();
        assert_eq!(settings.setup.left_alone.list().len(), 2, "the opt-out list is not forgotten");
        assert_eq!(keep(&settings), keep(&expected));
        assert_eq!(settings.setup.limits, expected.setup.limits);
        assert_eq!(settings.setup.resolvers, expected.setup.resolvers);
        assert_eq!(settings.setup.contact, expected.setup.contact);
        assert_eq!(settings.setup.operators().as_value(), expected.setup.operators().as_value());
        assert_eq!(settings.trust_store.digest(), expected.trust_store.digest());
    }

    #[test]
    fn another_setting_is_refused_and_both_are_named() {
        let (directory, manifest) = begun(Flags { smtp_port: Some(2525), allow_special_addresses: true, ..flags() });
        let files = tempfile::tempdir().unwrap();
        let anchor = files.path().join("anchor");
        std::fs::write(&anchor, "test. DS 1 13 2 00\n").unwrap();
        let table = [
            (Flags { smtp_port: Some(26), ..flags() }, "--smtp-port 2525", "--smtp-port 26"),
            (Flags { https_port: Some(8443), ..flags() }, "--https-port 443", "--https-port 8443"),
            (Flags { dnssec: Some(mxcensus_scan::dns::Mode::Off), ..flags() }, "--dnssec validate", "--dnssec off"),
            (Flags { vantage: Some("moon".into()), ..flags() }, "--vantage unnamed", "--vantage moon"),
            (Flags { unpaced: true, ..flags() }, "--unpaced off", "--unpaced on"),
            (Flags { step_timeout: Some(1.0), ..flags() }, "--step-timeout the default", "--step-timeout 1"),
            (Flags { trust_anchor: Some(anchor), ..flags() }, "--trust-anchor the one built in", "this one"),
        ];
        for (given, then, now) in table {
            let error = resumed(given, directory.path(), &manifest).unwrap_err().to_string();
            assert!(error.contains(then) && error.contains(now), "{error}");
        }
        let same = Flags { smtp_port: Some(2525), allow_special_addresses: true, ..flags() };
        assert!(resumed(same, directory.path(), &manifest).is_ok(), "the same flags go on");
    }

    #[test]
    fn a_list_that_is_gone_is_not_forgotten() {
        let (directory, mut manifest) = begun(flags());
        std::fs::remove_file(opt_out_path(&directory.path().join("input"))).unwrap();
        assert!(resumed(Flags::default(), directory.path(), &manifest).is_ok(), "there was none");
        manifest.runs[0].opt_out = Some(OptOutList::default());
        let error = resumed(Flags::default(), directory.path(), &manifest).unwrap_err().to_string();
        assert!(error.contains("opt-out.txt is gone") && error.contains("--opt-out"), "{error}");
    }

    #[test]
    fn limits_that_another_version_knew_leave_the_others_as_they_were() {
        let limits = Some(Limits { address_spacing_s: 60.0, ..Limits::default() });
        let (directory, mut manifest) = begun(Flags { limits, ..flags() });
        manifest.runs[0].limits.insert("moons_per_planet".to_owned(), 3.into());
        let settings = resumed(Flags::default(), directory.path(), &manifest).unwrap();
        assert_eq!(settings.setup.limits.address_spacing_s, 60.0);
    }

    #[test]
    fn what_may_change_is_taken() {
        let (directory, manifest) = begun(flags());
        let files = tempfile::tempdir().unwrap();
        let opt_out = files.path().join("other.txt");
        std::fs::write(&opt_out, "a.example\nb.example\nc.example\n").unwrap();
        let given = Flags {
            resolver: vec!["192.0.2.53".to_owned()],
            limits: Some(Limits { address_spacing_s: 90.0, ..Limits::default() }),
            opt_out: Some(opt_out),
            contact: Some("other@probe.example".to_owned()),
            ..Flags::default()
        };
        let settings = resumed(given, directory.path(), &manifest).unwrap();
        assert_eq!(settings.setup.resolvers, ["192.0.2.53:53".parse().unwrap()]);
        assert_eq!(settings.setup.limits.address_spacing_s, 90.0);
        assert_eq!(settings.setup.left_alone.list().len(), 3);
        assert_eq!(settings.setup.contact.as_deref(), Some("other@probe.example"));
    }
}
