-- question: Do all MX hosts of a DANE domain have TLSA records, or only some?
-- unit: domains
-- tables: verdicts, mx_verdicts
-- denominator: domains with secure TLSA records at some MX host, all of whose TLSA look-ups were answered
-- unjudged: domains with some, one of whose look-ups failed
-- caveats: Mail to a domain with a host that lacks TLSA can be steered there by an attacker. `primary only`: every most preferred host has them,
--   a backup does not.
-- parameter by = overall (overall, tld, suffix, rank, provider): how to slice
-- parameter bin = 10000 from 1: ranks per bin
WITH hosts AS (
    SELECT m.domain, count(*) AS hosts, count(*) FILTER (dane IN ('match', 'partial', 'mismatch', 'no-tls', 'unusable')) AS covered,
        bool_or(dane IN ('unknown', 'lookup-failed') AND tlsa_base IS NULL) AS failed,
        bool_and(dane IN ('match', 'partial', 'mismatch', 'no-tls', 'unusable') OR preference > best) AS primary_covered
    FROM (SELECT *, min(preference) OVER (PARTITION BY domain) AS best FROM mx_verdicts) m
    SEMI JOIN (FROM population WHERE takes_mail AND dane_verdict <> 'none') USING (domain)
    GROUP BY m.domain
), classed AS (
    SELECT slice_of($by, v.domain, v.suffix, v.rank, v.provider, $bin) AS slice, slice_order($by, v.rank, $bin) AS slice_order, h.failed,
        CASE WHEN h.covered = h.hosts THEN 'every host' WHEN h.primary_covered THEN 'primary only' ELSE 'some hosts' END AS coverage
    FROM hosts h JOIN population v USING (domain)
    WHERE h.covered > 0
), total AS (
    SELECT slice, count(*) FILTER (NOT failed) AS n, count(*) FILTER (failed) AS unjudged FROM classed GROUP BY slice
)
SELECT slice, coverage, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM classed JOIN total USING (slice)
WHERE NOT failed
GROUP BY slice, slice_order, coverage
ORDER BY slice_order, any_value(n) DESC, slice, list_position(['every host', 'primary only', 'some hosts'], coverage)
