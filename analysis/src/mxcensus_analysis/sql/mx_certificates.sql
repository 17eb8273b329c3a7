-- question: Would a strict client accept the MX hosts' certificates?
-- unit: MX hosts
-- tables: mx_verdicts
-- denominator: MX hosts that answered EHLO
-- unjudged: MX hosts that did not
-- caveats: By the worst of its addresses. `no-tls`: STARTTLS missing or failing; `anonymous-tls`: TLS without a certificate. Self-signed is no fault
--   where DANE or opportunistic TLS is meant; MTA-STS wants `valid`.
WITH hosts AS (
    SELECT host, bool_or(decided) AS decided, any_value(pkix) AS pkix, any_value(starttls) AS starttls, count(*) AS domains,
        bool_or(failure IS NOT DISTINCT FROM 'anonymous-tls') AS anonymous
    FROM mx_verdicts GROUP BY host
), anonymous AS (
    SELECT DISTINCT host FROM endpoints WHERE error = 'anonymous-tls'
), total AS (
    SELECT count(*) FILTER (decided) AS n, count(*) FILTER (NOT decided) AS unjudged FROM hosts
)
SELECT CASE WHEN a.host IS NOT NULL OR anonymous THEN 'anonymous-tls' ELSE coalesce(pkix, 'no-tls') END AS certificate,
    count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, sum(domains)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM hosts LEFT JOIN anonymous a USING (host) CROSS JOIN total
WHERE decided
GROUP BY ALL
ORDER BY "count" DESC, certificate
