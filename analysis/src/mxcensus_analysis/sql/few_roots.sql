-- question: How much of MTA-STS would survive if the largest roots were distrusted, or if only they were trusted?
-- unit: domains
-- tables: store_verdicts, verdicts
-- denominator: domains with a valid policy in force under the store and an MX host that satisfies it
-- unjudged: domains with a record whose MTA-STS verdict is indeterminate under the store
-- caveats: The largest are those that most of these domains can use, under each store by itself. `count`: domains of which both the policy host and some MX
--   host still have an anchor, so that a new sender fetches the policy and delivers by it. `policy_alone` keep the policy and no MX host: mail is refused.
--   `used` is how many roots any of these chains leads to.
-- parameter roots = 10: how many are the largest
WITH chains AS (
    SELECT store, domain, true AS policy, unnest(policy_anchors) AS anchor FROM store_adopters WHERE holds
    UNION ALL
    SELECT store, domain, false, unnest(flatten(sts_mx_anchors)) FROM store_adopters WHERE holds
), used AS (
    SELECT store, anchor, row_number() OVER (PARTITION BY store ORDER BY count(DISTINCT domain) DESC, anchor) AS k FROM chains GROUP BY store, anchor
), kept AS (
    SELECT 'largest distrusted' AS change, store, domain, bool_or(policy) AS policy, bool_or(NOT policy) AS mail
    FROM chains JOIN used USING (store, anchor) WHERE k > $roots GROUP BY store, domain
    UNION ALL
    SELECT 'largest alone trusted', store, domain, bool_or(policy), bool_or(NOT policy)
    FROM chains JOIN used USING (store, anchor) WHERE k <= $roots GROUP BY store, domain
), counted AS (
    SELECT change, store, count(*) FILTER (policy AND mail) AS "count", count(*) FILTER (policy AND NOT mail) AS policy_alone
    FROM kept GROUP BY change, store
), total AS (
    SELECT store, count(*) FILTER (holds) AS n, count(*) FILTER (sts_verdict = 'indeterminate') AS unjudged FROM store_adopters GROUP BY store
), roots_used AS (
    SELECT store, count(*) AS used FROM used GROUP BY store
)
SELECT t.store, c.change, coalesce(k."count", 0) AS "count", n, share(coalesce(k."count", 0), n) AS share, coalesce(k.policy_alone, 0) AS policy_alone,
    coalesce(u.used, 0) AS used, unjudged
FROM total t CROSS JOIN (SELECT unnest(['largest distrusted', 'largest alone trusted']) AS change) c
LEFT JOIN counted k ON k.store = t.store AND k.change = c.change LEFT JOIN roots_used u ON u.store = t.store
ORDER BY t.store, c.change DESC
