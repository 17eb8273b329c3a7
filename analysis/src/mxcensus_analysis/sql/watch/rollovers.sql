-- question: Do TLSA records change before the certificate, or too early or too late, and by how many hours?
-- unit: rollovers: another leaf certificate at an MX host with usable, signed TLSA records
-- tables: rollovers
-- denominator: rollovers whose outcome was seen
-- unjudged: rollovers at hosts that could not be judged before or after
-- caveats: Hours are between rounds, so each is right to the interval of the watch. `late` lasts while no record matches: `open` counts those that
--   had not ended. Of `kept`, hours are how long before the certificate the records were changed, null where they needed no change.
WITH total AS (
    SELECT count(*) FILTER (kind <> 'undecided') AS n, count(*) FILTER (kind = 'undecided') AS unjudged FROM rollovers
)
SELECT kind, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged,
    quantile_cont(hours, 0.5) AS median_hours, max(hours) AS longest_hours, count(*) FILTER (kind = 'late' AND hours IS NULL) AS "open"
FROM rollovers, total
WHERE kind <> 'undecided'
GROUP BY kind
ORDER BY list_position(['kept', 'early', 'late'], kind)
