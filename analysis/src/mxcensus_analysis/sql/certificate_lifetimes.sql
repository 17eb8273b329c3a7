-- question: For how long are certificates valid?
-- unit: hosts
-- tables: endpoints, policies, certificates, mx_verdicts
-- denominator: hosts that showed a certificate which could be read
-- unjudged: hosts that showed one which could not
-- caveats: From notBefore to notAfter of the leaf. Public CAs may not exceed 398 days, from 2026-03-15 200 days. A host that shows several is counted
--   for each, so shares may add up to more than one.
WITH shown AS (
    SELECT DISTINCT l.side, l.name, l.domains, c.parse_error IS NULL AND c.not_after IS NOT NULL AS readable,
        date_diff('second', c.not_before, c.not_after) / 86400.0 AS days
    FROM leaves l LEFT JOIN certificates c USING (sha256)
), total AS (
    SELECT side, count(DISTINCT name) FILTER (readable) AS n, count(DISTINCT name) - count(DISTINCT name) FILTER (readable) AS unjudged
    FROM shown GROUP BY side
), binned AS (
    SELECT DISTINCT side, name, domains, CASE WHEN days <= 10 THEN 1 WHEN days <= 100 THEN 2 WHEN days <= 200 THEN 3 WHEN days <= 398 THEN 4
        WHEN days <= 1096 THEN 5 ELSE 6 END AS bin
    FROM shown WHERE readable
)
SELECT side, ['up to 10 days', '11 to 100 days', '101 to 200 days', '201 to 398 days', '1 to 3 years', 'over 3 years'][bin] AS validity,
    count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, sum(domains)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM binned JOIN total USING (side)
GROUP BY side, bin
ORDER BY side, bin
