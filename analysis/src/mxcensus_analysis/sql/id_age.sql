-- question: How old are the policies, by the date in their ids?
-- unit: policies
-- tables: verdicts, domains
-- denominator: domains with a valid record and a valid policy
-- unjudged: domains with a valid record whose policy was not fetched for a reason of our own
-- caveats: Most ids hold the day of the last change (`20261101…`) or seconds since 1970, as RFC 8461 3.1 suggests; the others say nothing (`no date`). Age is at the
--   instant that the crawl looked. An id that was not changed with its policy makes the policy look older.
WITH ids AS (
    SELECT v.sts_mode AS mode, d.observed_at, coalesce(
        try_strptime(regexp_extract(v.sts_id, '^(20[0-9]{6})T?[0-9]{0,6}Z?$', 1), '%Y%m%d'),
        CASE WHEN regexp_matches(v.sts_id, '^1[0-9]{9}$') THEN make_timestamp(try_cast(v.sts_id AS BIGINT) * 1000000) END)::DATE AS day
    FROM sts_adopters v JOIN domains d USING (domain)
    WHERE v.sts_record = 'valid' AND v.sts_policy = 'valid'
), aged AS (
    SELECT mode, date_diff('day', day, (observed_at AT TIME ZONE 'UTC')::DATE) AS days FROM ids
), binned AS (
    SELECT mode, CASE WHEN days IS NULL THEN 7 WHEN days < -1 THEN 6 WHEN days < 30 THEN 1 WHEN days < 182 THEN 2 WHEN days < 365 THEN 3
        WHEN days < 730 THEN 4 ELSE 5 END AS bin
    FROM aged
), total AS (
    SELECT count(*) FILTER (sts_policy = 'valid') AS n, count(*) FILTER (sts_policy = 'unknown') AS unjudged FROM sts_adopters WHERE sts_record = 'valid'
)
SELECT mode, ['under 30 days', '1 to 6 months', '6 to 12 months', '1 to 2 years', 'over 2 years', 'in the future', 'no date'][bin] AS age,
    count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM binned, total
GROUP BY mode, bin
ORDER BY list_position(['enforce', 'testing', 'none'], mode), bin
