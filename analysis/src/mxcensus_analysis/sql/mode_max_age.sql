-- question: Which mode and max_age do valid policies have?
-- unit: policies
-- tables: verdicts
-- denominator: domains with a valid record and a valid policy
-- unjudged: domains with a valid record whose policy was not fetched for a reason of our own
-- caveats: RFC 8461 3.2 expects a max_age of weeks or more and allows a year; a policy of mode none is on its way out (8.3).
WITH total AS (
    SELECT count(*) FILTER (sts_policy = 'valid') AS n, count(*) FILTER (sts_policy = 'unknown') AS unjudged
    FROM sts_adopters WHERE sts_record = 'valid'
)
SELECT sts_mode AS mode, max_age_bin(sts_max_age) AS max_age, count(*) AS "count", any_value(n) AS n,
    share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM sts_adopters, total
WHERE sts_record = 'valid' AND sts_policy = 'valid'
GROUP BY sts_mode, max_age_bin(sts_max_age), max_age_order(sts_max_age)
ORDER BY list_position(['enforce', 'testing', 'none'], sts_mode), max_age_order(sts_max_age)
