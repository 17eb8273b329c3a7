//! What this machine runs short of: an attempt that fails for it says nothing about the peer, and is made again.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mxcensus_rules::failure::Failure;

/// What is short.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shortage {
    /// EMFILE: file descriptors of the process.
    Descriptors,
    /// ENFILE: file descriptors of the system.
    SystemDescriptors,
    /// ENOBUFS: memory of the kernel for sockets.
    Buffers,
    /// EADDRNOTAVAIL with a route, and EAGAIN: local ports.
    Ports,
    /// ENOMEM: memory.
    Memory,
}

impl Shortage {
    /// Every one.
    pub const ALL: [Shortage; 5] =
        [Shortage::Descriptors, Shortage::SystemDescriptors, Shortage::Buffers, Shortage::Ports, Shortage::Memory];

    /// What the kernel's error number says; `None` where it speaks of something else.
    pub fn of(error: &io::Error) -> Option<Shortage> {
        match error.raw_os_error()? {
            24 => Some(Shortage::Descriptors),
            23 => Some(Shortage::SystemDescriptors),
            105 => Some(Shortage::Buffers),
            99 | 11 => Some(Shortage::Ports),
            12 => Some(Shortage::Memory),
            _ => None,
        }
    }

    /// One word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Shortage::Descriptors => "descriptors",
            Shortage::SystemDescriptors => "system-descriptors",
            Shortage::Buffers => "buffers",
            Shortage::Ports => "ports",
            Shortage::Memory => "memory",
        }
    }

    /// What is said to the operator and in the manifest.
    pub fn reason(self) -> &'static str {
        match self {
            Shortage::Descriptors => "no file descriptor is left for this process (raise ulimit -n)",
            Shortage::SystemDescriptors => "no file descriptor is left on this machine (raise fs.file-max)",
            Shortage::Buffers => "the kernel has no buffers left for sockets (ENOBUFS)",
            Shortage::Ports => "no local port is left (widen net.ipv4.ip_local_port_range)",
            Shortage::Memory => "no memory is left",
        }
    }

    /// Whether a socket can be had now. Nothing is sent.
    pub fn is_over() -> bool {
        UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).is_ok()
    }
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoConnection {
    /// A word for the row.
    Failure(Failure),
    /// This machine could not even try, so no row says anything about it.
    Short(Shortage),
}

/// The shortage of a crawl, if it suffers from one.
#[derive(Debug, Default)]
pub struct Shortages {
    any: AtomicBool,
    now: Mutex<Option<(Shortage, Instant)>>,
}

impl Shortages {
    /// An attempt failed for it.
    pub fn met(&self, shortage: Shortage) {
        let mut now = self.now();
        let since = now.map_or_else(Instant::now, |(_, since)| since);
        *now = Some((shortage, since));
        self.any.store(true, Relaxed);
    }

    /// An attempt found what it needed.
    pub fn is_over(&self) {
        if self.any.swap(false, Relaxed) {
            *self.now() = None;
        }
    }

    /// What is short, and for how long it has been.
    pub fn now_is(&self) -> Option<(Shortage, Duration)> {
        self.now().map(|(shortage, since)| (shortage, since.elapsed()))
    }

    fn now(&self) -> MutexGuard<'_, Option<(Shortage, Instant)>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short() {
        let table = [
            (24, Some(Shortage::Descriptors), "EMFILE"),
            (23, Some(Shortage::SystemDescriptors), "ENFILE"),
            (105, Some(Shortage::Buffers), "ENOBUFS"),
            (99, Some(Shortage::Ports), "EADDRNOTAVAIL"),
            (12, Some(Shortage::Memory), "ENOMEM"),
            (111, None, "ECONNREFUSED: the peer's word"),
            (1, None, "EPERM: a firewall of ours, which does not pass"),
        ];
        for (number, expected, why) in table {
            assert_eq!(Shortage::of(&io::Error::from_raw_os_error(number)), expected, "{why}");
        }
    }

    #[test]
    fn a_shortage_lasts_until_something_works() {
        let shortages = Shortages::default();
        assert!(shortages.now_is().is_none());
        shortages.met(Shortage::Ports);
        let first = shortages.now_is().unwrap().1;
        std::thread::sleep(Duration::from_millis(2));
        shortages.met(Shortage::Descriptors);
        let (what, lasting) = shortages.now_is().unwrap();
        assert!(what == Shortage::Descriptors && lasting > first);
        shortages.is_over();
        assert!(shortages.now_is().is_none());
    }
}
