-- question: How many messages go out without a cached policy to protect them?
-- unit: domains
-- tables: verdicts, domains
-- denominator: domains with a valid record and a valid policy of mode enforce
-- unjudged: domains with a valid record whose policy was not fetched for a reason of our own
-- caveats: A model, not a measurement. One sender writes to the domain at a fixed interval and an attacker on the path can forge unsigned DNS and
--   suppress the policy fetch. A message without a live cached policy is a first contact and unprotected. `lazy` is the least that
--   RFC 8461 5.1 asks: the policy is fetched when none is cached and lives max_age from then; of floor(max_age / interval) + 1 messages in each
--   life one is exposed. `eager` also refreshes at every message (RFC 8461 3.3 advises to): only the first message within the horizon is
--   exposed where max_age covers the interval. `count` are domains for which every message is a first contact. `shield_days` is how long an
--   attacker who begins right after a fetch has to keep suppressing. `lag_days` is the time until a sender sees a new id: it asks at the next
--   message, and its resolver may still hold the old TXT for its TTL.
-- parameter refresh = lazy (lazy, eager): when a sender fetches the policy again
-- parameter horizon_days = 365: how long the sender has been writing, for eager
WITH intervals AS (
    SELECT unnest([{'place': 1, 'mail': 'daily', 'seconds': 86400}, {'place': 2, 'mail': 'weekly', 'seconds': 604800},
        {'place': 3, 'mail': 'monthly', 'seconds': 2592000}], recursive := true)
), policies AS (
    SELECT v.sts_max_age AS max_age, d.sts_txt_ttl AS ttl
    FROM sts_adopters v JOIN domains d USING (domain)
    WHERE v.sts_record = 'valid' AND v.sts_policy = 'valid' AND v.sts_mode = 'enforce'
), exposed AS (
    SELECT place, mail, seconds, max_age, ttl,
        CASE WHEN max_age < seconds THEN 1.0
             WHEN $refresh = 'lazy' THEN 1.0 / (floor(max_age / seconds) + 1)
             ELSE 1.0 / greatest(1, floor($horizon_days * 86400 / seconds)) END AS exposed
    FROM policies, intervals
)
SELECT i.mail, count(*) FILTER (e.max_age < e.seconds) AS "count", count(e.max_age) AS n,
    share(count(*) FILTER (e.max_age < e.seconds), count(e.max_age)) AS share,
    avg(e.exposed) AS mean_exposed, quantile_cont(e.exposed, 0.5) AS median_exposed, quantile_cont(e.exposed, 0.9) AS p90_exposed,
    quantile_cont(e.max_age, 0.5) / 86400 AS shield_days,
    quantile_cont(greatest(e.seconds, coalesce(e.ttl, 0)), 0.5) / 86400 AS lag_days,
    (SELECT count(*) FROM sts_adopters WHERE sts_record = 'valid' AND sts_policy = 'unknown') AS unjudged
FROM intervals i LEFT JOIN exposed e USING (place)
GROUP BY i.place, i.mail
ORDER BY i.place
