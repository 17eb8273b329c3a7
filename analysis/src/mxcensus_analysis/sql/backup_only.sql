-- question: How many failures are hidden in backup MX hosts?
-- unit: domains
-- tables: verdicts
-- denominator: domains that publish the mechanism and have a verdict
-- unjudged: domains that publish it and have none
-- caveats: `count`: not `pass` over all MX hosts, `pass` over the most preferred alone. `passes` and `passes_primary` give the two readings in use: every
--   host, or only the best.
SELECT 'mta-sts' AS mechanism,
    count(*) FILTER (sts_verdict = 'pass') AS passes, count(*) FILTER (sts_verdict_primary = 'pass') AS passes_primary,
    count(*) FILTER (sts_verdict IN ('partial', 'fail') AND sts_verdict_primary = 'pass') AS "count",
    count(*) FILTER (sts_verdict <> 'indeterminate') AS n,
    share(count(*) FILTER (sts_verdict IN ('partial', 'fail') AND sts_verdict_primary = 'pass'), count(*) FILTER (sts_verdict <> 'indeterminate')) AS share,
    count(*) FILTER (sts_verdict = 'indeterminate') AS unjudged
FROM sts_adopters
UNION ALL
SELECT 'dane', count(*) FILTER (dane_verdict = 'pass'), count(*) FILTER (dane_verdict_primary = 'pass'),
    count(*) FILTER (dane_verdict <> 'pass' AND dane_verdict <> 'indeterminate' AND dane_verdict_primary = 'pass'),
    count(*) FILTER (dane_verdict <> 'indeterminate'),
    share(count(*) FILTER (dane_verdict <> 'pass' AND dane_verdict <> 'indeterminate' AND dane_verdict_primary = 'pass'), count(*) FILTER (dane_verdict <> 'indeterminate')),
    count(*) FILTER (dane_verdict = 'indeterminate')
FROM dane_adopters
ORDER BY mechanism DESC
