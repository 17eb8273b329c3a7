//! Where a crawl of a fleet keeps its files, below the directory that its workers share.

use std::path::{Path, PathBuf};

use mxcensus_dataset::DatasetError;
use mxcensus_dataset::columns::TABLES;

use crate::slots::{Slot, Slots};

/// The files of a crawl.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Below this directory.
    pub fn new(root: &Path) -> Layout {
        Layout { root: root.to_owned() }
    }

    /// The directory, which is that of the dataset too.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What holds for the whole crawl: a new broker is seeded from it.
    pub fn spec(&self) -> PathBuf {
        self.fleet().join("crawl.json")
    }

    /// The opt-out list in force.
    pub fn opt_out(&self) -> PathBuf {
        self.fleet().join("opt-out.txt")
    }

    /// The folder of a slot's domains, a spool like that of the whole list.
    pub fn domains(&self, slot: Slot) -> PathBuf {
        self.fleet().join("domains").join(slot.to_string())
    }

    /// Below it, the part files of each table.
    pub fn parts(&self) -> PathBuf {
        self.fleet().join("parts")
    }

    /// One part file.
    pub fn part(&self, table: &str, name: &str) -> PathBuf {
        self.parts().join(table).join(name)
    }

    /// What each run of each worker says about itself.
    pub fn workers(&self) -> PathBuf {
        self.fleet().join("workers")
    }

    /// What `fleet local` keeps for its broker.
    pub fn broker(&self) -> PathBuf {
        self.fleet().join("broker")
    }

    /// Whether a crawl of a fleet was begun here.
    pub fn is_begun(&self) -> bool {
        self.spec().is_file()
    }

    /// Makes every folder.
    pub fn make(&self, slots: Slots) -> Result<(), DatasetError> {
        let observed = TABLES.iter().map(|table| self.parts().join(table.name));
        let folders = observed.chain([self.workers()]).chain(slots.all().map(|slot| self.domains(slot)));
        for folder in folders {
            std::fs::create_dir_all(&folder).map_err(|e| DatasetError::from_io(&folder, e))?;
        }
        Ok(())
    }

    fn fleet(&self) -> PathBuf {
        self.root.join("fleet")
    }
}
