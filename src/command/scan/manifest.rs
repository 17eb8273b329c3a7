//! What a run writes about itself into the manifest.

use std::sync::Arc;

use mxcensus_dataset::manifest::{Library, Manifest, Resolver, Run, TrustStoreName, Worker, rfc3339};
use mxcensus_dataset::{Dataset, DatasetError};
use mxcensus_scan::connectivity::pauses::Interruption;
use mxcensus_scan::net::{now, routes, source_addresses};
use tokio::sync::watch;

use crate::about;
use crate::settings::Settings;

/// Opens the run of this process in the manifest, with the settings in force.
pub(super) fn begin(dataset: &Dataset, settings: &Settings) -> Result<Manifest, DatasetError> {
    let mut manifest = dataset.manifest()?;
    let families = routes();
    let mut limits = settings.setup.limits.as_map();
    limits.insert("operators".to_owned(), settings.setup.operators().as_value());
    manifest.complete = false;
    // A dataset that one run made is made, whatever another says.
    manifest.made = settings.made.or(manifest.made);
    manifest.runs.push(Run {
        number: manifest.runs.len() as u32 + 1,
        worker: settings.setup.worker.clone(),
        command_line: std::env::args().collect(),
        start: rfc3339(now()),
        end: None,
        limits,
        pauses: Vec::new(),
    });
    manifest.workers.retain(|worker| worker.name != settings.setup.worker);
    manifest.workers.push(Worker {
        name: settings.setup.worker.clone(),
        vantage: Some(settings.vantage.clone()),
        ehlo_name: settings.setup.ehlo_name.clone(),
        contact: settings.setup.contact.clone(),
        source_addresses: source_addresses().iter().map(ToString::to_string).collect(),
        families: [("ipv4", families.v4), ("ipv6", families.v6)]
            .iter()
            .filter(|(_, routed)| *routed)
            .map(|(name, _)| (*name).to_owned())
            .collect(),
    });
    manifest.resolver = Some(Resolver {
        addresses: settings.setup.resolvers.iter().map(ToString::to_string).collect(),
        dnssec: settings.setup.dnssec.word().to_owned(),
        trust_anchor: settings.setup.trust_anchor.as_ref().map(|text| text.trim().to_owned()),
    });
    manifest.tls = Some(Library { name: "rustls".to_owned(), version: about::RUSTLS_VERSION.to_owned() });
    manifest.trust_store = Some(TrustStoreName {
        name: settings.trust_store_name.clone(),
        sha256: settings.trust_store.digest(),
        roots: settings.trust_store.len() as u64,
    });
    manifest.public_suffix_list = Some(format!("psl {}", about::PSL_VERSION));
    dataset.write_manifest(&manifest)?;
    Ok(manifest)
}

/// Writes each change of the pauses into the manifest as it happens, until the crawl is gone: a process that is killed,
/// be it in the middle of one, has said when it did not observe. Returns the manifest as it then is.
pub(super) async fn keep_pauses(
    mut pauses: watch::Receiver<Vec<Interruption>>,
    dataset: Arc<Dataset>,
    mut manifest: Manifest,
) -> Manifest {
    while pauses.changed().await.is_ok() {
        if let Some(run) = manifest.runs.last_mut() {
            run.pauses = pauses.borrow_and_update().iter().map(Interruption::for_manifest).collect();
        }
        let (dataset, now_is) = (dataset.clone(), manifest.clone());
        match tokio::task::spawn_blocking(move || dataset.write_manifest(&now_is)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("the pause is not yet in the manifest: {error}"),
            Err(error) => tracing::warn!("the pause is not yet in the manifest: {error}"),
        }
    }
    manifest
}
