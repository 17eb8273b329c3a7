-- question: How concentrated is the market?
-- unit: operators
-- tables: verdicts, policies, policy_operators
-- denominator: domains that take mail and have an MX provider; domains whose policy host has an address
-- unjudged: domains of which that is not known
-- caveats: `hhi` is the Herfindahl-Hirschman index, the sum of the squared shares, 0 to 1: above 0.25 a market counts as highly concentrated. `half` is
--   how many of the largest operators hold half of the domains. `count` are the domains of the largest.
WITH named AS (
    SELECT 'mx-provider' AS kind, provider AS operator FROM population
    UNION ALL
    SELECT 'policy-operator', operator FROM policy_operators SEMI JOIN sts_adopters USING (domain)
), counted AS (
    SELECT kind, operator, count(*) AS domains FROM named WHERE operator IS NOT NULL GROUP BY kind, operator
), ranked AS (
    SELECT kind, domains, row_number() OVER largest AS place, sum(domains) OVER largest AS sofar, sum(domains) OVER (PARTITION BY kind) AS n
    FROM counted
    WINDOW largest AS (PARTITION BY kind ORDER BY domains DESC, operator)
), unknown AS (
    SELECT kind, count(*) FILTER (operator IS NULL) AS unjudged FROM named GROUP BY kind
)
SELECT kind, count(*) AS operators, sum((domains / n) ** 2) AS hhi, max(domains) AS "count", any_value(n)::BIGINT AS n,
    share(max(domains), any_value(n)) AS share,
    share(max(sofar) FILTER (place <= 5), any_value(n)) AS top_5, share(max(sofar) FILTER (place <= 10), any_value(n)) AS top_10,
    min(place) FILTER (sofar * 2 >= n) AS half, any_value(unjudged) AS unjudged
FROM ranked JOIN unknown USING (kind)
GROUP BY kind
ORDER BY kind
