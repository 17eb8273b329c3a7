-- question: Do MX hosts offer STARTTLS, and does it work?
-- unit: MX hosts
-- tables: mx_verdicts
-- denominator: MX hosts that answered EHLO
-- unjudged: MX hosts that did not
-- caveats: By the worst of its addresses. A host that hides STARTTLS from strangers looks as if it had none.
WITH hosts AS (
    SELECT host, any_value(starttls) AS starttls, count(*) AS domains FROM mx_verdicts GROUP BY host
), total AS (
    SELECT count(*) FILTER (starttls <> 'unknown') AS n, count(*) FILTER (starttls = 'unknown') AS unjudged FROM hosts
)
SELECT starttls, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, sum(domains)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM hosts, total
WHERE starttls <> 'unknown'
GROUP BY starttls
ORDER BY "count" DESC, starttls
