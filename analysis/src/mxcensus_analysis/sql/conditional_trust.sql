-- question: How many roots would a sender need if each domain could name its own, as with DANE-TA?
-- unit: roots
-- tables: store_verdicts, verdicts, store_roots
-- denominator: roots of the trust store
-- unjudged: roots that the store refuses from a day on
-- caveats: Chains of policy hosts and MX hosts of domains with a valid policy in force and a host that satisfies it. Today each of the n roots can vouch for
--   each of these domains. `count`: roots that suffice when each chain names one that it leads to: those that some chain hangs on alone, and for every other
--   chain without one of them the one that most chains can use; so it is an upper bound, and `least` (those alone, and one more where a chain is left) a
--   lower bound. `used`: roots that any chain leads to. `per_domain`: how many different roots a domain would name, on average; `at_most` the most.
WITH chains AS (
    SELECT store, domain, policy_anchors AS anchors FROM store_adopters WHERE holds AND len(policy_anchors) > 0
    UNION ALL
    SELECT store, domain, unnest(sts_mx_anchors) FROM store_adopters WHERE holds
), numbered AS (
    SELECT row_number() OVER () AS chain, store, domain, anchors FROM chains
), links AS (
    SELECT chain, store, domain, unnest(anchors) AS anchor, len(anchors) = 1 AS alone FROM numbered
), used AS (
    SELECT store, anchor, count(*) AS chains, bool_or(alone) AS forced FROM links GROUP BY store, anchor
), chosen AS (
    SELECT l.chain, l.store, l.domain, arg_max({'anchor': l.anchor, 'forced': u.forced}, (u.forced, u.chains, l.anchor)) AS root
    FROM links l JOIN used u USING (store, anchor)
    GROUP BY l.chain, l.store, l.domain
), needed AS (
    SELECT store, count(DISTINCT root.anchor) AS "count",
        count(DISTINCT root.anchor) FILTER (root.forced) AS forced, bool_or(NOT root.forced) AS rest
    FROM chosen GROUP BY store
), named AS (
    SELECT store, avg(roots) AS per_domain, max(roots) AS at_most, count(*) AS domains
    FROM (SELECT store, domain, count(DISTINCT root.anchor) AS roots FROM chosen GROUP BY store, domain) GROUP BY store
), in_store AS (
    SELECT store, count(*) AS n, count(refused_after) AS unjudged FROM store_roots GROUP BY store
), roots_used AS (
    SELECT store, count(*) AS used FROM used GROUP BY store
)
SELECT s.store, coalesce(d.domains, 0) AS domains, coalesce(u.used, 0) AS used, coalesce(c.forced + c.rest::INTEGER, 0) AS least,
    coalesce(c."count", 0) AS "count", n, share(coalesce(c."count", 0), n) AS share, d.per_domain, d.at_most, unjudged
FROM in_store s LEFT JOIN needed c USING (store) LEFT JOIN named d USING (store) LEFT JOIN roots_used u USING (store)
ORDER BY s.store
