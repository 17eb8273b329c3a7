-- question: Do hosts that serve many domains fail less often?
-- unit: MX hosts
-- tables: mx_verdicts
-- denominator: MX hosts of the size class that were decided
-- unjudged: MX hosts of the size class that were not
-- caveats: `count`: hosts that fail under the mechanism in force for some domain (DANE, else a policy); a host that a
--   policy leaves out is not broken, the policy is. `domains` are all that the class serves.
WITH hosts AS (
    SELECT host, count(*) AS domains, bool_or(decided) AS decided, bool_or(failure IS NOT NULL AND failure <> 'mx-not-in-policy') AS failing FROM mx_verdicts GROUP BY host
), classed AS (
    SELECT *, CASE WHEN domains = 1 THEN 1 WHEN domains < 10 THEN 2 WHEN domains < 100 THEN 3 WHEN domains < 1000 THEN 4 ELSE 5 END AS class FROM hosts
)
SELECT ['1 domain', '2 to 9', '10 to 99', '100 to 999', '1000 and more'][class] AS serves,
    count(*) FILTER (decided AND failing) AS "count", count(*) FILTER (decided) AS n,
    share(count(*) FILTER (decided AND failing), count(*) FILTER (decided)) AS share, sum(domains)::BIGINT AS domains, count(*) FILTER (NOT decided) AS unjudged
FROM classed
GROUP BY class
ORDER BY class
