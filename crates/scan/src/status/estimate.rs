//! How long the rest of a crawl takes at its present pace.

use super::{StageNow, WaitsNow};

/// Beyond a year there is no estimate.
const LONGEST_S: f64 = 366.0 * 86_400.0;

/// Seconds until every stage has worked off what it will have to do; `None` where that cannot be told.
///
/// A stage after the first knows only of what the domains so far led to: what is to come is taken to be in the same
/// proportion. What waits for a limit or for its retry takes at least as long as that.
pub(super) fn left_s(stages: &[StageNow; 4], waits: &WaitsNow) -> Option<f64> {
    let domains = &stages[0];
    if domains.known == 0 {
        return Some(0.0);
    }
    if domains.done == 0 {
        return None;
    }
    let seen = domains.done as f64 / domains.known as f64;
    let longest = waits.longest.as_ref().map(|longest| longest.seconds);
    let at_least = [longest, waits.last_retry_s].into_iter().flatten().reduce(f64::max);
    let mut left = at_least.unwrap_or(0.0);
    for (at, stage) in stages.iter().enumerate() {
        let expected = if at == 0 { stage.known as f64 } else { stage.known as f64 / seen };
        let to_do = expected - stage.done as f64;
        if to_do < 0.5 {
            continue;
        }
        if stage.per_s > 0.0 {
            // What a limit lets go rarely makes for a low rate; the limit itself is the better estimate then.
            let by_rate = to_do / stage.per_s;
            left = left.max(if seen < 1.0 { by_rate } else { at_least.map_or(by_rate, |least| by_rate.min(least)) });
        } else if at_least.is_none() || seen < 1.0 {
            return None;
        }
    }
    (left <= LONGEST_S).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::LongestNow;

    fn stage(known: u64, done: u64, per_s: f64) -> StageNow {
        StageNow { known, done, per_s, ..StageNow::default() }
    }

    fn waits(longest: Option<f64>, last_retry_s: Option<f64>) -> WaitsNow {
        let longest = longest.map(|seconds| LongestNow {
            operator: "example.net".to_owned(),
            address: None,
            endpoints: 1,
            seconds,
        });
        WaitsNow { longest, last_retry_s, ..WaitsNow::default() }
    }

    #[test]
    fn the_slowest_stage_decides() {
        let none = waits(None, None);
        let idle = stage(0, 0, 0.0);
        let half = stage(1000, 500, 10.0);
        for (stages, waits, expected, why) in [
            ([stage(0, 0, 0.0), idle, idle, idle], &none, Some(0.0), "an empty list"),
            ([stage(1000, 0, 0.0), idle, idle, idle], &none, None, "nothing is known at the beginning"),
            ([half, idle, idle, idle], &none, Some(50.0), "the domains alone"),
            ([half, idle, stage(400, 390, 5.0), idle], &none, Some(82.0), "800 hosts are to be expected"),
            ([half, idle, idle, stage(300, 100, 1.0)], &none, Some(500.0), "600 endpoints, 100 done"),
            ([half, idle, idle, stage(300, 100, 0.0)], &none, None, "a stage stands still"),
            ([half, idle, idle, idle], &waits(Some(7200.0), None), Some(7200.0), "a crowded address"),
            ([half, idle, idle, idle], &waits(None, Some(300.0)), Some(300.0), "a retry"),
            (
                [stage(1000, 1000, 0.0), idle, idle, stage(600, 590, 0.01)],
                &waits(Some(90.0), Some(60.0)),
                Some(90.0),
                "all was read: the limit tells better than the rate",
            ),
            (
                [stage(1000, 1000, 0.0), idle, idle, stage(600, 590, 0.0)],
                &waits(None, Some(60.0)),
                Some(60.0),
                "only retries are left",
            ),
            ([stage(1000, 1000, 0.0), idle, idle, stage(600, 600, 3.0)], &none, Some(0.0), "nothing is left"),
            ([stage(1_000_000_000, 1, 0.001), idle, idle, idle], &none, None, "beyond a year"),
        ] {
            assert_eq!(left_s(&stages, waits), expected, "{why}");
        }
    }
}
