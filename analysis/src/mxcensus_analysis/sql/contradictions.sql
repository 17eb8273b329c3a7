-- question: For which domains do MTA-STS and DANE contradict each other?
-- unit: domains
-- tables: verdicts
-- denominator: domains that publish both and have a verdict for both
-- unjudged: domains that publish both and have an indeterminate verdict for one
-- caveats: One row per domain. `dane-fail-sts-pass`: a sender with DANE must not deliver, whatever MTA-STS says (RFC 8461 2).
-- parameter limit = 100: how many domains
WITH both_published AS (
    SELECT *, sts_verdict = 'indeterminate' OR dane_verdict = 'indeterminate' AS undecided
    FROM population
    WHERE takes_mail AND publishes_sts(sts_record) AND sts_verdict <> 'mode-none' AND (publishes_dane(dane_verdict) OR dane_verdict = 'lookup-failed')
), total AS (
    SELECT count(*) FILTER (NOT undecided) AS n, count(*) FILTER (undecided) AS unjudged FROM both_published
)
SELECT domain, rank, provider, conflict, sts_mode AS mode, sts_verdict, sts_failure, dane_verdict, 1 AS "count", n, share(1, n) AS share, unjudged
FROM both_published, total
WHERE conflict <> 'none'
ORDER BY rank NULLS LAST, domain
LIMIT $limit
