//! How much memory this process holds, as Linux tells.

use serde::Serialize;

/// The process's memory; null where the system does not tell.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Memory {
    /// Resident now, bytes.
    pub resident_bytes: Option<u64>,
    /// The most that was ever resident, bytes.
    pub peak_bytes: Option<u64>,
}

/// Reads proc_pid_status(5).
pub(super) fn read() -> Memory {
    std::fs::read_to_string("/proc/self/status").map_or_else(|_| Memory::default(), |text| parse(&text))
}

fn parse(text: &str) -> Memory {
    let bytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        kib.checked_mul(1024)
    };
    Memory { resident_bytes: bytes("VmRSS"), peak_bytes: bytes("VmHWM") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_proc() {
        let text = "Name:\tmxcensus\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\nRssAnon:\t 1 kB\n";
        assert_eq!(parse(text), Memory { resident_bytes: Some(10 << 20), peak_bytes: Some(20 << 20) });
        for text in ["", "VmRSS:\n", "VmRSS:\t10240 pages\n", "VmRSS: -1 kB", "VmRSS: 99999999999999999999 kB"] {
            assert_eq!(parse(text), Memory::default(), "{text:?}");
        }
    }
}
