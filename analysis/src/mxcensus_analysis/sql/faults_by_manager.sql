-- question: At which step do policies fail, on hosts of one's own and at third parties?
-- unit: domains
-- tables: verdicts, policies, policy_operators
-- denominator: domains of the manager's kind that publish MTA-STS and have a verdict
-- unjudged: such domains whose verdict is indeterminate
-- caveats: Managers as in `managers`. Steps: the name, the connection, TLS with the certificate, HTTP, the text. One step per domain, the first
--   that fails.
-- parameter third_party_min = 50: an operator with at least this many domains is a third party
-- parameter self_max = 5: an operator with at most this many domains is the owner's own
WITH operators AS (
    SELECT v.domain, v.sts_verdict, v.sts_failure_stage, o.operator, own_registrable(v.domain, v.suffix) AS own,
        count(*) OVER (PARTITION BY o.operator) AS domains
    FROM sts_adopters v LEFT JOIN policy_operators o USING (domain)
), classed AS (
    SELECT *, CASE WHEN operator IS NULL THEN 'unknown' WHEN operator = own OR domains <= $self_max THEN 'self'
        WHEN domains >= $third_party_min THEN 'third-party' ELSE 'unclassified' END AS manager
    FROM operators
), total AS (
    SELECT manager, count(*) FILTER (sts_verdict <> 'indeterminate') AS n, count(*) FILTER (sts_verdict = 'indeterminate') AS unjudged
    FROM classed GROUP BY manager
)
SELECT manager, sts_failure_stage AS step, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM classed JOIN total USING (manager)
WHERE sts_failure_stage IN ('dns', 'connect', 'tls', 'http', 'policy') AND sts_verdict <> 'indeterminate'
GROUP BY manager, sts_failure_stage
ORDER BY list_position(['self', 'unclassified', 'third-party', 'unknown'], manager), list_position(['dns', 'connect', 'tls', 'http', 'policy'], step)
