-- question: Who runs the MTA-STS record, who the policy host, and does it hurt where they differ?
-- unit: domains
-- tables: verdicts, domains, policies, policy_operators, registrable
-- denominator: domains with a valid record whose policy was asked for at a host with a known operator
-- unjudged: domains with a valid record whose policy was not fetched for a reason of our own, or whose policy host's operator nothing tells
-- caveats: Who can change the record: the registrable domain where the aliases of `_mta-sts` end, the domain itself where there is none; its name
--   servers may be another's. Who runs the policy host: `concentration` says how that is told. `failing`: the policy cannot be fetched or is
--   none.
WITH adopters AS (
    SELECT v.sts_policy, o.named_by, own_registrable(v.domain, v.suffix) AS own, r.registrable AS alias, o.operator,
        v.sts_policy IN ('valid', 'unfetchable', 'invalid') AND o.operator IS NOT NULL AND o.named_by IS DISTINCT FROM 'address' AS judged
    FROM sts_adopters v JOIN domains d USING (domain) LEFT JOIN policy_operators o USING (domain)
    LEFT JOIN registrable r ON r.name = d.sts_txt_cnames[-1].target
    WHERE v.sts_record = 'valid'
), classed AS (
    SELECT judged, sts_policy <> 'valid' AS failing,
        CASE WHEN coalesce(alias, own) = own AND operator = own THEN 1
             WHEN alias = operator THEN 2
             WHEN coalesce(alias, own) = own THEN 3
             WHEN operator = own THEN 4
             ELSE 5 END AS place
    FROM adopters
), total AS (
    SELECT count(*) FILTER (judged) AS n, count(*) FILTER (judged IS NOT TRUE) AS unjudged FROM classed
)
SELECT s.operators, count(c.place) AS "count", any_value(n) AS n, share(count(c.place), any_value(n)) AS share,
    count(*) FILTER (c.failing) AS failing, share(count(*) FILTER (c.failing), count(c.place)) AS failing_share,
    any_value(unjudged) AS unjudged
FROM (SELECT unnest([
        {'place': 1, 'operators': 'both the domain itself'},
        {'place': 2, 'operators': 'both one operator'},
        {'place': 3, 'operators': 'record the domain, policy an operator'},
        {'place': 4, 'operators': 'record an operator, policy the domain'},
        {'place': 5, 'operators': 'two operators'}
    ], recursive := true)) s
CROSS JOIN total LEFT JOIN (FROM classed WHERE judged) c USING (place)
GROUP BY s.place, s.operators
ORDER BY s.place
