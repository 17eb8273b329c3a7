-- question: If the most used roots of each trust store were distrusted one after the other, how much mail would be refused?
-- unit: domains
-- tables: store_verdicts, verdicts, store_roots
-- denominator: domains with a valid policy of mode enforce under the store and an MX host that satisfies it; for policies (`n_policies`) those whose chain
--   has an anchor in the store
-- unjudged: domains with a record whose MTA-STS verdict is indeterminate under the store
-- caveats: As `root_curve`, for each store by itself: roots in the order of how many such domains can use them under it. `count` is cumulative: domains of
--   which no MX host has an anchor left, refused by a sender with a cached policy.
WITH hosts AS (
    SELECT store, domain, unnest(flatten(sts_mx_anchors)) AS anchor FROM store_adopters WHERE holds AND sts_mode = 'enforce'
), policies AS (
    SELECT store, domain, unnest(policy_anchors) AS anchor FROM store_adopters WHERE sts_policy = 'valid'
), used AS (
    SELECT store, anchor, count(DISTINCT domain) AS domains FROM (FROM hosts UNION ALL FROM policies) GROUP BY store, anchor
), ranked AS (
    SELECT store, anchor, row_number() OVER (PARTITION BY store ORDER BY domains DESC, anchor) AS k FROM used
), mail_falls AS (
    SELECT store, k, count(*) AS domains FROM (
        SELECT h.store, h.domain, max(r.k) AS k FROM hosts h JOIN ranked r USING (store, anchor) GROUP BY h.store, h.domain)
    GROUP BY store, k
), policy_falls AS (
    SELECT store, k, count(*) AS policies FROM (
        SELECT p.store, p.domain, max(r.k) AS k FROM policies p JOIN ranked r USING (store, anchor) GROUP BY p.store, p.domain)
    GROUP BY store, k
), total AS (
    SELECT store, count(*) FILTER (holds AND sts_mode = 'enforce') AS n, count(*) FILTER (sts_policy = 'valid' AND len(policy_anchors) > 0) AS n_policies,
        count(*) FILTER (sts_verdict = 'indeterminate') AS unjudged
    FROM store_adopters GROUP BY store
)
SELECT r.store, r.k AS roots, coalesce(t.root, r.anchor[:16]) AS root,
    (sum(coalesce(m.domains, 0)) OVER sofar)::BIGINT AS "count", n, share(sum(coalesce(m.domains, 0)) OVER sofar, n) AS share,
    (sum(coalesce(p.policies, 0)) OVER sofar)::BIGINT AS policies, n_policies,
    share(sum(coalesce(p.policies, 0)) OVER sofar, n_policies) AS policies_share, unjudged
FROM ranked r JOIN total USING (store) LEFT JOIN mail_falls m USING (store, k) LEFT JOIN policy_falls p USING (store, k)
LEFT JOIN store_roots t ON t.store = r.store AND t.sha256 = r.anchor
WINDOW sofar AS (PARTITION BY r.store ORDER BY r.k)
ORDER BY r.store, r.k
