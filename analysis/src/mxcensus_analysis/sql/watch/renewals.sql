-- question: How long before the end of a certificate does its successor come?
-- unit: certificates that gave way to another
-- tables: renewals
-- denominator: certificates whose end is known, at mail servers or at policy hosts
-- unjudged: certificates that could not be read
-- caveats: One host may show several certificates in turn; each pair counts once. Days are of 24 hours.
WITH binned AS (
    SELECT place, hours_left, CASE WHEN hours_left < 0 THEN 1 WHEN hours_left < 24 THEN 2 WHEN hours_left < 168 THEN 3 WHEN hours_left < 720 THEN 4 ELSE 5 END AS bin
    FROM renewals
), total AS (
    SELECT place, count(hours_left) AS n, count(*) FILTER (hours_left IS NULL) AS unjudged FROM binned GROUP BY place
)
SELECT place, ['after its end', 'in its last day', 'in its last week', '7 to 30 days before', 'over 30 days before'][bin] AS renewed, count(*) AS "count",
    any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged, quantile_cont(hours_left, 0.5) AS median_hours_left
FROM binned JOIN total USING (place)
WHERE hours_left IS NOT NULL
GROUP BY place, bin
ORDER BY place, bin
