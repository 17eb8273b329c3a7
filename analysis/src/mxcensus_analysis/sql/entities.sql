-- question: Does it hurt to split policy host and mail between two operators?
-- unit: domains
-- tables: verdicts, policies, policy_operators
-- denominator: domains with a valid policy that is not mode none, a policy host behind an alias, and an MX provider
-- unjudged: such domains whose verdict is indeterminate
-- caveats: `same`: the registrable domain of the policy host's alias is the MX provider's. `different`: it is not. Policy hosts without an alias are left
--   out: who runs an address cannot be told from DNS. `mismatch`: the mx list misses an MX host.
WITH pairs AS (
    SELECT CASE WHEN o.operator = v.provider THEN 'same' ELSE 'different' END AS entities,
        v.sts_verdict <> 'indeterminate' AS judged, v.sts_failure_stage IS NOT DISTINCT FROM 'mx-list' AS mismatch
    FROM sts_adopters v JOIN policy_operators o USING (domain)
    WHERE o.named_by = 'alias' AND v.sts_policy = 'valid' AND v.sts_mode <> 'none' AND v.provider IS NOT NULL
)
SELECT entities, count(*) FILTER (judged) AS "count", (sum(count(*) FILTER (judged)) OVER ())::BIGINT AS n,
    share(count(*) FILTER (judged), sum(count(*) FILTER (judged)) OVER ()) AS share,
    count(*) FILTER (judged AND mismatch) AS mismatch, share(count(*) FILTER (judged AND mismatch), count(*) FILTER (judged)) AS mismatch_share,
    count(*) FILTER (NOT judged) AS unjudged
FROM pairs
GROUP BY entities
ORDER BY "count" DESC, entities
