-- question: Where and how does DANE fail?
-- unit: domains
-- tables: verdicts, mx_verdicts
-- denominator: domains that take mail, publish TLSA (or whose look-up failed with proof) and have a verdict
-- unjudged: domains whose DANE verdict is indeterminate
-- caveats: One failure per domain, of several failing hosts the first in the order DNSSEC, STARTTLS, TLSA, not signed. `not signed` is no
--   failure of DANE: such a domain is unsigned, so its TLSA have no effect. `cause` explains a mismatch where it can be explained.
-- parameter by = overall (overall, tld, suffix, rank, provider): how to slice
-- parameter bin = 10000 from 1: ranks per bin
WITH adopters AS (
    SELECT domain, dane_verdict, slice_of($by, domain, suffix, rank, provider, $bin) AS slice, slice_order($by, rank, $bin) AS slice_order
    FROM dane_adopters
), total AS (
    SELECT slice, count(*) FILTER (dane_verdict <> 'indeterminate') AS n, count(*) FILTER (dane_verdict = 'indeterminate') AS unjudged
    FROM adopters GROUP BY slice
)
SELECT slice, f.part AS stage, f.failure, f.cause, f.dane_verdict AS verdict, count(*) AS "count", any_value(n) AS n,
    share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM adopters a JOIN dane_faults f USING (domain) JOIN total USING (slice)
GROUP BY slice, slice_order, f.part, f.failure, f.cause, f.dane_verdict
ORDER BY slice_order, any_value(n) DESC, slice, "count" DESC, stage, failure, cause, verdict
