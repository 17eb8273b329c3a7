-- question: Who hosts policies for others, under which alias, and how do those policies stand?
-- unit: domains
-- tables: verdicts, policies, policy_operators
-- denominator: domains whose policy host ends, by an alias, at the operator
-- unjudged: such domains whose verdict is indeterminate
-- caveats: `count`: no policy could be had, or it was none. `pattern`: the alias targets with the digits and the first label that differ left out as `*`.
--   `mode_none`: the policy is on its way out (RFC 8461 8.3); `left_behind`: the alias stands and the operator shows no certificate for the name or no
--   policy (TLS alert, name mismatch, 404 and its like), as after the end of a contract. A domain that has given up its record is not
--   fetched from, so what an operator serves after that cannot be seen.
-- parameter limit = 20: how many of the largest
WITH hosted AS (
    SELECT o.operator, v.domain, v.sts_policy, v.sts_mode, v.sts_verdict, v.sts_failure,
        regexp_replace(p.policy_cnames[-1].target, '^[^.]+', '*') AS pattern
    FROM sts_adopters v JOIN policy_operators o USING (domain) JOIN policies p USING (domain)
    WHERE o.named_by = 'alias' AND o.operator <> own_registrable(v.domain, v.suffix)
)
SELECT operator, mode(pattern ORDER BY pattern) AS pattern, count(DISTINCT pattern) AS patterns,
    count(*) FILTER (sts_policy IN ('unfetchable', 'invalid')) AS "count", count(*) FILTER (sts_verdict <> 'indeterminate') AS n,
    share(count(*) FILTER (sts_policy IN ('unfetchable', 'invalid')), count(*) FILTER (sts_verdict <> 'indeterminate')) AS share,
    count(*) AS domains, count(*) FILTER (sts_policy = 'valid' AND sts_mode = 'enforce') AS enforce,
    count(*) FILTER (sts_policy = 'valid' AND sts_mode = 'none') AS mode_none,
    count(*) FILTER (sts_policy IN ('unfetchable', 'invalid')
        AND sts_failure IN ('tls-alert', 'cert-name-mismatch', 'cert-unknown-issuer', 'cert-self-signed', 'http-status', 'policy-empty')) AS left_behind,
    count(*) FILTER (sts_verdict = 'indeterminate') AS unjudged
FROM hosted
GROUP BY operator
ORDER BY domains DESC, operator
LIMIT $limit
