-- question: How many domains ask for TLS reports, and how many of those that publish MTA-STS or DANE?
-- unit: domains
-- tables: verdicts
-- denominator: domains of the group whose TLSRPT look-up was answered
-- unjudged: domains of the group whose look-up failed
-- caveats: A valid record counts (RFC 8460 3). `count` is also split by where reports go: `mail`, `web`.
WITH facts AS (
    SELECT takes_mail, tlsrpt, tlsrpt_rua, publishes_sts(sts_record) AS sts, publishes_dane(dane_verdict) AS dane FROM population
), groups AS (
    SELECT 1 AS place, 'all' AS publishes, tlsrpt, tlsrpt_rua FROM facts WHERE takes_mail
    UNION ALL SELECT 2, 'mta-sts', tlsrpt, tlsrpt_rua FROM facts WHERE takes_mail AND sts
    UNION ALL SELECT 3, 'dane', tlsrpt, tlsrpt_rua FROM facts WHERE takes_mail AND dane
    UNION ALL SELECT 4, 'neither', tlsrpt, tlsrpt_rua FROM facts WHERE takes_mail AND NOT sts AND NOT dane
)
SELECT publishes, count(*) FILTER (tlsrpt = 'valid') AS "count", count(*) FILTER (tlsrpt <> 'error') AS n,
    share(count(*) FILTER (tlsrpt = 'valid'), count(*) FILTER (tlsrpt <> 'error')) AS share,
    count(*) FILTER (tlsrpt IN ('multiple', 'invalid')) AS defective,
    count(*) FILTER (tlsrpt = 'valid' AND len(list_filter(tlsrpt_rua, lambda u: u ILIKE 'mailto:%')) > 0) AS mail,
    count(*) FILTER (tlsrpt = 'valid' AND len(list_filter(tlsrpt_rua, lambda u: u ILIKE 'https:%')) > 0) AS web,
    count(*) FILTER (tlsrpt = 'error') AS unjudged
FROM groups
GROUP BY place, publishes
ORDER BY place
