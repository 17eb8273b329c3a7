-- question: How many domains publish MTA-STS, DANE, both or neither?
-- unit: domains
-- tables: verdicts
-- denominator: domains that take mail and of which both answers are known
-- unjudged: domains where one of the two look-ups failed, or of which it is not known whether they take mail
-- caveats: MTA-STS: a record, or an attempt at one; a policy of mode none counts as withdrawn. DANE: secure TLSA at some MX host.
-- parameter by = overall (overall, tld, suffix, rank, provider): how to slice
-- parameter bin = 10000 from 1: ranks per bin
WITH facts AS (
    SELECT
        slice_of($by, domain, suffix, rank, provider, $bin) AS slice,
        slice_order($by, rank, $bin) AS slice_order,
        takes_mail AND sts_record NOT IN ('error', 'unknown') AND dane_verdict NOT IN ('indeterminate', 'lookup-failed') AS judged,
        publishes_sts(sts_record) AND sts_verdict <> 'mode-none' AS sts,
        publishes_dane(dane_verdict) AS dane
    FROM population
), counted AS (
    SELECT slice, slice_order, count(*) AS everyone, count(*) FILTER (judged) AS n, unnest([
        {'place': 1, 'publishes': 'both', 'count': count(*) FILTER (judged AND sts AND dane)},
        {'place': 2, 'publishes': 'mta-sts only', 'count': count(*) FILTER (judged AND sts AND NOT dane)},
        {'place': 3, 'publishes': 'dane only', 'count': count(*) FILTER (judged AND dane AND NOT sts)},
        {'place': 4, 'publishes': 'neither', 'count': count(*) FILTER (judged AND NOT sts AND NOT dane)}
    ], recursive := true)
    FROM facts
    GROUP BY slice, slice_order
)
SELECT slice, publishes, "count", n, share("count", n) AS share, everyone - n AS unjudged
FROM counted
ORDER BY slice_order, everyone DESC, slice, place
