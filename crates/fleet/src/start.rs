//! The beginning of a crawl, and a new broker for one that was begun.

use std::io::Write;

use mxcensus_dataset::files::{self, Staged};
use mxcensus_dataset::input::{InputError, Spool};
use mxcensus_dataset::{DatasetError, Row, TableReader, columns, part_files};
use mxcensus_rules::observation::{DomainRow, MxHostRow};
use mxcensus_scan::frontier::Child;
use mxcensus_scan::stage::{domain, host};

use crate::broker::{Appended, Broker, BrokerError, Stream};
use crate::entries::{self, EntryError};
use crate::layout::Layout;
use crate::log::own_subject;
use crate::outbox::Outbox;
use crate::records::{self, OptOutInForce, PartOf, Record, RecordError, Spec, VERSION, What};
use crate::slots::{Slot, Slots};

/// Why a crawl cannot be begun, or not be given a new broker.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// Files.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The list.
    #[error(transparent)]
    Input(#[from] InputError),
    /// What stands in the crawl's directory.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<BrokerError> for StartError {
    fn from(error: BrokerError) -> Self {
        StartError::Entry(error.into())
    }
}

/// A random word, unlike any before.
pub fn random_word() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// Deals the domains of a list to their slots.
pub fn deal(layout: &Layout, spool: &Spool, slots: Slots) -> Result<(), StartError> {
    layout.make(slots)?;
    let path = |slot: Slot| layout.domains(slot).join("domains.csv");
    let mut dealt: Vec<(Slot, Staged)> =
        slots.all().map(|slot| Ok((slot, Staged::create(&path(slot))?))).collect::<Result<_, DatasetError>>()?;
    for entry in spool.read_in_order()? {
        let entry = entry?;
        let slot = slots.of_name(&entry.domain);
        let rank = entry.rank.map(|rank| rank.to_string()).unwrap_or_default();
        if let Some((_, file)) = dealt.iter_mut().find(|(of, _)| *of == slot) {
            writeln!(file, "{rank},{}", entry.domain).map_err(|e| DatasetError::from_io(&path(slot), e))?;
        }
    }
    for (_, file) in dealt {
        file.publish()?;
    }
    Ok(())
}

/// Begins a crawl on the broker: its streams and its settings. The last thing that is there are the settings.
pub async fn begin(broker: &Broker, layout: &Layout, spec: &Spec, opt_out: OptOutInForce) -> Result<(), StartError> {
    broker.make_streams().await?;
    write_spec(layout, spec)?;
    entries::set(broker, spec, "opt-out", Some(0), &opt_out).await?;
    entries::put_spec(broker, spec).await?;
    Ok(())
}

fn write_spec(layout: &Layout, spec: &Spec) -> Result<(), StartError> {
    let mut text = serde_json::to_vec_pretty(spec).map_err(RecordError::from)?;
    text.push(b'\n');
    files::write_atomically(&layout.spec(), &text)?;
    Ok(())
}

/// The settings of the crawl that was begun in a directory.
pub fn read_spec(layout: &Layout) -> Result<Spec, StartError> {
    let text = std::fs::read(layout.spec()).map_err(|e| DatasetError::from_io(&layout.spec(), e))?;
    Ok(records::read(&text)?)
}

/// Gives a crawl whose broker is lost a new one: the parts that are there count, and what their rows lead to is published.
/// The notes of the lost broker are gone, so a server may see its four connections again where it has no row yet.
pub async fn seed(broker: &Broker, layout: &Layout, old: &Spec, opt_out: OptOutInForce) -> Result<Spec, StartError> {
    let spec = Spec { incarnation: random_word(), ..old.clone() };
    broker.make_streams().await?;
    write_spec(layout, &spec)?;
    entries::set(broker, &spec, "opt-out", Some(0), &opt_out).await?;
    let start = random_word();
    let all = parts_on_disk(layout)?;
    for slot in spec.slots.all() {
        let parts: Vec<PartOf> =
            all.iter().filter(|(of, ..)| *of == slot.to_string()).map(|(_, _, part)| part.clone()).collect();
        // The next owner's epoch follows the last one that wrote anything, so that no name is used twice.
        let epoch =
            all.iter().filter(|(of, ..)| *of == slot.to_string()).map(|(_, epoch, _)| *epoch).max().unwrap_or(0) + 1;
        for what in [What::Begin { worker: "seed".to_owned() }, What::Checkpoint(parts), What::Released] {
            append(broker, &spec, slot, &start, epoch, what).await?;
        }
    }
    let mut outbox = Outbox::new(broker, &spec.incarnation, spec.slots);
    for child in children_on_disk(layout)? {
        outbox.put(child?);
        if outbox.is_due() {
            outbox.publish().await?;
        }
    }
    outbox.publish().await?;
    entries::put_spec(broker, &spec).await?;
    Ok(spec)
}

/// Appends to the log of a slot that nobody holds.
async fn append(
    broker: &Broker,
    spec: &Spec,
    slot: Slot,
    start: &str,
    epoch: u64,
    what: What,
) -> Result<(), StartError> {
    let subject = own_subject(&spec.incarnation, slot);
    let last = broker.last(Stream::Log, &subject).await?;
    let prev = match &last {
        Some(stored) => Some(records::read::<Record>(&stored.data)?.id),
        None => None,
    };
    let id = format!("{start}-{slot}-{}", last.as_ref().map_or(1, |last| last.seq + 1));
    let record = Record { v: VERSION, id, prev, start: start.to_owned(), epoch, what };
    let data = serde_json::to_vec(&record).map_err(RecordError::from)?;
    match broker.append(Stream::Log, &subject, Some(last.map_or(0, |last| last.seq)), data).await? {
        Appended::Stored(_) => Ok(()),
        Appended::Refused => Err(BrokerError::Exists.into()),
    }
}

/// Every part file, with its slot and epoch, in the order of their names.
fn parts_on_disk(layout: &Layout) -> Result<Vec<(String, u64, PartOf)>, DatasetError> {
    let mut parts = Vec::new();
    for table in columns::TABLES {
        for path in part_files(&layout.parts().join(table.name))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut words = name.split('-');
            let (Some(slot), Some(epoch)) = (words.next(), words.next().and_then(|word| word.parse().ok())) else {
                continue;
            };
            let digest = files::digest_of(&path)?;
            let rows = mxcensus_dataset::row_count(&path)?;
            let file = mxcensus_dataset::manifest::PartFile {
                name: name.clone(),
                rows,
                bytes: digest.bytes,
                sha256: digest.sha256,
            };
            parts.push((slot.to_owned(), epoch, PartOf { table: table.name.to_owned(), file }));
        }
    }
    Ok(parts)
}

/// What the rows that are there lead to.
fn children_on_disk(layout: &Layout) -> Result<impl Iterator<Item = Result<Child, DatasetError>>, DatasetError> {
    let domains = TableReader::of_files(DomainRow::TABLE, part_files(&layout.parts().join(DomainRow::TABLE.name))?);
    let hosts = TableReader::of_files(MxHostRow::TABLE, part_files(&layout.parts().join(MxHostRow::TABLE.name))?);
    let of_domains = domains.rows::<DomainRow>().flat_map(|row| match row {
        Ok(row) => domain::children(&row.domain.as_str().into(), &row).map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error)],
    });
    let of_hosts = hosts.rows::<MxHostRow>().flat_map(|row| match row {
        Ok(row) => {
            let at = host::addresses_of(&row.host.as_str().into(), &row);
            at.into_iter().map(|at| Ok(Child::At(at))).collect::<Vec<_>>()
        }
        Err(error) => vec![Err(error)],
    });
    Ok(of_domains.chain(of_hosts))
}
