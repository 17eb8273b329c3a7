//! What can be known without a packet: file descriptors, disk, routes, and whether we say who we are.

use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Finding, descriptors_needed};
use crate::settings::Settings;
use mxcensus_scan::net::{routes as families, source_addresses};

/// Bytes that a dataset takes for each domain, certificates and verdicts included: the lab's takes 1,300, with more
/// certificates than most populations have.
const BYTES_PER_DOMAIN: u64 = 2_048;

/// Free space below which a warning is given for any list: logs and what-if judgements need room too.
const LEAST_FREE: u64 = 64 << 20;

/// The checks that cost nothing, for the start of every scan. Raises the soft limit of open files where it is too low.
pub(crate) fn before_scan(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![file_descriptors(descriptors_needed(&settings.setup.limits, settings))];
    // In a lab there is no stranger who must be told who we are.
    if !settings.setup.allow_special_addresses {
        findings.push(match &settings.setup.contact {
            Some(contact) => Finding::ok("contact", format!("Policy hosts are told {contact}.")),
            None => Finding::warn(
                "contact",
                "Nobody who is contacted learns whom to write to.",
                "Give --contact with a page or an address, and say there who you are and how to opt out.",
            ),
        });
        findings.push(match &settings.opt_out_file {
            Some(file) => Finding::ok("opt-out", format!("{} is readable.", file.display())),
            None => Finding::warn(
                "opt-out",
                "There is no opt-out list, so nobody can be left alone while the crawl runs.",
                "Give --opt-out with a file, even an empty one: it is reread on SIGHUP.",
            ),
        });
    }
    findings
}

/// Whether enough files may be open at once; raises the soft limit up to the hard one.
fn file_descriptors(needed: u64) -> Finding {
    let limit = getrlimit(Resource::Nofile);
    let enough = |have: Option<u64>| have.is_none_or(|have| have >= needed);
    if enough(limit.current) {
        return Finding::ok("files", format!("{needed} files may be open at once."));
    }
    let raised = Rlimit { current: limit.maximum.map(|maximum| maximum.min(needed)).or(Some(needed)), ..limit };
    let done = setrlimit(Resource::Nofile, raised).is_ok();
    if done && enough(limit.maximum) {
        return Finding::ok("files", format!("{needed} files may be open at once; the soft limit was raised to that."));
    }
    let maximum = limit.maximum.unwrap_or(0);
    Finding::fail(
        "files",
        format!("Only {maximum} files may be open at once, and the limits ask for {needed}."),
        format!("Raise the hard limit (ulimit -Hn {needed}), or lower endpoints_in_flight in the configuration file."),
    )
}

/// Whether a dataset fits where it is to be written; `domains` is how many there will be, where that is known.
pub(crate) fn disk(out: Option<&Path>, domains: Option<u64>) -> Finding {
    let Some(out) = out else {
        return Finding::warn(
            "disk",
            "It was not said where the dataset will be written.",
            "Give --out DIR, and --domains N.",
        );
    };
    // The directory itself may not exist yet: what counts is where it will be made.
    let Some(there) = out
        .ancestors()
        .map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path })
        .find(|path| path.exists())
    else {
        return Finding::fail(
            "disk",
            format!("{} cannot be made.", out.display()),
            "Give another directory with --out.",
        );
    };
    let free = match rustix::fs::statvfs(there) {
        Ok(stat) => stat.f_bavail.saturating_mul(stat.f_frsize),
        Err(error) => {
            return Finding::warn("disk", format!("{}: {error}.", there.display()), "See to it that there is room.");
        }
    };
    let needed = domains.unwrap_or(0).saturating_mul(BYTES_PER_DOMAIN);
    room(&there.display().to_string(), free, needed)
}

fn room(place: &str, free: u64, needed: u64) -> Finding {
    let seen = format!("{} free at {place}, and the dataset may take {}.", size(free), size(needed));
    let advice = "Make room, or give another directory with --out.";
    match free {
        free if free >= needed.max(LEAST_FREE) => Finding::ok("disk", seen),
        // The estimate is generous, so a disk with less than a tenth of it is too small.
        free if free >= needed / 10 && free > 0 => Finding::warn("disk", seen, advice),
        _ => Finding::fail("disk", seen, advice),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// The address families with a route to the internet. Nothing is sent. A lab can do without any.
pub(crate) fn routes(lab: bool) -> Vec<Finding> {
    let families = families();
    let sources = source_addresses().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let no = |name, level: fn(&'static str, String, &'static str) -> Finding, advice| {
        level(name, format!("This machine has no route to the {name} internet."), advice)
    };
    let v4 = if families.v4 {
        Finding::ok("IPv4", format!("There is a route; source addresses: {sources}."))
    } else {
        no(
            "IPv4",
            if lab { Finding::warn } else { Finding::fail },
            "Give the machine an IPv4 address: most mail servers have no other.",
        )
    };
    let v6 = if families.v6 {
        Finding::ok("IPv6", "There is a route.")
    } else {
        no("IPv6", Finding::warn, "Addresses of that family will be recorded as not asked (no-route-for-family).")
    };
    vec![v4, v6]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::Level;

    #[test]
    fn room_is_judged_by_the_size_of_the_list() {
        for (free, needed, level) in [
            (10 << 30, 1 << 30, Level::Ok),
            (1 << 30, 2 << 30, Level::Warn),
            (1 << 30, 20 << 30, Level::Fail),
            (1 << 20, 20 << 20, Level::Fail),
            (1 << 20, 2 << 20, Level::Warn),
            (32 << 20, 1 << 20, Level::Warn),
        ] {
            assert_eq!(room("/", free, needed).level, level, "{free} of {needed}");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_yet_is_measured_where_it_will_be() {
        let dir = tempfile::tempdir().unwrap();
        let finding = disk(Some(&dir.path().join("a/b")), Some(1));
        assert!(finding.seen.contains(&dir.path().display().to_string()), "{finding:?}");
    }

    #[test]
    fn more_files_than_the_machine_allows_are_refused() {
        assert_eq!(file_descriptors(1).level, Level::Ok);
        let Some(maximum) = getrlimit(Resource::Nofile).maximum else { return };
        let finding = file_descriptors(maximum + 1);
        assert_eq!(finding.level, Level::Fail);
        assert!(finding.advice.is_some_and(|advice| advice.contains("endpoints_in_flight")));
    }
}
