-- question: At which MX providers are the domains that publish DANE, or MTA-STS?
-- unit: domains
-- tables: verdicts
-- denominator: domains that publish the mechanism
-- unjudged: domains of which that is not known
-- caveats: The table that the DANE survey publishes each month: in how many domains each provider's customers have secure TLSA records (`mechanism` dane) or
--   a record at `_mta-sts`. `holds`: those whose verdict is `pass`. `of` are all domains of the provider that take mail.
-- parameter mechanism = dane (dane, mta-sts): which
-- parameter limit = 20: how many of the largest
WITH facts AS (
    SELECT provider, takes_mail,
        CASE $mechanism WHEN 'dane' THEN publishes_dane(dane_verdict) ELSE publishes_sts(sts_record) END AS publishes,
        CASE $mechanism WHEN 'dane' THEN dane_verdict = 'pass' ELSE sts_verdict = 'pass' END AS holds,
        CASE $mechanism WHEN 'dane' THEN dane_verdict IN ('indeterminate', 'lookup-failed') ELSE sts_record IN ('error', 'unknown') END AS unknown
    FROM population
), total AS (
    SELECT count(*) FILTER (takes_mail AND publishes AND NOT unknown) AS n, count(*) FILTER (NOT takes_mail OR unknown) AS unjudged FROM facts
)
SELECT provider, count(*) FILTER (publishes AND NOT unknown) AS "count", any_value(n) AS n,
    share(count(*) FILTER (publishes AND NOT unknown), any_value(n)) AS share, count(*) FILTER (publishes AND holds AND NOT unknown) AS holds,
    count(*) AS "of", any_value(unjudged) AS unjudged
FROM facts, total
WHERE takes_mail AND provider IS NOT NULL
GROUP BY provider
HAVING count(*) FILTER (publishes AND NOT unknown) > 0
ORDER BY "count" DESC, provider
LIMIT $limit
