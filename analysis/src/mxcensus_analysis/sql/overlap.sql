-- question: Which MTA-STS verdict goes with which DANE verdict?
-- unit: domains
-- tables: verdicts
-- denominator: domains that take mail and have a verdict for both
-- unjudged: domains with an indeterminate verdict for one of them, or of which it is not known whether they take mail
-- caveats: `lookup-failed` is a verdict: a DANE sender must not deliver. Verdicts are over all MX hosts, see `backup_only`.
WITH judged AS (
    SELECT *, takes_mail AND sts_verdict <> 'indeterminate' AND dane_verdict <> 'indeterminate' AS judged FROM population
), total AS (
    SELECT count(*) FILTER (judged) AS n, count(*) FILTER (NOT judged) AS unjudged FROM judged
)
SELECT sts_verdict, dane_verdict, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM judged, total
WHERE judged
GROUP BY sts_verdict, dane_verdict
ORDER BY "count" DESC, sts_verdict, dane_verdict
