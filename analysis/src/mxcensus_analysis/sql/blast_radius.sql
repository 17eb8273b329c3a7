-- question: What breaks when one operator fails?
-- unit: domains
-- tables: verdicts, mx_verdicts, policies, policy_operators
-- denominator: mx-provider: domains that take mail and name an MX host; policy-operator: domains with a valid policy
-- unjudged: domains of which it is not known whether they take mail; domains with a record whose policy is unknown
-- caveats: mx-provider: domains whose every MX host is this provider's get no mail; `partly` have a host elsewhere. policy-operator: policies that no
--   new sender could fetch; `partly` are those of mode enforce among them. See `concentration` for how operators are named.
-- parameter kind = mx-provider (mx-provider, policy-operator): whose failure
-- parameter limit = 20: how many of the largest
WITH mx AS (
    SELECT m.domain, min(m.provider) AS first, max(m.provider) AS last, list_distinct(list(m.provider)) AS providers
    FROM mx_verdicts m SEMI JOIN (FROM population WHERE takes_mail) USING (domain)
    WHERE $kind = 'mx-provider' AND m.provider IS NOT NULL
    GROUP BY m.domain
), policy AS (
    SELECT o.operator, v.sts_mode = 'enforce' AS enforced
    FROM policy_operators o JOIN sts_adopters v USING (domain)
    WHERE $kind = 'policy-operator' AND v.sts_policy = 'valid'
), counted AS (
    SELECT unnest(providers) AS operator, count(*) FILTER (first = last) AS "count", count(*) FILTER (first <> last) AS partly
    FROM mx GROUP BY operator
    UNION ALL
    SELECT operator, count(*), count(*) FILTER (enforced) FROM policy WHERE operator IS NOT NULL GROUP BY operator
), total AS (
    SELECT CASE $kind WHEN 'mx-provider' THEN (SELECT count(*) FROM mx) ELSE (SELECT count(*) FROM policy) END AS n,
        CASE $kind WHEN 'mx-provider' THEN (SELECT count(*) FROM population WHERE NOT takes_mail)
                   ELSE (SELECT count(*) FROM sts_adopters WHERE sts_policy = 'unknown') END AS unjudged
)
SELECT operator, "count", partly, n, share("count", n) AS share, unjudged
FROM counted, total
ORDER BY "count" DESC, partly DESC, operator
LIMIT $limit
