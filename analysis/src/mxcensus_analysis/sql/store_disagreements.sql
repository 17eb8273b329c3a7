-- question: Whose mail fares otherwise under one trust store than under another?
-- unit: domains
-- tables: store_verdicts, verdicts
-- denominator: domains that take mail, publish an MTA-STS record and have an outcome under every store
-- unjudged: domains with a record whose outcome under some store is indeterminate
-- caveats: Each domain is in one row, the first that fits. `refused and delivered`: mail is refused under one store and delivered, in whatever way, under
--   another. `protected and not`: authenticated under one, and under another delivered without a policy, since that store does not trust the policy
--   host. `stores` names those that refuse or do not protect, as far as it is the same for all domains of the row. At first contact.
-- parameter sender = mta-sts (mta-sts, both): a sender with MTA-STS alone, or with DANE too
WITH outcomes AS (
    SELECT domain, store, CASE $sender WHEN 'both' THEN outcome_both ELSE outcome_mta_sts END AS outcome FROM store_adopters
), domains_of AS (
    SELECT domain, bool_or(outcome = 'indeterminate') AS unknown, bool_or(outcome = 'refused') AS refused,
        bool_or(outcome IN ('authenticated', 'encrypted', 'plaintext')) AS delivered,
        bool_or(outcome = 'authenticated') AS authenticated, count(DISTINCT outcome) > 1 AS differs,
        list(store ORDER BY store) FILTER (outcome = 'refused') AS refusing,
        list(store ORDER BY store) FILTER (outcome IN ('encrypted', 'plaintext')) AS unprotecting
    FROM outcomes GROUP BY domain
), found AS (
    SELECT CASE WHEN refused AND delivered THEN 1 WHEN authenticated AND differs THEN 2 WHEN differs THEN 3 ELSE 4 END AS place,
        CASE WHEN refused AND delivered THEN refusing WHEN authenticated AND differs THEN unprotecting END AS stores
    FROM domains_of WHERE NOT unknown
), names AS (
    SELECT unnest([
        {'place': 1, 'finding': 'refused and delivered'}, {'place': 2, 'finding': 'protected and not'},
        {'place': 3, 'finding': 'otherwise different'}, {'place': 4, 'finding': 'the same under every store'}], recursive := true)
), counted AS (
    SELECT n.place, n.finding, array_to_string(f.stores, ' ') AS stores, count(f.place) AS "count"
    FROM names n LEFT JOIN found f USING (place)
    GROUP BY n.place, n.finding, f.stores
), total AS (
    SELECT count(*) FILTER (NOT unknown) AS n, count(*) FILTER (unknown) AS unjudged FROM domains_of
)
SELECT finding, stores, "count", n, share("count", n) AS share, unjudged
FROM counted, total
WHERE EXISTS (FROM domains_of)
ORDER BY place, "count" DESC, stores
