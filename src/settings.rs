//! What was asked for becomes what will be used: flags over the configuration file over defaults.
//!
//! [`Flags`] is what was typed (or stands in a TOML file, same names); [`Settings`] is complete and checked.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use mxcensus_dataset::input::OptOut;
use mxcensus_dataset::manifest::Made;
use mxcensus_dataset::roots::{self, RootsError};
use mxcensus_rules::pkix::TrustStore;
use mxcensus_scan::dns;
use mxcensus_scan::left_alone::LeftAlone;
use mxcensus_scan::limits::Limits;
use mxcensus_scan::operators::{self, Operators};
use mxcensus_scan::setup::{Lane, Setup};

/// The settings that `scan` and `check` share, as typed or as they stand in the configuration file.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Flags {
    /// Configuration file (TOML): these same names without dashes in front, and a table of limits; flags win
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Resolver to ask, repeatable [default: the system's; port 53]
    #[arg(long, value_name = "IP[:PORT]", help_heading = "DNS")]
    pub resolver: Vec<String>,
    /// How DNSSEC state is learnt [default: validate]
    ///
    /// validate: mxcensus validates itself, from an upstream that returns DNSSEC records; trust-ad: believe the AD bit
    /// of a validating resolver that you run, on loopback; off: do not look, DANE stays indeterminate.
    #[arg(long, value_parser = parse_mode, value_name = "validate|trust-ad|off", help_heading = "DNS")]
    pub dnssec: Option<dns::Mode>,
    /// Trust anchor, DNSKEY or DS records in zone-file form [default: the root's, built in]
    #[arg(long, value_name = "FILE", help_heading = "DNS")]
    pub trust_anchor: Option<PathBuf>,

    /// Trusted CA certificates, PEM; replaces the built-in Mozilla roots
    #[arg(long, value_name = "FILE", help_heading = "Trust")]
    pub ca_file: Option<PathBuf>,

    /// Name said in EHLO; should resolve to this machine and back [default: the host name]
    #[arg(long, value_name = "NAME", help_heading = "Who we are")]
    pub ehlo_name: Option<String>,
    /// How operators reach you (URL or e-mail address): sent to policy hosts, written to the manifest
    #[arg(long, value_name = "TEXT", help_heading = "Who we are")]
    pub contact: Option<String>,
    /// Where this machine stands, for the manifest [default: unnamed]
    #[arg(long, value_name = "NAME", help_heading = "Who we are")]
    pub vantage: Option<String>,

    /// Domains, suffixes, MX hosts and networks that are left alone; reread on SIGHUP
    #[arg(long, value_name = "FILE", help_heading = "Manners")]
    pub opt_out: Option<PathBuf>,
    /// Operators with limits of their own, TOML, in place of the built-in table (inputs/operators.toml)
    #[arg(long, value_name = "FILE", help_heading = "Manners")]
    pub operators: Option<PathBuf>,
    /// Contact loopback and this machine's own networks too: for labs
    #[arg(long, help_heading = "Manners")]
    pub allow_special_addresses: bool,
    /// No pacing, no sampling, a second at most before a retry; needs --allow-special-addresses: for labs
    #[arg(long, help_heading = "Manners")]
    pub unpaced: bool,

    /// The world is made, so that no number is taken for a measurement: written to the manifest; of several the last counts
    #[arg(long, value_parser = parse_made, value_name = "lab|demo|sample", overrides_with = "made", help_heading = "Who we are")]
    pub made: Option<Made>,

    /// Port connected to for SMTP, and nothing else [default: 25]
    #[arg(long, value_name = "PORT", help_heading = "Ports")]
    pub smtp_port: Option<u16>,
    /// Port connected to for policies, and nothing else [default: 443]
    #[arg(long, value_name = "PORT", help_heading = "Ports")]
    pub https_port: Option<u16>,

    /// Seconds allowed for one SMTP step, policy step or DNS attempt at most; shortens the defaults, never lengthens them
    #[arg(long, value_name = "SECONDS", help_heading = "Manners")]
    pub step_timeout: Option<f64>,

    /// See [`Limits`]; only in the configuration file.
    #[arg(skip)]
    pub limits: Option<Limits>,

    /// What a periodic run needs besides; on the command line these are `scan`'s and the program's own.
    #[arg(skip)]
    pub list: Option<PathBuf>,
    /// `scan --out`.
    #[arg(skip)]
    pub out: Option<PathBuf>,
    /// `scan --limit`.
    #[arg(skip)]
    pub limit: Option<u64>,
    /// `scan --seed`.
    #[arg(skip)]
    pub seed: Option<u64>,
    /// `scan --metrics`.
    #[arg(skip)]
    pub metrics: Option<SocketAddr>,
    /// `--log`.
    #[arg(skip)]
    pub log: Option<String>,
    /// `--log-file`.
    #[arg(skip)]
    pub log_file: Option<PathBuf>,
}

/// The name of the only worker; a crawl shared by several machines names each.
const WORKER: &str = "w1";

/// Complete and checked settings.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// What decides how a crawl looks and whom it contacts.
    pub setup: Setup,
    /// The roots.
    pub trust_store: TrustStore,
    /// What the roots are called in the manifest.
    pub trust_store_name: String,
    /// Where this machine stands.
    pub vantage: String,
    /// The world that is looked at is none of the internet.
    pub made: Option<Made>,
    /// The file that the opt-out list came from, for SIGHUP.
    pub opt_out_file: Option<PathBuf>,
    /// The text of the list, to be kept with the dataset.
    pub opt_out_text: String,
}

/// Why the settings cannot be used. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// A file that could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A configuration file that is not one.
    #[error("{}:\n{message}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// `--resolver` that is no address.
    #[error("--resolver {0:?} is not an IP address with an optional port (IPv6 with a port: [::1]:53)")]
    Resolver(String),
    /// No resolver given and none found.
    #[error("no resolver found in the system's configuration ({0}); give one with --resolver")]
    NoResolver(String),
    /// `--unpaced` against the internet.
    #[error("--unpaced lifts the manners and is only for labs: it needs --allow-special-addresses")]
    Unpaced,
    /// The roots cannot be used.
    #[error("--ca-file {}: {message}", path.display())]
    Roots {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A line of the opt-out list cannot be read. Nothing is contacted, since the line may name a party to be left alone.
    #[error("--opt-out {}: {message}", path.display())]
    OptOut {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The opt-out list of a crawl is gone; nobody on it is contacted for that.
    #[error("{0} is gone, and the crawl was begun with an opt-out list; give it again with --opt-out")]
    OptOutGone(PathBuf),
    /// The operator table cannot be used; nobody is contacted at a pace that was not meant.
    #[error("--operators {}: {message}", path.display())]
    Operators {
        /// The file; `built-in` for the table of the program.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The EHLO name is not a name.
    #[error("--ehlo-name {0:?} is not a domain name (RFC 5321 4.1.1.1)")]
    EhloName(String),
    /// A crawl is to go on with a setting that it was not begun with: its rows would mean two things.
    #[error(
        "{out} was begun with {flag} {begun}, and is to go on with {flag} {given}: leave it out, or choose another directory"
    )]
    Begun {
        /// The dataset.
        out: String,
        /// The flag.
        flag: &'static str,
        /// What it was.
        begun: String,
        /// What it is now.
        given: String,
    },
    /// Neither typed nor in the configuration file.
    #[error("scan needs {0}, on the command line or in the configuration file")]
    Missing(&'static str),
    /// A number that makes no sense.
    #[error("--step-timeout must be a positive number of seconds")]
    StepTimeout,
}

impl SettingsError {
    /// Whether the command line itself is at fault.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(
            self,
            SettingsError::Resolver(_)
                | SettingsError::Unpaced
                | SettingsError::EhloName(_)
                | SettingsError::StepTimeout
                | SettingsError::Missing(_)
        )
    }
}

impl Flags {
    /// Puts the configuration file below the flags, fills in defaults and checks everything that can be checked
    /// before the first packet.
    pub(crate) fn resolve(self) -> Result<Settings, SettingsError> {
        self.over_file()?.complete()
    }

    /// Puts the configuration file below the flags.
    pub(crate) fn over_file(self) -> Result<Flags, SettingsError> {
        let file = match &self.config {
            Some(path) => toml::from_str::<Flags>(&read(path)?).map_err(|error| SettingsError::Config {
                path: path.clone(),
                message: error.to_string().trim_end().to_owned(),
            })?,
            None => Flags::default(),
        };
        Ok(Flags {
            config: None,
            resolver: if self.resolver.is_empty() { file.resolver } else { self.resolver },
            dnssec: self.dnssec.or(file.dnssec),
            trust_anchor: self.trust_anchor.or(file.trust_anchor),
            ca_file: self.ca_file.or(file.ca_file),
            ehlo_name: self.ehlo_name.or(file.ehlo_name),
            contact: self.contact.or(file.contact),
            vantage: self.vantage.or(file.vantage),
            made: self.made.or(file.made),
            opt_out: self.opt_out.or(file.opt_out),
            operators: self.operators.or(file.operators),
            allow_special_addresses: self.allow_special_addresses || file.allow_special_addresses,
            unpaced: self.unpaced || file.unpaced,
            smtp_port: self.smtp_port.or(file.smtp_port),
            https_port: self.https_port.or(file.https_port),
            step_timeout: self.step_timeout.or(file.step_timeout),
            limits: self.limits.or(file.limits),
            list: self.list.or(file.list),
            out: self.out.or(file.out),
            limit: self.limit.or(file.limit),
            seed: self.seed.or(file.seed),
            metrics: self.metrics.or(file.metrics),
            log: self.log.or(file.log),
            log_file: self.log_file.or(file.log_file),
        })
    }

    /// Fills in defaults and checks everything that can be checked before the first packet.
    pub(crate) fn complete(self) -> Result<Settings, SettingsError> {
        let unpaced = self.unpaced;
        if unpaced && !self.allow_special_addresses {
            return Err(SettingsError::Unpaced);
        }
        let limits = self.limits.unwrap_or_default();
        let ehlo_name = match self.ehlo_name {
            Some(name) => mxcensus_rules::name::to_ascii(&name).map_err(|_| SettingsError::EhloName(name))?,
            None => host_name(),
        };
        if self.step_timeout.is_some_and(|seconds| !(seconds > 0.0 && seconds < 3600.0)) {
            return Err(SettingsError::StepTimeout);
        }
        let trust_store = match &self.ca_file {
            Some(path) => trust_store(path)?,
            None => TrustStore::mozilla(),
        };
        let opt_out_text = self.opt_out.as_deref().map(read).transpose()?.unwrap_or_default();
        let list = match &self.opt_out {
            Some(path) => parse_opt_out(path, &opt_out_text)?,
            None => OptOut::default(),
        };
        Ok(Settings {
            trust_store_name: self.ca_file.map_or_else(|| "mozilla".to_owned(), |path| path.display().to_string()),
            trust_store,
            vantage: self.vantage.unwrap_or_else(|| "unnamed".to_owned()),
            made: self.made,
            setup: Setup {
                resolvers: resolvers(&self.resolver)?,
                dnssec: self.dnssec.unwrap_or(dns::Mode::Validate),
                trust_anchor: self.trust_anchor.map(|path| read(&path)).transpose()?,
                ehlo_name,
                contact: self.contact,
                left_alone: LeftAlone::new(list),
                operators: operator_table(self.operators.as_deref())?,
                allow_special_addresses: self.allow_special_addresses,
                unpaced,
                smtp_port: self.smtp_port.unwrap_or(25),
                https_port: self.https_port.unwrap_or(443),
                step_timeout: self.step_timeout.map(std::time::Duration::from_secs_f64),
                limits: if unpaced { limits.unpaced() } else { limits },
                worker: WORKER.to_owned(),
                lane: Lane::Census,
            },
            opt_out_file: self.opt_out,
            opt_out_text,
        })
    }
}

impl From<RootsError> for SettingsError {
    fn from(error: RootsError) -> Self {
        match error {
            RootsError::Unreadable { path, source } => SettingsError::Unreadable { path, source },
            RootsError::Malformed { path, message } => SettingsError::Roots { path, message },
        }
    }
}

fn trust_store(path: &Path) -> Result<TrustStore, SettingsError> {
    Ok(roots::read(path)?)
}

/// Reads an opt-out list: the list, and its text.
pub(crate) fn opt_out(path: &Path) -> Result<(OptOut, String), SettingsError> {
    let text = read(path)?;
    Ok((parse_opt_out(path, &text)?, text))
}

fn parse_opt_out(path: &Path, text: &str) -> Result<OptOut, SettingsError> {
    OptOut::parse(text).map_err(|error| SettingsError::OptOut { path: path.to_owned(), message: error.to_string() })
}

/// Reads an operator table; the built-in one without a file.
fn operator_table(path: Option<&Path>) -> Result<operators::Table, SettingsError> {
    let entries = match path {
        Some(path) => operators::parse(&read(path)?),
        None => Operators::built_in(),
    };
    entries.map_err(|error| SettingsError::Operators {
        path: path.unwrap_or(Path::new("built-in")).to_owned(),
        message: error.to_string(),
    })
}

fn parse_made(text: &str) -> Result<Made, String> {
    Made::ALL.into_iter().find(|made| made.word() == text).ok_or_else(|| {
        let words = Made::ALL.map(Made::word);
        format!("it is one of {}", words.join(", "))
    })
}

fn parse_mode(text: &str) -> Result<dns::Mode, String> {
    let modes = dns::Mode::ALL.iter().copied();
    modes.clone().find(|mode| mode.word() == text).ok_or_else(|| {
        let words: Vec<&str> = modes.map(dns::Mode::word).collect();
        format!("it is one of {}", words.join(", "))
    })
}

/// Reads a file that the operator named.
pub(crate) fn read(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })
}

fn resolvers(given: &[String]) -> Result<Vec<SocketAddr>, SettingsError> {
    if given.is_empty() {
        return dns::system_resolvers().map_err(|error| SettingsError::NoResolver(error.to_string()));
    }
    given
        .iter()
        .map(|text| {
            text.parse::<SocketAddr>()
                .or_else(|_| text.trim_matches(['[', ']']).parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)))
                .map_err(|_| SettingsError::Resolver(text.clone()))
        })
        .collect()
}

/// The machine's name, or an address literal's stand-in: RFC 5321 4.1.1.1 wants a name that means us.
fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .and_then(|name| mxcensus_rules::name::to_ascii(name.trim()).ok())
        .unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags() -> Flags {
        Flags { resolver: vec!["127.0.0.1:5353".to_owned()], ..Flags::default() }
    }

    #[test]
    fn resolvers_with_and_without_port() {
        let table = [
            ("192.0.2.1", "192.0.2.1:53"),
            ("192.0.2.1:5353", "192.0.2.1:5353"),
            ("::1", "[::1]:53"),
            ("[::1]:5", "[::1]:5"),
        ];
        for (given, meant) in table {
            assert_eq!(resolvers(&[given.to_owned()]).unwrap(), [meant.parse().unwrap()], "{given}");
        }
        assert!(resolvers(&["dns.example".to_owned()]).is_err());
    }

    #[test]
    fn a_made_world_is_told_from_the_internet() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mxcensus.toml");
        std::fs::write(&path, "made = \"lab\"\n").unwrap();
        let of = |made| Flags { config: Some(path.clone()), made, ..flags() }.resolve().unwrap().made;
        assert_eq!(flags().resolve().unwrap().made, None);
        assert_eq!(of(None), Some(Made::Lab));
        assert_eq!(of(Some(Made::Demo)), Some(Made::Demo));
        assert!(parse_made("internet").unwrap_err().contains("lab, demo, sample"));
        for made in Made::ALL {
            assert_eq!(parse_made(made.word()), Ok(made));
            assert_eq!(serde_json::to_value(made).unwrap(), made.word());
        }
    }

    #[test]
    fn unpaced_is_refused_against_the_internet() {
        assert!(matches!(Flags { unpaced: true, ..flags() }.resolve(), Err(SettingsError::Unpaced)));
        let settings = Flags { unpaced: true, allow_special_addresses: true, ..flags() }.resolve().unwrap();
        assert_eq!(settings.setup.limits.address_spacing_s, 0.0);
    }

    #[test]
    fn flags_win_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mxcensus.toml");
        std::fs::write(
            &path,
            "smtp-port = 2525\nhttps-port = 8443\ndnssec = \"trust-ad\"\n[limits]\naddress_spacing_s = 60.0\n",
        )
        .unwrap();
        let settings = Flags { config: Some(path.clone()), smtp_port: Some(26), ..flags() }.resolve().unwrap();
        assert_eq!((settings.setup.smtp_port, settings.setup.https_port), (26, 8443));
        assert_eq!(settings.setup.dnssec, dns::Mode::TrustAd);
        assert_eq!(settings.setup.limits.address_spacing_s, 60.0);
        assert_eq!(settings.setup.limits.network_per_s, 2.0);
        std::fs::write(&path, "smpt-port = 25\n").unwrap();
        let error = Flags { config: Some(path), ..flags() }.resolve().unwrap_err().to_string();
        assert!(error.contains("smpt-port"), "{error}");
    }

    #[test]
    fn a_slip_in_the_file_is_shown_with_its_line_and_a_caret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mxcensus.toml");
        for (text, line, what) in [
            ("vantage = \"a\"\nsmpt-port = 25\n", "2 | smpt-port = 25", "unknown field"),
            ("smtp-port = \"25\"\n", "1 | smtp-port = \"25\"", "expected"),
            ("[limits]\n\nnetwork_per_sec = 2\n", "3 | network_per_sec = 2", "unknown field"),
            ("metrics = \"localhost\"\n", "1 | metrics = \"localhost\"", "socket address"),
            ("list = \"a.csv\nout = 1\n", "1 | list = \"a.csv", "string"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Flags { config: Some(path.clone()), ..flags() }.over_file().unwrap_err().to_string();
            for part in [line, "^", what] {
                assert!(error.contains(part), "{part}: {error}");
            }
        }
    }

    #[test]
    fn the_file_holds_everything_that_a_periodic_run_needs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mxcensus.toml");
        let text = "list = \"top.csv\"\nout = \"d\"\nlimit = 5\nseed = 7\nmetrics = \"127.0.0.1:9100\"\nlog = \"info\"\nlog-file = \"scan.log\"\n";
        std::fs::write(&path, text).unwrap();
        let flags = Flags { config: Some(path), limit: Some(6), ..flags() }.over_file().unwrap();
        assert_eq!((flags.list, flags.out), (Some("top.csv".into()), Some("d".into())));
        assert_eq!((flags.limit, flags.seed), (Some(6), Some(7)), "what is typed wins");
        assert_eq!(flags.metrics, Some("127.0.0.1:9100".parse().unwrap()));
        assert_eq!((flags.log.as_deref(), flags.log_file), (Some("info"), Some("scan.log".into())));
    }
}
