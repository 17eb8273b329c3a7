-- question: Where and how does MTA-STS fail?
-- unit: domains
-- tables: verdicts
-- denominator: domains that take mail, have a record (or an attempt at one) and a verdict
-- unjudged: domains with a record whose verdict is indeterminate
-- caveats: One failure per domain: the first along the way record, policy host, policy, MX. `broken` means silently unprotected, `fail` and
--   `partial` under mode enforce mean mail refused by some hosts (RFC 8461 3.3, 5).
-- parameter by = overall (overall, tld, suffix, rank, provider): how to slice
-- parameter bin = 10000 from 1: ranks per bin
WITH adopters AS (
    SELECT domain, sts_verdict, slice_of($by, domain, suffix, rank, provider, $bin) AS slice, slice_order($by, rank, $bin) AS slice_order
    FROM sts_adopters
), total AS (
    SELECT slice, count(*) FILTER (sts_verdict <> 'indeterminate') AS n, count(*) FILTER (sts_verdict = 'indeterminate') AS unjudged
    FROM adopters GROUP BY slice
)
SELECT slice, f.stage, f.failure, f.sts_verdict AS verdict, count(*) AS "count", any_value(n) AS n,
    share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM adopters a JOIN sts_faults f USING (domain) JOIN total USING (slice)
GROUP BY slice, slice_order, f.stage, f.failure, f.sts_verdict
ORDER BY slice_order, any_value(n) DESC, slice, "count" DESC, stage, failure, verdict
