-- question: Who runs the policy hosts and the mail servers, and who fails more often?
-- unit: domains
-- tables: verdicts, mx_verdicts, policies, policy_operators
-- denominator: domains that publish MTA-STS and have a verdict
-- unjudged: domains that publish it and have none
-- caveats: `self`: the operator bears the domain's own registrable name, or serves at most `self_max` domains of the list. `third-party`: it serves at least
--   `third_party_min`. Between the two: `unclassified`. What counts as served depends on the list, so a short list makes everybody look
--   self-managed. Operators as in `concentration`. `failing`: of the policy side, no policy could be had; of the mx side, TLS, certificate or mx
--   list fail.
-- parameter third_party_min = 50: an operator with at least this many domains is a third party
-- parameter self_max = 5: an operator with at most this many domains is the owner's own
WITH adopters AS (
    SELECT domain, provider, own_registrable(domain, suffix) AS own, sts_verdict, sts_failure_stage AS stage FROM sts_adopters
), mx_size AS (
    SELECT provider, count(*) AS domains FROM population WHERE takes_mail GROUP BY provider
), operator_size AS (
    SELECT operator, count(*) AS domains FROM policy_operators SEMI JOIN adopters USING (domain) GROUP BY operator
), sides AS (
    SELECT 'mx' AS side, a.provider = a.own AS same, s.domains, a.provider AS operator, a.sts_verdict,
        a.stage IN ('mx-list', 'mx-tls', 'mx-certificate') AS failing
    FROM adopters a LEFT JOIN mx_size s USING (provider)
    UNION ALL
    SELECT 'policy', o.operator IS NOT DISTINCT FROM a.own, s.domains, o.operator, a.sts_verdict,
        a.stage IN ('dns', 'connect', 'tls', 'http', 'policy')
    FROM adopters a LEFT JOIN policy_operators o USING (domain) LEFT JOIN operator_size s USING (operator)
), classed AS (
    SELECT side, sts_verdict <> 'indeterminate' AS judged, coalesce(failing, false) AS failing, CASE
        WHEN same OR domains <= $self_max THEN 'self'
        WHEN domains >= $third_party_min THEN 'third-party'
        WHEN operator IS NULL THEN 'unknown'
        ELSE 'unclassified' END AS manager
    FROM sides
), total AS (
    SELECT side, count(*) FILTER (judged) AS n, count(*) FILTER (NOT judged) AS unjudged FROM classed GROUP BY side
)
SELECT side, manager, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share,
    count(*) FILTER (failing) AS failing, share(count(*) FILTER (failing), count(*)) AS failing_share, any_value(unjudged) AS unjudged
FROM classed JOIN total USING (side)
WHERE judged
GROUP BY side, manager
ORDER BY side DESC, "count" DESC, manager
