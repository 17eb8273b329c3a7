//! What a run writes about itself into the manifest.

use std::path::Path;
use std::sync::Arc;

use mxcensus_dataset::manifest::{Library, Manifest, OptOutList, Resolver, Run, TrustStoreName, Worker, rfc3339};
use mxcensus_dataset::{Dataset, DatasetError};
use mxcensus_scan::connectivity::pauses::Interruption;
use mxcensus_scan::net::{now, routes, source_addresses};
use tokio::sync::watch;

use crate::about;
use crate::kept;
use crate::settings::Settings;

/// Opens the run of this process in the manifest, with the settings in force.
///
/// What holds for the whole crawl is written at its start and stays: see [`kept`].
pub(in crate::command) fn begin(dataset: &Dataset, settings: &Settings) -> Result<Manifest, DatasetError> {
    let mut manifest = dataset.manifest()?;
    let opt_out = match &settings.opt_out_file {
        Some(file) => {
            let entries = settings.setup.left_alone.list().len();
            Some(kept::keep_opt_out(
                &dataset.input_folder(),
                &settings.opt_out_text,
                &name_of_list(dataset, &manifest, file),
                entries,
            )?)
        }
        None => None,
    };
    let mut limits = settings.setup.limits.as_map();
    limits.insert("operators".to_owned(), settings.setup.operators().as_value());
    limits.insert("policy_hosts".to_owned(), settings.setup.policy_operators().as_value());
    limits.insert("dns_operators".to_owned(), settings.setup.dns_operators().as_value());
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
        resolvers: settings.setup.resolvers.iter().map(ToString::to_string).collect(),
        contact: settings.setup.contact.clone(),
        opt_out,
        version: about::tool().version,
        pauses: Vec::new(),
    });
    manifest.workers.retain(|worker| worker.name != settings.setup.worker);
    manifest.workers.push(worker(settings));
    manifest.settings.get_or_insert_with(|| kept::keep(settings));
    manifest.resolver.get_or_insert_with(|| Resolver {
        addresses: settings.setup.resolvers.iter().map(ToString::to_string).collect(),
        dnssec: settings.setup.dnssec.word().to_owned(),
        trust_anchor: settings.setup.trust_anchor.as_ref().map(|text| text.trim().to_owned()),
    });
    manifest
        .tls
        .get_or_insert_with(|| Library { name: "rustls".to_owned(), version: about::RUSTLS_VERSION.to_owned() });
    manifest.trust_store.get_or_insert_with(|| TrustStoreName {
        name: settings.trust_store_name.clone(),
        sha256: settings.trust_store.digest(),
        roots: settings.trust_store.len() as u64,
    });
    manifest.public_suffix_list.get_or_insert_with(|| format!("psl {}", about::PSL_VERSION));
    dataset.write_manifest(&manifest)?;
    Ok(manifest)
}

/// This machine, as it takes part in a crawl.
pub(in crate::command) fn worker(settings: &Settings) -> Worker {
    let families = routes();
    Worker {
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
    }
}

/// What a list is called: a run that goes on with the kept copy goes on with its name too.
fn name_of_list(dataset: &Dataset, manifest: &Manifest, file: &Path) -> String {
    let kept = manifest.runs.last().and_then(|run| run.opt_out.as_ref());
    match kept.filter(|_| file == kept::opt_out_path(&dataset.input_folder())) {
        Some(list) => list.name.clone(),
        None => file.display().to_string(),
    }
}

/// Writes each pause, and each opt-out list that takes the place of another, into the manifest as it happens, until the crawl
/// is gone: when the process is killed, even in the middle of a pause, the manifest says when it did not observe and whom it
/// left alone. Returns the manifest as it then is.
pub(super) async fn keep_up(
    mut pauses: watch::Receiver<Vec<Interruption>>,
    mut opt_out: watch::Receiver<Option<OptOutList>>,
    dataset: Arc<Dataset>,
    mut manifest: Manifest,
) -> Manifest {
    loop {
        let goes_on = tokio::select! {
            changed = pauses.changed() => changed.is_ok(),
            Ok(()) = opt_out.changed() => true,
        };
        if let Some(run) = manifest.runs.last_mut() {
            run.pauses = pauses.borrow_and_update().iter().map(Interruption::for_manifest).collect();
            if let Some(list) = opt_out.borrow_and_update().clone() {
                run.opt_out = Some(list);
            }
        }
        if !goes_on {
            return manifest;
        }
        let (dataset, now_is) = (dataset.clone(), manifest.clone());
        match tokio::task::spawn_blocking(move || dataset.write_manifest(&now_is)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("the manifest is behind: {error}"),
            Err(error) => tracing::warn!("the manifest is behind: {error}"),
        }
    }
}
