-- question: How many domains publish MTA-STS, and how many DANE, right or wrong?
-- unit: domains
-- tables: verdicts, mx_verdicts
-- denominator: domains that take mail and whose look-up for the mechanism was answered
-- unjudged: domains of which it is not known whether they take mail, or whose look-up for the mechanism failed
-- caveats: The domains that `standing` judges. MTA-STS: a record at `_mta-sts`, or an attempt at one. DANE: TLSA records at an MX host, signed or not.
--   `effective` is how many independent domains the interval rests on: the domains of one MX provider count together.
WITH facts AS (
    SELECT v.domain, coalesce(v.provider, v.domain) AS operator, v.takes_mail,
        CASE WHEN v.sts_record NOT IN ('error', 'unknown') THEN publishes_sts(v.sts_record) END AS sts,
        CASE WHEN d.domain IS NOT NULL THEN true WHEN v.dane_verdict NOT IN ('indeterminate', 'lookup-failed') THEN false END AS dane
    FROM population v LEFT JOIN (FROM publishers WHERE mechanism = 'dane') d USING (domain)
), clusters AS (
    SELECT operator, unnest([
        {'place': 1, 'mechanism': 'mta-sts', 'x': count(*) FILTER (takes_mail AND sts), 'n': count(*) FILTER (takes_mail AND sts IS NOT NULL),
            'unknown': count(*) FILTER (NOT takes_mail OR sts IS NULL)},
        {'place': 2, 'mechanism': 'dane', 'x': count(*) FILTER (dane), 'n': count(*) FILTER (dane OR (takes_mail AND dane IS NOT NULL)),
            'unknown': count(*) FILTER (dane IS NULL OR NOT (dane OR takes_mail))}
    ], recursive := true)
    FROM facts GROUP BY operator
)
SELECT mechanism, sum(x)::BIGINT AS "count", sum(n)::BIGINT AS n, share(sum(x), sum(n)) AS share,
    count(*) FILTER (n > 0) AS operators,
    effective_n(sum(x), sum(n), sum(x * x), sum(x * n), sum(n * n), count(*) FILTER (n > 0)) AS effective,
    sum(unknown)::BIGINT AS unjudged
FROM clusters
GROUP BY place, mechanism
ORDER BY place
