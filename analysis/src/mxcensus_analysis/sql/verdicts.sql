-- question: Of the domains that publish a mechanism, for how many does it hold?
-- unit: domains
-- tables: verdicts
-- denominator: domains that take mail, publish the mechanism (an attempt counts) and have a verdict
-- unjudged: domains that publish it and could not be judged
-- caveats: DANE's `insecure` is TLSA below unsigned DNS: published, of no effect, not broken. `lookup-failed` is counted with those that
--   publish, though whether TLSA exists is not always known.
-- parameter by = overall (overall, tld, suffix, rank, provider): how to slice
-- parameter bin = 10000 from 1: ranks per bin
WITH published AS (
    SELECT slice_of($by, domain, suffix, rank, provider, $bin) AS slice, slice_order($by, rank, $bin) AS slice_order,
        'mta-sts' AS mechanism, sts_verdict AS verdict
    FROM sts_adopters
    UNION ALL
    SELECT slice_of($by, domain, suffix, rank, provider, $bin), slice_order($by, rank, $bin), 'dane', dane_verdict
    FROM dane_adopters
), counted AS (
    SELECT slice, slice_order, mechanism, verdict, count(*) AS "count",
        sum(count(*) FILTER (verdict <> 'indeterminate')) OVER whole AS n,
        coalesce(sum(count(*) FILTER (verdict = 'indeterminate')) OVER whole, 0) AS unjudged
    FROM published
    GROUP BY slice, slice_order, mechanism, verdict
    WINDOW whole AS (PARTITION BY slice, slice_order, mechanism)
)
SELECT slice, mechanism, verdict, "count", n::BIGINT AS n, share("count", n) AS share, unjudged::BIGINT AS unjudged
FROM counted
WHERE verdict <> 'indeterminate'
ORDER BY slice_order, n DESC, slice, mechanism DESC, "count" DESC, verdict
