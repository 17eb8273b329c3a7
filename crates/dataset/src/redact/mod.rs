//! A dataset that can be published: `mxcensus redact`.
//!
//! The observed rows are copied into a new dataset without what is about people or about us, and judged again there, so that
//! the verdicts fit what is left. A party that opted out since the crawl is written as a crawl writes it: `opted-out`, with
//! nothing else about them. The dataset that is read stays as it is.

mod text;

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_128;

use crate::input::OptOut;
use crate::manifest::{Manifest, Tool, Worker};
use crate::rejudge::{self, Named, RejudgeError};
use crate::roots;
use crate::summary::Summary;
use crate::{Author, Dataset, DatasetError, PartSize, Row, TableReader, TableWriter, files};
use mxcensus_rules::due;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{
    CertificateRow, Cname, DnsStatus, DomainRow, EndpointRow, HostStatus, MxHostRow, MxStatus, PolicyRow, PolicyStage,
    Zone,
};
use text::{without_local_parts, without_words};

/// Rows of a part file: as many as fit into memory beside each other without being felt.
const ROWS_PER_PART: usize = 1 << 16;

/// What is to be redacted, and how.
#[derive(Debug, Default)]
pub struct Request {
    /// The dataset.
    pub dir: PathBuf,
    /// Where the new one is made; a new or an empty directory.
    pub out: PathBuf,
    /// Keep what servers said in SMTP, without our names.
    pub banners: bool,
    /// Who has opted out since.
    pub opt_out: OptOut,
}

/// Writes the redacted dataset, judges it and returns the summary.
pub fn run(request: &Request, tool: &Tool) -> Result<Summary, RejudgeError> {
    let from = Dataset::open(&request.dir)?;
    let manifest = from.manifest()?;
    from.check_files(&manifest)?;
    let to = Dataset::create(&request.out, tool)?;
    copy_input(&from, &to)?;
    let redaction = Redaction::new(request, &manifest);
    redaction.rows(&to)?;
    let roots = Named {
        name: base_name(manifest.trust_store.as_ref().map_or("dataset", |store| &store.name)),
        store: roots::read(&from.trust_store_path())?,
    };
    files::write_atomically(&to.trust_store_path(), roots.store.to_pem().as_bytes())?;
    copy_stores(&from, &to)?;
    let mut manifest = redaction.manifest(manifest);
    to.write_manifest(&manifest)?;
    let (summary, _) = rejudge::judge_own(&to, roots, tool)?;
    manifest.tables = to.table_files(&manifest.tables)?;
    manifest.files = to.other_files(&manifest.files)?;
    to.write_manifest(&manifest)?;
    Ok(summary)
}

/// The list as it is. Rejected lines are left out, since they may hold anything.
fn copy_input(from: &Dataset, to: &Dataset) -> Result<(), DatasetError> {
    let (source, target) = (from.input_folder().join("domains.csv"), to.input_folder().join("domains.csv"));
    std::fs::copy(&source, &target).map(drop).map_err(|e| DatasetError::from_io(&source, e))
}

/// The trust stores that were compared, so that they are compared again.
fn copy_stores(from: &Dataset, to: &Dataset) -> Result<(), DatasetError> {
    for path in files::list(&from.stores_folder())?.into_iter().filter(|path| path.is_file()) {
        let target = to.stores_folder().join(path.file_name().unwrap_or_default());
        std::fs::create_dir_all(to.stores_folder()).map_err(|e| DatasetError::from_io(&target, e))?;
        std::fs::copy(&path, &target).map_err(|e| DatasetError::from_io(&path, e))?;
    }
    Ok(())
}

/// The last part of a path.
fn base_name(name: &str) -> String {
    Path::new(name).file_name().map_or_else(|| name.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// One dataset on its way to another.
struct Redaction<'r> {
    request: &'r Request,
    /// The names of workers, by those that they had.
    workers: HashMap<String, String>,
    /// Our host names and addresses.
    ours: Vec<String>,
}

impl<'r> Redaction<'r> {
    fn new(request: &'r Request, manifest: &Manifest) -> Self {
        let numbered = manifest.workers.iter().zip(1..);
        let workers = numbered.map(|(worker, number)| (worker.name.clone(), format!("w{number}"))).collect();
        let ours = manifest.workers.iter().flat_map(|worker| {
            [&worker.ehlo_name, &worker.name]
                .into_iter()
                .chain(&worker.source_addresses)
                .chain(&worker.contact)
                .cloned()
        });
        // A short name would be found within other words.
        let ours = ours.filter(|word| word.contains(['.', ':'])).collect();
        Self { request, workers, ours }
    }

    fn worker(&self, name: &str) -> String {
        self.workers.get(name).cloned().unwrap_or_else(|| "w0".to_owned())
    }

    /// The observed tables.
    fn rows(&self, to: &Dataset) -> Result<(), DatasetError> {
        let mut hosts = HashSet::new();
        self.copy(to, |row: DomainRow| {
            let row = self.domain(row);
            hosts.extend(due::hosts_of(&row).map(hash));
            Some(row)
        })?;
        let mut certificates = HashSet::new();
        self.copy(to, |row: PolicyRow| {
            let row = self.policy(row)?;
            certificates.extend(row.policy_chain.iter().flatten().map(|sha256| hash(sha256)));
            Some(row)
        })?;
        let mut gone = HashSet::new();
        self.copy(to, |row: MxHostRow| {
            // A host that only the domains of somebody named who opted out.
            if !hosts.contains(&hash(&row.host)) {
                gone.insert(hash(&row.host));
                return None;
            }
            let row = self.host(row);
            if row.host_status == HostStatus::OptedOut {
                gone.insert(hash(&row.host));
            }
            Some(row)
        })?;
        self.copy(to, |row: EndpointRow| {
            if gone.contains(&hash(&row.host)) {
                return None;
            }
            let row = self.endpoint(row, &gone);
            let chains = [&row.chain, &row.legacy_chain].into_iter().flatten().flatten();
            certificates.extend(chains.map(|sha256| hash(sha256)));
            Some(row)
        })?;
        self.copy(to, |row: CertificateRow| certificates.contains(&hash(&row.sha256)).then_some(row))
    }

    /// Copies a table row by row.
    fn copy<R: Row>(&self, to: &Dataset, mut change: impl FnMut(R) -> Option<R>) -> Result<(), DatasetError> {
        let author = Author { worker: "w1".to_owned(), run: 1 };
        let size = PartSize { rows: ROWS_PER_PART, age: std::time::Duration::MAX };
        let mut writer = TableWriter::new(to.root(), &author, size)?;
        for row in TableReader::distinct(&self.request.dir, R::TABLE)?.rows::<R>() {
            if let Some(row) = change(row?) {
                writer.push(row)?;
            }
        }
        writer.finish().map(drop)
    }

    fn domain(&self, mut row: DomainRow) -> DomainRow {
        let worker = self.worker(&row.worker);
        let opt_out = &self.request.opt_out;
        if opt_out.domain(&row.domain) || leads_to(&row.mx_cnames, |name| opt_out.domain(name)) {
            let unseen = DomainRow::unseen(row.domain, worker, row.observed_at);
            return DomainRow { rank: row.rank, mx_status: MxStatus::OptedOut, ..unseen };
        }
        if let Some(zone) = self.zone_left_alone(&row.ns_zone) {
            row.set_zone(zone);
        }
        let texts = |texts: Option<Vec<String>>| {
            texts.map(|texts| texts.iter().map(|text| without_local_parts(text)).collect())
        };
        DomainRow {
            worker,
            sts_txt: texts(row.sts_txt),
            tlsrpt_txt: texts(row.tlsrpt_txt),
            spf_txt: texts(row.spf_txt),
            dmarc_txt: texts(row.dmarc_txt),
            dmarc_org_txt: texts(row.dmarc_org_txt),
            ..row
        }
    }

    /// What a crawl writes down of a zone whose apex opted out: its name, and that it was not asked about.
    fn zone_left_alone(&self, apex: &Option<String>) -> Option<Zone> {
        let opt_out = &self.request.opt_out;
        let name = apex.as_ref().filter(|apex| opt_out.domain(apex) || opt_out.host(apex))?.clone();
        let (status, error) = (Some(DnsStatus::Error), Some(Failure::OptedOut));
        Some(Zone { name: Some(name), status, error, ..Zone::default() })
    }

    fn policy(&self, row: PolicyRow) -> Option<PolicyRow> {
        let opt_out = &self.request.opt_out;
        // As the crawl has it: no row of a domain that opted out.
        if opt_out.domain(&row.domain) {
            return None;
        }
        let worker = self.worker(&row.worker);
        let named = |name: &str| opt_out.domain(name) || opt_out.host(name);
        let contacted = row.policy_ip.as_ref().and_then(|ip| ip.parse::<IpAddr>().ok());
        let is_out = named(&row.policy_host)
            || leads_to(&row.policy_cnames, named)
            || contacted.is_some_and(|ip| opt_out.address(ip));
        if is_out {
            let unseen = PolicyRow::unseen(row.domain, row.policy_host, worker);
            return Some(PolicyRow {
                policy_stage: PolicyStage::Skipped,
                policy_error: Some(Failure::OptedOut),
                ..unseen
            });
        }
        let text = |text: Option<String>| text.map(|text| without_local_parts(&text));
        // What is no text holds no address that anybody could read.
        let body = row.policy_body.map(|body| match std::str::from_utf8(&body) {
            Ok(text) => without_local_parts(text).into_bytes(),
            Err(_) => body,
        });
        Some(PolicyRow { worker, policy_location: text(row.policy_location), policy_body: body, ..row })
    }

    fn host(&self, row: MxHostRow) -> MxHostRow {
        let worker = self.worker(&row.worker);
        let opt_out = &self.request.opt_out;
        if opt_out.host(&row.host) || leads_to(&row.cnames, |name| opt_out.host(name)) {
            let unseen = MxHostRow::unseen(row.host, worker, row.observed_at);
            return MxHostRow { host_status: HostStatus::OptedOut, ..unseen };
        }
        MxHostRow { worker, ..row }
    }

    fn endpoint(&self, row: EndpointRow, gone: &HashSet<u128>) -> EndpointRow {
        let worker = self.worker(&row.worker);
        let opt_out = &self.request.opt_out;
        let is_out = row.ip.parse().is_ok_and(|ip: IpAddr| opt_out.address(ip))
            || row.sampled_from.as_ref().is_some_and(|host| gone.contains(&hash(host)));
        if is_out {
            let unseen = EndpointRow::unseen(row.host, row.server_name, row.ip, row.port, worker, row.observed_at);
            return EndpointRow { error: Some(Failure::OptedOut), ..unseen };
        }
        let said = |text: Option<String>| {
            // That something was said is a fact that verdicts rest on.
            text.map(|text| if self.request.banners { self.without_us(&text) } else { String::new() })
        };
        let list = |list: Option<Vec<String>>| list.map(|list| list.iter().map(|text| self.without_us(text)).collect());
        EndpointRow {
            worker,
            banner: said(row.banner),
            reply_text: said(row.reply_text),
            ehlo_name: row.ehlo_name.map(|name| self.without_us(&name)),
            ehlo_capabilities: list(row.ehlo_capabilities),
            ehlo_tls_capabilities: list(row.ehlo_tls_capabilities),
            ..row
        }
    }

    fn without_us(&self, text: &str) -> String {
        without_words(&without_local_parts(text), &self.ours)
    }

    /// The manifest without our names and paths.
    fn manifest(&self, mut manifest: Manifest) -> Manifest {
        if let Some(input) = &mut manifest.input {
            input.name = base_name(&input.name);
        }
        // A redacted dataset is not gone on with.
        manifest.settings = None;
        for run in &mut manifest.runs {
            run.worker = self.worker(&run.worker);
            run.resolvers.clear();
            (run.contact, run.opt_out) = (None, None);
            // Flags tell how the crawl was made; what stands behind them may be a path or a name.
            run.command_line.retain(|argument| argument.starts_with("--"));
            run.command_line.iter_mut().for_each(|argument| {
                argument.truncate(argument.find('=').unwrap_or(argument.len()));
            });
        }
        for worker in &mut manifest.workers {
            *worker = Worker {
                name: self.worker(&worker.name),
                vantage: worker.vantage.take(),
                families: std::mem::take(&mut worker.families),
                ..Worker::default()
            };
        }
        if let Some(resolver) = &mut manifest.resolver {
            resolver.addresses.clear();
            resolver.trust_anchor = resolver.trust_anchor.take().map(|path| base_name(&path));
        }
        if let Some(store) = &mut manifest.trust_store {
            store.name = base_name(&store.name);
        }
        if let Some(from) = &mut manifest.judged_from {
            from.path = base_name(&from.path);
        }
        manifest.tables.clear();
        manifest.files.clear();
        manifest
    }
}

fn leads_to(cnames: &Option<Vec<Cname>>, is_out: impl Fn(&str) -> bool) -> bool {
    cnames.iter().flatten().any(|cname| is_out(&cname.target))
}

fn hash(key: &str) -> u128 {
    xxh3_128(key.as_bytes())
}
