-- question: How many domains' mail is protected against an attacker on the path?
-- unit: domains
-- tables: verdicts
-- denominator: domains that take mail and whose protection by this mechanism is known
-- unjudged: domains whose protection is indeterminate
-- caveats: The attacker forges unsigned DNS and strips STARTTLS. Says what an attacker can obtain, not whether mail flows.
WITH classes AS (
    SELECT unnest([
        {'place': 1, 'mechanism': 'mta-sts', 'protection': protection_mta_sts},
        {'place': 2, 'mechanism': 'dane', 'protection': protection_dane},
        {'place': 3, 'mechanism': 'both', 'protection': protection_both}
    ], recursive := true)
    FROM population
), counted AS (
    SELECT place, mechanism, protection, count(*) AS "count",
        sum(count(*) FILTER (protection <> 'indeterminate')) OVER (PARTITION BY place)::BIGINT AS n,
        coalesce(sum(count(*) FILTER (protection = 'indeterminate')) OVER (PARTITION BY place), 0)::BIGINT AS unjudged
    FROM classes
    GROUP BY place, mechanism, protection
)
SELECT mechanism, protection, "count", coalesce(n, 0) AS n, share("count", n) AS share, unjudged
FROM counted
WHERE protection <> 'indeterminate'
ORDER BY place, list_position(['always', 'after-first-contact', 'never'], protection)
