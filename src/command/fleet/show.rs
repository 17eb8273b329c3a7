//! `fleet status` and `fleet opt-out`.

use std::fmt::Write;
use std::time::{Duration, Instant};

use mxcensus_fleet::layout::Layout;
use mxcensus_fleet::{entries, status};

use super::begin::{keep_opt_out, layout_of};
use super::{FleetError, connect};
use crate::cli::fleet::{OptOutArgs, StatusArgs};
use crate::settings;

/// The text, and whether everything has its row.
pub(super) async fn status(args: &StatusArgs) -> Result<(String, bool), FleetError> {
    let broker = connect(&args.broker).await?;
    let spec = entries::spec(&broker).await?;
    let found = status::look(&broker, &spec).await?;
    if args.json {
        let text = serde_json::to_string_pretty(&found).unwrap_or_default();
        return Ok((text + "\n", found.observed));
    }
    let mut text = String::new();
    let idle = found.slots.iter().filter(|slot| slot.idle).count();
    let held = found.slots.iter().filter(|slot| slot.owner.is_some()).count();
    let state = if found.observed { "observed: close it" } else { "under way" };
    let _ = writeln!(text, "Crawl {} in {}: {state}.", found.crawl, found.dir);
    let _ = writeln!(text, "Slots: {} in all, {held} held, {idle} with nothing left.", found.slots.len());
    for worker in &found.workers {
        let [domains, policies, hosts, endpoints] = worker.rows;
        let _ = writeln!(
            text,
            "{} (run {}): {}, {} slots; rows: {domains} domains, {policies} policies, {hosts} MX hosts, {endpoints} endpoints.",
            worker.worker, worker.run, worker.state, worker.slots
        );
    }
    Ok((text, found.observed))
}

/// Replaces the list, and waits until every worker obeys it.
pub(super) async fn opt_out(args: &OptOutArgs) -> Result<String, FleetError> {
    let (list, text) = settings::opt_out(&args.file)?;
    let broker = connect(&args.broker).await?;
    let spec = entries::spec(&broker).await?;
    let layout: Layout = layout_of(spec.dir.as_ref())?;
    let in_force = keep_opt_out(&layout, &text, Some(&args.file))?;
    entries::set(&broker, &spec, "opt-out", None, &in_force).await?;
    // A worker without a sign of life for so long makes no contact.
    let (begun, patience) = (Instant::now(), Duration::from_secs_f64(spec.gone_after_s * 2.0));
    loop {
        let behind = status::behind_with_opt_out(&broker, &spec, &in_force.sha256).await?;
        if behind.is_empty() {
            return Ok(format!("Every worker obeys the new list: {} entries.\n", list.len()));
        }
        if begun.elapsed() > patience {
            return Ok(format!(
                "The new list holds: {} entries. Not heard of since, and gone by now: {}.\n",
                list.len(),
                behind.join(", ")
            ));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
