-- question: How many domains do MX hosts serve, those that are in order and those that are broken?
-- unit: MX hosts
-- tables: mx_verdicts
-- denominator: decided MX hosts of the kind: `in order`, `broken` (under DANE, else a policy, as in `domains_per_host`)
-- unjudged: MX hosts that were not decided
-- caveats: Cumulative: `count` hosts serve at most `serves` domains, and `domains_share` of the kind's domains hang on these. A domain with several hosts
--   counts at each.
WITH hosts AS (
    SELECT host, count(*) AS domains, bool_or(decided) AS decided, bool_or(failure IS NOT NULL AND failure <> 'mx-not-in-policy') AS broken
    FROM mx_verdicts GROUP BY host
), steps AS (
    SELECT broken, domains AS serves, count(*) AS hosts, sum(domains) AS domains FROM hosts WHERE decided GROUP BY broken, domains
)
SELECT CASE WHEN broken THEN 'broken' ELSE 'in order' END AS hosts, serves,
    (sum(hosts) OVER sofar)::BIGINT AS "count", (sum(hosts) OVER whole)::BIGINT AS n, share(sum(hosts) OVER sofar, sum(hosts) OVER whole) AS share,
    share(sum(domains) OVER sofar, sum(domains) OVER whole) AS domains_share,
    (SELECT count(*) FROM hosts WHERE NOT decided) AS unjudged
FROM steps
WINDOW sofar AS (PARTITION BY broken ORDER BY serves), whole AS (PARTITION BY broken)
ORDER BY hosts DESC, serves
