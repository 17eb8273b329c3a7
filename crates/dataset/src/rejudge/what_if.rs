//! `judge --out DIR2`: another judgement of the same observations, as a dataset of its own.
//!
//! The part files of the observed tables and the input are linked, not copied: a file that has its name never changes. So
//! whatever reads a dataset reads this one, it takes no room, and it stays whole when the first one goes. Across file systems
//! the links are symbolic. The manifest says what was judged (`judged_from`).

use std::fs;
use std::io;
use std::path::Path;

use crate::columns::{EVERY_TABLE, TABLES};
use crate::manifest::{JudgedFrom, Manifest, TrustStoreName};
use crate::{Dataset, DatasetError, MANIFEST, Part, files, free_directory, part_files, write_json};

/// Makes `out` a dataset with the observations of `from`, and without verdicts. An earlier judgement of the same crawl that
/// is there is replaced.
pub(super) fn begin(from: &Dataset, out: &Path) -> Result<Manifest, DatasetError> {
    let mut manifest = from.manifest()?;
    match Dataset::open(out) {
        Ok(there) if is_of(&there.manifest()?, &manifest) => {}
        Ok(_) => return Err(DatasetError::Exists(out.to_path_buf())),
        Err(DatasetError::Missing(_)) => free_directory(out)?,
        Err(error) => return Err(error),
    }
    let path = fs::canonicalize(from.root()).map_err(|e| DatasetError::from_io(from.root(), e))?;
    let digest = files::digest_of(&path.join(MANIFEST))?;
    manifest.judged_from = Some(JudgedFrom { path: path.display().to_string(), manifest_sha256: digest.sha256 });
    for table in EVERY_TABLE.iter().filter(|table| table.judged) {
        manifest.tables.remove(table.name);
    }
    // First of all, so that a command that is stopped here can begin again.
    write_json(&out.join(MANIFEST), &manifest)?;
    for table in TABLES {
        let folder = out.join(table.name);
        fs::create_dir_all(&folder).map_err(|e| DatasetError::from_io(&folder, e))?;
        for file in part_files(&path.join(table.name))?.iter().filter(|_| !table.judged) {
            link(file, &folder)?;
        }
    }
    let input = out.join("input");
    fs::create_dir_all(&input).map_err(|e| DatasetError::from_io(&input, e))?;
    for file in files::list(&path.join("input"))?.iter().filter(|file| file.is_file()) {
        link(file, &input)?;
    }
    Ok(manifest)
}

/// Closes its manifest over the verdicts.
pub(super) fn close(
    out: &Path,
    mut manifest: Manifest,
    store: TrustStoreName,
    parts: Vec<Part>,
) -> Result<(), DatasetError> {
    let dataset = Dataset::open(out)?;
    manifest.trust_store = Some(store);
    for part in parts {
        manifest.tables.entry(part.table.to_owned()).or_default().files.push(part.file);
    }
    manifest.tables = dataset.table_files(&manifest.tables)?;
    manifest.files = dataset.other_files(&manifest.files)?;
    dataset.write_manifest(&manifest)
}

/// Whether the one is another judgement of the crawl that the other is, or is a judgement of.
fn is_of(there: &Manifest, from: &Manifest) -> bool {
    let begun = |manifest: &Manifest| manifest.runs.first().map(|run| run.start.clone());
    there.judged_from.is_some() && begun(there) == begun(from) && there.input == from.input
}

fn link(file: &Path, folder: &Path) -> Result<(), DatasetError> {
    let Some(name) = file.file_name() else { return Ok(()) };
    let target = folder.join(name);
    match fs::remove_file(&target) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(DatasetError::from_io(&target, e)),
    }
    match fs::hard_link(file, &target) {
        Ok(()) => Ok(()),
        // Another file system, or one without such links, or a file of somebody else's.
        Err(_) => std::os::unix::fs::symlink(file, &target).map_err(|e| DatasetError::from_io(&target, e)),
    }
}
