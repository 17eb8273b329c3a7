//! A folder of trust stores that are compared: `judge --stores`, and the `stores/` that it leaves in a dataset.
//!
//! `NAME.pem` (or `NAME.crt`) holds the roots of the store NAME. `NAME.distrust` beside it says what is refused of them, one root
//! a line as for `judge --distrust`. Other files are left alone: a folder may hold a licence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::distrust::Distrust;
use super::{Named, RejudgeError};
use crate::manifest::ComparedStore;
use crate::{DatasetError, files, roots};
use mxcensus_rules::pkix::TrustStore;

/// Extensions of files of roots.
const ROOTS: [&str; 2] = ["pem", "crt"];
/// The extension of files that say what is refused.
const DISTRUST: &str = "distrust";

/// A trust store that is compared.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    /// The name of its file, and its roots as far as they are trusted.
    pub named: Named,
    /// Its roots as they came.
    whole: TrustStore,
    /// What is refused of it alone.
    distrusted: Vec<Distrust>,
}

/// Reads a folder, by name. One without a file of roots is an error.
pub(super) fn read(folder: &Path) -> Result<Vec<Compared>, RejudgeError> {
    let fail = |reason: String| RejudgeError::Stores { folder: folder.to_owned(), reason };
    let mut stores: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut refused: BTreeMap<String, PathBuf> = BTreeMap::new();
    // A folder that is not there would look like an empty one.
    let listed = std::fs::read_dir(folder).map_err(|e| DatasetError::from_io(folder, e)).and(files::list(folder))?;
    for path in listed.into_iter().filter(|path| path.is_file()) {
        let Some((name, kind)) = name_and_kind(&path) else { continue };
        let (files, both) = match kind.as_str() {
            DISTRUST => (&mut refused, "two files say what is refused of"),
            _ if ROOTS.contains(&kind.as_str()) => (&mut stores, "two files hold the roots of"),
            _ => continue,
        };
        if files.insert(name.clone(), path).is_some() {
            return Err(fail(format!("{both} {name:?}")));
        }
    }
    if stores.is_empty() {
        return Err(fail("no NAME.pem in it".to_owned()));
    }
    if let Some(name) = refused.keys().find(|name| !stores.contains_key(*name)) {
        return Err(fail(format!("{name}.{DISTRUST} has no {name}.pem beside it")));
    }
    let one =
        |(name, path): (String, PathBuf)| Compared::read(name.clone(), &path, refused.get(&name).map(PathBuf::as_path));
    stores.into_iter().map(one).collect()
}

/// The stores that a dataset keeps; none where it has no folder of them.
pub(super) fn kept(folder: &Path) -> Result<Vec<Compared>, RejudgeError> {
    if folder.is_dir() { read(folder) } else { Ok(Vec::new()) }
}

/// The parts of a file's name. A hidden file has none.
fn name_and_kind(path: &Path) -> Option<(String, String)> {
    let name = path.file_stem()?.to_str().filter(|name| !name.starts_with('.'))?;
    Some((name.to_owned(), path.extension()?.to_str()?.to_ascii_lowercase()))
}

impl Compared {
    fn read(name: String, roots: &Path, refused: Option<&Path>) -> Result<Self, RejudgeError> {
        let whole = roots::read(roots)?;
        let distrusted = refused.map_or(Ok(Vec::new()), Distrust::read_file)?;
        let mut store = whole.clone();
        for distrust in &distrusted {
            if !whole.contains(distrust.fingerprint()) {
                let reason = format!("{name} has no root of this fingerprint (SHA-256 of its DER, hex)");
                return Err(RejudgeError::Distrust { given: distrust.to_string(), reason });
            }
            store = distrust.apply(&store);
        }
        Ok(Self { named: Named { name, store }, whole, distrusted })
    }

    /// As the judgement has it.
    pub(super) fn described(&self) -> ComparedStore {
        ComparedStore {
            name: self.named.name.clone(),
            sha256: self.named.store.digest(),
            roots: self.named.store.len() as u64,
            distrusted: self.distrusted.iter().map(ToString::to_string).collect(),
        }
    }

    /// Its files, name and content, from which [`read`] makes the same.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let name = &self.named.name;
        let mut files = vec![(format!("{name}.{}", ROOTS[0]), self.whole.to_pem())];
        if !self.distrusted.is_empty() {
            let lines = self.distrusted.iter().map(|distrust| format!("{distrust}\n")).collect();
            files.push((format!("{name}.{DISTRUST}"), lines));
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mxcensus_rules::pkix::testing::Authority;

    /// A store of one root; its fingerprint.
    fn root(folder: &Path, name: &str) -> String {
        let store = TrustStore::from_certificates([Authority::root(name).der()]);
        std::fs::write(folder.join(name), store.to_pem()).unwrap();
        store.fingerprints().next().unwrap().to_owned()
    }

    #[test]
    fn stores_come_by_name_and_what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let b = root(folder.path(), "b.pem");
        root(folder.path(), "a store.CRT");
        for stranger in ["README.md", ".hidden.pem", "LICENSE"] {
            std::fs::write(folder.path().join(stranger), "no roots").unwrap();
        }
        std::fs::write(folder.path().join("b.distrust"), format!("# let go\nsct:{b}@2024-11-12\n")).unwrap();
        let stores = read(folder.path()).unwrap();
        let names: Vec<&str> = stores.iter().map(|store| store.named.name.as_str()).collect();
        assert_eq!(names, ["a store", "b"]);
        assert_eq!(stores[1].described().distrusted, [format!("sct:{b}@2024-11-12")]);
        assert_ne!(stores[1].named.store.digest(), stores[1].whole.digest());

        let again = tempfile::tempdir().unwrap();
        for (name, content) in stores.iter().flat_map(Compared::files) {
            std::fs::write(again.path().join(name), content).unwrap();
        }
        let described = |stores: &[Compared]| stores.iter().map(Compared::described).collect::<Vec<_>>();
        assert_eq!(described(&read(again.path()).unwrap()), described(&stores));
    }

    #[test]
    fn a_folder_that_cannot_be_meant_is_refused() {
        let said = |prepare: &dyn Fn(&Path)| {
            let folder = tempfile::tempdir().unwrap();
            prepare(folder.path());
            read(folder.path()).unwrap_err().to_string()
        };
        assert!(said(&|_| ()).contains("no NAME.pem"));
        assert!(said(&|folder| std::fs::write(folder.join("a.pem"), "nothing").unwrap()).contains("a.pem"));
        let lonely = |folder: &Path| {
            root(folder, "a.pem");
            std::fs::write(folder.join("b.distrust"), "").unwrap();
        };
        assert!(said(&lonely).contains("b.distrust has no b.pem"));
        let twice = |folder: &Path| {
            root(folder, "a.pem");
            root(folder, "a.crt");
        };
        assert!(said(&twice).contains("two files hold the roots of \"a\""));
        let stranger = |folder: &Path| {
            root(folder, "a.pem");
            std::fs::write(folder.join("a.distrust"), format!("{}@2024-11-12", "ab".repeat(32))).unwrap();
        };
        assert!(said(&stranger).contains("a has no root"));
        assert!(read(Path::new("/nonexistent/stores")).is_err());
        assert!(kept(Path::new("/nonexistent/stores")).unwrap().is_empty());
    }
}
