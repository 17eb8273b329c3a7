//! Why a scan could not be run.

use std::net::SocketAddr;
use std::path::PathBuf;

use mxcensus_dataset::DatasetError;
use mxcensus_dataset::input::InputError;
use mxcensus_dataset::rejudge::RejudgeError;
use mxcensus_scan::connectivity::closed::Closed;
use mxcensus_scan::dns::DnsSetupError;

/// Why a scan could not be run, or not be brought to an end. Each says what the operator can do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScanError {
    /// The input cannot be used.
    #[error(transparent)]
    Input(InputError),
    /// The dataset cannot be made or written.
    #[error(transparent)]
    Dataset(DatasetError),
    /// A new crawl was to go where a dataset is.
    #[error("{} already holds a dataset: go on with it by --resume, or choose another directory", .0.display())]
    Exists(PathBuf),
    /// The disk is full.
    #[error("{0}, and go on with --resume")]
    Full(DatasetError),
    /// A dataset that `judge` made of another.
    #[error("{out} was made by `mxcensus judge --out`: go on with the crawl that it was made from, {from}")]
    Judged {
        /// The dataset.
        out: String,
        /// That crawl's dataset.
        from: String,
    },
    /// DNS cannot be set up.
    #[error(transparent)]
    Dns(#[from] DnsSetupError),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The verdicts could not be written.
    #[error(transparent)]
    Judge(#[from] RejudgeError),
    /// The writer thread panicked: a bug.
    #[error("the writer stopped unexpectedly; what was written is whole, go on with --resume")]
    WriterStopped,
    /// The judge panicked: a bug.
    #[error("the judge stopped unexpectedly; what was observed is whole, try: mxcensus judge DIR")]
    JudgeStopped,
    /// The port for metrics cannot be had.
    #[error("--metrics {address} cannot be served: {source}. Choose another port, or go without")]
    Metrics {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The task that keeps the pauses panicked: a bug.
    #[error("the list of pauses was lost unexpectedly; what was written is whole, go on with --resume")]
    PausesStopped,
    /// The disk is too full for the list.
    #[error("{0} Make room, or give another directory with --out")]
    NoRoom(String),
    /// No mail server can be reached from here.
    #[error(
        "port {port} is closed from this network: {closed}. Nothing was recorded about mail servers. Ask your provider to \
         open it (mxcensus doctor --mail-host HOST tells when it is), then go on with: mxcensus scan --out {} --resume",
        out.display()
    )]
    PortClosed {
        /// The port tried.
        port: u16,
        /// What says so.
        closed: Closed,
        /// The dataset.
        out: PathBuf,
    },
    /// An interrupted run that had not read its input yet.
    #[error("{0} was interrupted before its input was read: give the list again, beside --resume")]
    NothingToResume(String),
    /// A crawl is to go on with a list that is not the one it was begun with.
    #[error(
        "{out} was begun with another list ({begun}) than {given}: go on without a list, or choose another directory"
    )]
    OtherList {
        /// The dataset.
        out: String,
        /// What its list was called.
        begun: String,
        /// What was given now.
        given: String,
    },
    /// A crawl is to go on in another order, or with another part of its list.
    #[error("{out} was begun with {flag} {begun}, and is to go on with {flag} {given}: leave it out")]
    OtherInput {
        /// The dataset.
        out: String,
        /// The flag.
        flag: &'static str,
        /// What it was.
        begun: String,
        /// What it is now.
        given: u64,
    },
    /// The directory is shared by a fleet.
    #[error("{0} is the crawl of a fleet: go on with mxcensus fleet work, and finish it with mxcensus fleet close")]
    OfAFleet(String),
    /// A task panicked: a bug.
    #[error("{0} stopped unexpectedly: a fault of mxcensus. What was written is whole; go on with --resume")]
    Panicked(&'static str),
    /// The resolver denies what must exist.
    #[error(
        "the resolver {resolver} says that {name} does not exist: nothing it says can be used. Name another with --resolver"
    )]
    Denies {
        /// The resolvers.
        resolver: String,
        /// What must exist.
        name: String,
    },
}

impl From<DatasetError> for ScanError {
    fn from(error: DatasetError) -> Self {
        match error {
            DatasetError::Exists(path) => ScanError::Exists(path),
            full @ DatasetError::Full(_) => ScanError::Full(full),
            other => ScanError::Dataset(other),
        }
    }
}

impl From<InputError> for ScanError {
    fn from(error: InputError) -> Self {
        match error {
            InputError::Dataset(error) => error.into(),
            other => ScanError::Input(other),
        }
    }
}

impl ScanError {
    /// Whether writing the dataset failed.
    pub(super) fn is_disk(&self) -> bool {
        matches!(self, ScanError::Dataset(_) | ScanError::Exists(_) | ScanError::Full(_))
    }
}
