//! A dataset of the load world, written without a network and judged by the real judge.
//!
//! Rows are as a scan would have recorded them, certificates are real and signed once each, and nothing is kept but what
//! several domains share: the size of a sample is bounded by the disk. The dataset says of itself that it was made.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Parameters;
use super::certificates::{Identity, Owner, Pki};
use super::changes::Changes;
use super::counts::Counts;
use super::domain::{Domain, Host};
use super::model::{MONTH_DAYS, World};
use super::rows::WORKER;
use crate::LabError;
use mxcensus_dataset::input::{self, InputError, Source};
use mxcensus_dataset::manifest::{Made, Manifest, Resolver, Run, Tool, TrustStoreName, Worker, rfc3339};
use mxcensus_dataset::rejudge::{self, RejudgeError};
use mxcensus_dataset::summary::Summary;
use mxcensus_dataset::{Author, Dataset, DatasetError, PartSize, TableWriter, files};
use mxcensus_rules::observation::{CertificateRow, DomainRow, EndpointRow, Micros, MxHostRow, PolicyRow};
use mxcensus_rules::pkix::{self, TrustStore};

/// Month 0 of every sample begins here: 2026-10-01T00:00:00Z.
pub(super) const EPOCH: i64 = 1_790_812_800;
/// From one domain to the next: a crawl of forty a second.
const PACE: Micros = 25_000;
/// Rows of a part file.
const ROWS_PER_PART: usize = 1 << 20;

/// Why a sample could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// A certificate could not be made.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// The dataset could not be written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Its list could not be written.
    #[error(transparent)]
    Input(#[from] InputError),
    /// It could not be judged.
    #[error(transparent)]
    Judge(#[from] RejudgeError),
    /// The truth could not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Makes the dataset in `out`, a new or empty directory, judges it, and writes `truth.json` beside; from month 1 on `changes.json` too.
pub fn sample(parameters: Parameters, out: &Path, tool: &Tool) -> Result<Summary, SampleError> {
    let world = parameters.world();
    let dataset = Dataset::create(out, tool)?;
    let pki = Pki::new(&world, EPOCH)?;
    let start = (EPOCH + MONTH_DAYS * 86_400 * i64::from(world.month)) * 1_000_000;
    let mut listed = write_list(&world, &dataset)?;
    listed.name = format!("load world, seed {}, month {}", world.seed, world.month);

    let mut manifest = dataset.manifest()?;
    describe(&world, &pki, &dataset, &mut manifest, (start, start + PACE * world.domains as i64))?;
    manifest.input = Some(listed.for_manifest(world.seed));
    dataset.write_manifest(&manifest)?;
    write_stores(&pki, &dataset)?;

    let mut writer = Writer::new(&world, &pki, out)?;
    let mut counts = Counts::comparing_stores();
    for (index, position) in world.members().zip(0..) {
        let domain = world.domain(index);
        counts.add(&world, &domain, &world.truth(&domain));
        writer.write(&domain, position + 1, start + PACE * position)?;
    }
    close(&dataset, manifest, writer)?;
    drop(dataset);
    write_json(&out.join("truth.json"), &counts.to_json(&world))?;
    if world.month > 0 {
        let changes = Changes::of_month(&world, &pki)?;
        write_json(&out.join("changes.json"), &changes.to_json(&world))?;
    }

    Ok(rejudge::run(rejudge::Request { dir: out.to_owned(), ..rejudge::Request::default() }, tool)?)
}

/// The trust stores that the sample is compared under.
fn write_stores(pki: &Pki, dataset: &Dataset) -> Result<(), SampleError> {
    for (name, content) in pki.store_files() {
        let path = dataset.stores_folder().join(name);
        let fail = |source| SampleError::File { path: path.clone(), source };
        std::fs::create_dir_all(dataset.stores_folder()).map_err(fail)?;
        std::fs::write(&path, content).map_err(fail)?;
    }
    Ok(())
}

/// Begins a dataset of some members of the world that is to say that it was begun at `start`.
pub(super) fn begin(
    world: &World,
    pki: &Pki,
    dataset: &Dataset,
    mut members: impl Iterator<Item = u64>,
    start: Micros,
) -> Result<Manifest, SampleError> {
    let mut manifest = dataset.manifest()?;
    describe(world, pki, dataset, &mut manifest, (start, start + PACE))?;
    let listed = write_list_of(dataset, |file| {
        members.try_for_each(|index| writeln!(file, "{},{}", index + 1, world.name(index)))
    })?;
    manifest.input = Some(listed.for_manifest(world.seed));
    dataset.write_manifest(&manifest)?;
    Ok(manifest)
}

/// Writes the roots, and into the manifest what a sample says of itself.
fn describe(
    world: &World,
    pki: &Pki,
    dataset: &Dataset,
    manifest: &mut Manifest,
    (start, end): (Micros, Micros),
) -> Result<(), SampleError> {
    let store = TrustStore::from_certificates(pki.roots().map(<[u8]>::to_vec));
    files::write_atomically(&dataset.trust_store_path(), store.to_pem().as_bytes())?;
    // The same world gives the same files, footers included.
    manifest.id = Some(format!("sample-{}-{}-{}-{}", world.domains, world.seed, world.month, world.adoption));
    manifest.runs = vec![Run {
        number: 1,
        worker: WORKER.to_owned(),
        command_line: std::env::args().collect(),
        start: rfc3339(start),
        end: Some(rfc3339(end)),
        ..Run::default()
    }];
    manifest.workers = vec![Worker {
        name: WORKER.to_owned(),
        vantage: Some("none: this dataset was made by `mxcensus sample`, not observed".to_owned()),
        ehlo_name: "sample.invalid".to_owned(),
        families: vec!["ipv4".to_owned(), "ipv6".to_owned()],
        ..Worker::default()
    }];
    manifest.made = Some(Made::Sample);
    manifest.resolver = Some(Resolver { addresses: Vec::new(), dnssec: "validate".to_owned(), trust_anchor: None });
    manifest.trust_store =
        Some(TrustStoreName { name: "load world".to_owned(), sha256: store.digest(), roots: store.len() as u64 });
    Ok(())
}

/// Makes every row durable, and the dataset complete.
pub(super) fn close(dataset: &Dataset, mut manifest: Manifest, writer: Writer<'_>) -> Result<(), SampleError> {
    let parts = writer.finish()?;
    manifest.tables = dataset.table_files(&parts)?;
    manifest.files = dataset.other_files(&manifest.files)?;
    manifest.complete = true;
    dataset.write_manifest(&manifest)?;
    Ok(())
}

/// Writes a value as indented JSON.
pub(super) fn write_json(path: &Path, value: &Value) -> Result<(), SampleError> {
    let mut text = format!("{value:#}");
    text.push('\n');
    std::fs::write(path, text).map_err(|source| SampleError::File { path: path.to_owned(), source })
}

fn write_list(world: &World, dataset: &Dataset) -> Result<input::Listed, SampleError> {
    write_list_of(dataset, |file| write_domains(world, file))
}

/// Writes a list and reads it as any list is read.
fn write_list_of(
    dataset: &Dataset,
    write: impl FnOnce(&mut std::io::BufWriter<std::fs::File>) -> std::io::Result<()>,
) -> Result<input::Listed, SampleError> {
    let path = dataset.input_folder().join("made.csv.tmp");
    let fail = |source| SampleError::File { path: path.clone(), source };
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).map_err(fail)?);
    write(&mut file).map_err(fail)?;
    file.flush().map_err(fail)?;
    let listed = input::read_list(&Source::File(path.clone()), &dataset.input_folder(), None)?;
    std::fs::remove_file(&path).map_err(fail)?;
    Ok(listed)
}

/// Writes the world's list: `rank,domain`.
pub(super) fn write_domains(world: &World, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "rank,domain")?;
    world.members().zip(1..).try_for_each(|(index, rank): (u64, u64)| writeln!(out, "{rank},{}", world.name(index)))
}

/// Writes the observed rows, each shared host and certificate once.
pub(super) struct Writer<'w> {
    world: &'w World,
    pki: &'w Pki,
    domains: TableWriter<DomainRow>,
    policies: TableWriter<PolicyRow>,
    mx_hosts: TableWriter<MxHostRow>,
    endpoints: TableWriter<EndpointRow>,
    certificates: TableWriter<CertificateRow>,
    parts: Vec<mxcensus_dataset::Part>,
    shared_hosts: BTreeSet<Host>,
    /// Fingerprints of shared chains.
    shared_chains: std::collections::HashMap<Identity, Vec<String>>,
    authorities: HashSet<Vec<u8>>,
}

impl<'w> Writer<'w> {
    /// A writer into the dataset at `root`.
    pub(super) fn new(world: &'w World, pki: &'w Pki, root: &Path) -> Result<Writer<'w>, DatasetError> {
        let author = Author { worker: WORKER.to_owned(), run: 1 };
        let size = PartSize { rows: ROWS_PER_PART, age: std::time::Duration::MAX };
        Ok(Writer {
            world,
            pki,
            domains: TableWriter::new(root, &author, size)?,
            policies: TableWriter::new(root, &author, size)?,
            mx_hosts: TableWriter::new(root, &author, size)?,
            endpoints: TableWriter::new(root, &author, size)?,
            certificates: TableWriter::new(root, &author, size)?,
            parts: Vec::new(),
            shared_hosts: BTreeSet::new(),
            shared_chains: std::collections::HashMap::new(),
            authorities: HashSet::new(),
        })
    }

    /// Writes the rows of a domain, looked at from `at` on.
    pub(super) fn write(&mut self, domain: &Domain, rank: i64, at: Micros) -> Result<(), SampleError> {
        let world = self.world;
        self.parts.extend(self.domains.push(world.domain_row(domain, rank, at))?);
        if let Some(sts) = world.fetched(domain) {
            let chain = world.policy_identity(domain.index, sts).map(|identity| self.chain(&identity)).transpose()?;
            self.parts.extend(self.policies.push(world.policy_row(domain, sts, chain, at + PACE))?);
        }
        for (_, host) in world.mx(domain) {
            if matches!(host, Host::Shared(..)) && !self.shared_hosts.insert(host) {
                continue;
            }
            let mx = world.mx_host(host, domain);
            let row = world.mx_host_row(&mx, self.pki, at + PACE)?;
            if let Some(ip) = mx.address {
                let identity = world.identity(host, &mx.spec);
                let chain = mx.spec.manner.shows_certificate().then(|| self.chain(&identity)).transpose()?;
                self.parts.extend(self.endpoints.push(world.endpoint_row(&mx, ip, chain, &row, at + 2 * PACE))?);
            }
            self.parts.extend(self.mx_hosts.push(row)?);
        }
        Ok(())
    }

    /// The fingerprints of a chain, its certificates written where they are new.
    fn chain(&mut self, identity: &Identity) -> Result<Vec<String>, SampleError> {
        let shared = matches!(identity.owner, Owner::Provider(_) | Owner::Operator(_) | Owner::Appliance);
        if let Some(known) = self.shared_chains.get(identity).filter(|_| shared) {
            return Ok(known.clone());
        }
        let chain = self.pki.chain(self.world, identity)?;
        let mut fingerprints = Vec::with_capacity(chain.certificates.len());
        for (der, place) in chain.certificates.iter().zip(0..) {
            fingerprints.push(pkix::fingerprint(der));
            if place == 0 || self.authorities.insert(der.clone()) {
                self.parts.extend(self.certificates.push(pkix::describe(der))?);
            }
        }
        if shared {
            self.shared_chains.insert(*identity, fingerprints.clone());
        }
        Ok(fingerprints)
    }

    /// Makes every row durable; returns the files by table.
    fn finish(mut self) -> Result<BTreeMap<String, mxcensus_dataset::manifest::TableFiles>, DatasetError> {
        self.parts.extend(self.certificates.finish()?);
        self.parts.extend(self.endpoints.finish()?);
        self.parts.extend(self.policies.finish()?);
        self.parts.extend(self.mx_hosts.finish()?);
        self.parts.extend(self.domains.finish()?);
        let mut tables: BTreeMap<String, mxcensus_dataset::manifest::TableFiles> = BTreeMap::new();
        for part in self.parts {
            tables.entry(part.table.to_owned()).or_default().files.push(part.file);
        }
        Ok(tables)
    }
}
