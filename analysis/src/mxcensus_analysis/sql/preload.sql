-- question: How many policies that HTTPS alone protects could stand in a preload list?
-- unit: domains
-- tables: verdicts, policy_grounds
-- denominator: domains with a valid policy where the DNSSEC state of every name that it hangs on is known
-- unjudged: domains with a valid policy and an unknown state at one of them
-- caveats: A preload list ships with senders, as browsers ship one for HTTPS, so that there is no first contact. Each row is part of the one above: the answer to
--   `_mta-sts` is not signed; mode enforce; every MX host passes; max_age of at least 365 days (RFC 8461 3.2 allows 31,557,600 s), the promise that a list
--   needs. One crawl cannot say whether it failed before: `CensusSeries.preload` asks several.
WITH steps AS (
    SELECT judged, judged AND NOT record AS alone, sts_mode = 'enforce' AS enforces, in_force, sts_max_age >= 365 * 86400 AS lasting
    FROM policy_grounds
), counted AS (
    SELECT count(*) FILTER (judged) AS n, count(*) FILTER (NOT judged) AS unjudged, unnest([
        {'place': 1, 'step': 'https alone', 'count': count(*) FILTER (alone)},
        {'place': 2, 'step': 'mode enforce', 'count': count(*) FILTER (alone AND enforces)},
        {'place': 3, 'step': 'in order', 'count': count(*) FILTER (alone AND in_force)},
        {'place': 4, 'step': 'max_age of a year', 'count': count(*) FILTER (alone AND in_force AND lasting)}
    ], recursive := true)
    FROM steps
)
SELECT step, "count", n, share("count", n) AS share, unjudged
FROM counted
ORDER BY place
