//! `fleet close`: the dataset that everybody knows.

use std::collections::BTreeMap;

use mxcensus_dataset::rejudge::{self, Named};
use mxcensus_dataset::{Dataset, roots};
use mxcensus_fleet::broker::Broker;
use mxcensus_fleet::close::{self, Committed, Missing};
use mxcensus_fleet::layout::Layout;
use mxcensus_fleet::outbox::Outbox;
use mxcensus_fleet::records::{Spec, Standing, VERSION};
use mxcensus_fleet::{entries, fragment};

use super::begin::{layout_of, same_build};
use super::{FleetError, connect};
use crate::about;
use crate::cli::fleet::BrokerArgs;

/// How a crawl was closed.
pub(super) struct Closed {
    /// For the operator.
    pub(super) text: String,
    /// Whether everything is accounted for.
    pub(super) complete: bool,
}

/// Closes the crawl of a broker.
pub(super) async fn close(args: &BrokerArgs) -> Result<Closed, FleetError> {
    let broker = connect(args).await?;
    let spec = entries::spec(&broker).await?;
    same_build(&spec)?;
    let layout = layout_of(spec.dir.as_ref())?;
    close_crawl(&broker, &spec, &layout).await
}

/// Looks for what is missing; merges and judges where nothing is.
pub(super) async fn close_crawl(broker: &Broker, spec: &Spec, layout: &Layout) -> Result<Closed, FleetError> {
    let committed = close::committed(broker, spec).await?;
    let (looking, audited) = (layout.clone(), committed);
    let task = tokio::task::spawn_blocking(move || {
        let missing = close::audit(&looking, &audited)?;
        Ok::<_, FleetError>((missing, audited))
    });
    let stopped = || FleetError::JudgeStopped(layout.root().to_owned());
    let (missing, committed) = task.await.map_err(|_| stopped())??;
    if !missing.is_nothing() {
        return again(broker, spec, missing).await;
    }
    let layout = layout.clone();
    let task = tokio::task::spawn_blocking(move || conclude(&layout, &committed));
    task.await.map_err(|_| stopped())?
}

/// What is missing is put before the workers again.
async fn again(broker: &Broker, spec: &Spec, missing: Missing) -> Result<Closed, FleetError> {
    let text = format!(
        "Missing: {} domains, {} MX hosts, policies and addresses, {} certificates. Start workers again \
         (mxcensus fleet work), then close again.\n",
        missing.domains,
        missing.children.len(),
        missing.certificates
    );
    let standing = Standing { v: VERSION, observed: false };
    entries::set(broker, spec, "standing", None, &standing).await?;
    let mut outbox = Outbox::new(broker, &spec.incarnation, spec.slots);
    missing.children.into_iter().for_each(|child| outbox.put(child));
    outbox.publish().await?;
    Ok(Closed { text, complete: false })
}

fn conclude(layout: &Layout, committed: &Committed) -> Result<Closed, FleetError> {
    let dataset = Dataset::resume(layout.root())?;
    let mut manifest = dataset.manifest()?;
    let left_out = close::merge(layout, committed)?;
    let late = committed.not_counted(layout)?;
    if left_out + late > 0 {
        tracing::info!("{left_out} rows that stood twice and {late} late part files were left out");
    }
    let name = manifest.trust_store.as_ref().map_or_else(|| "mozilla".to_owned(), |store| store.name.clone());
    let named = Named { name, store: roots::read(&dataset.trust_store_path())? };
    let (summary, _) = rejudge::judge_own(&dataset, named, &about::tool())?;
    (manifest.runs, manifest.workers) = fragment::together(fragment::read_all(layout)?);
    manifest.tables = dataset.table_files(&BTreeMap::new())?;
    manifest.files = dataset.other_files(&BTreeMap::new())?;
    manifest.complete = manifest.input.as_ref().is_some_and(|input| input.rows == summary.domains());
    dataset.write_manifest(&manifest)?;
    Ok(Closed { text: summary.to_string(), complete: manifest.complete })
}
