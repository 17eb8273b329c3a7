-- question: For how long would mail have been refused?
-- unit: spells in which a sender with the mechanism would refuse to deliver to a domain
-- tables: refusals
-- denominator: spells that began during the watch
-- unjudged: spells that the watch found under way, whose length is not known
-- caveats: A sender with MTA-STS is taken to have no cached policy. A spell that is not over counts as `lasts`. A round in which the domain could
--   not be judged ends a spell.
WITH binned AS (
    SELECT mechanism, began_before, hours, CASE WHEN hours IS NULL THEN 5 WHEN hours <= 1 THEN 1 WHEN hours <= 6 THEN 2 WHEN hours <= 24 THEN 3 ELSE 4 END AS bin
    FROM refusals
), total AS (
    SELECT mechanism, count(*) FILTER (NOT began_before) AS n, count(*) FILTER (began_before) AS unjudged FROM binned GROUP BY mechanism
)
SELECT mechanism, ['up to an hour', '2 to 6 hours', '7 to 24 hours', 'over a day', 'lasts'][bin] AS length, count(*) AS "count", any_value(n) AS n,
    share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged, sum(hours) AS hours
FROM binned JOIN total USING (mechanism)
WHERE NOT began_before
GROUP BY mechanism, bin
ORDER BY mechanism, bin
