-- question: What do the largest MX providers offer?
-- unit: domains
-- tables: verdicts, mx_verdicts
-- denominator: domains of the provider that have an MX host that was decided
-- unjudged: domains of the provider that have none
-- caveats: `count`: domains whose most preferred hosts all work with STARTTLS; `valid_certificate`, `dane`, `mta_sts`, `tlsrpt` as shares of n: certificate valid
--   at the most preferred hosts, secure TLSA, a record, a report address.
-- parameter limit = 20: how many providers
WITH best AS (
    SELECT domain, min(preference) AS preference FROM mx_verdicts GROUP BY domain
), hosts AS (
    SELECT m.domain, bool_or(m.decided) AS decided, bool_and(m.starttls = 'offered') FILTER (m.decided) AS starttls,
        bool_and(m.pkix IS NOT DISTINCT FROM 'valid') FILTER (m.decided) AS valid
    FROM mx_verdicts m JOIN best b ON m.domain = b.domain AND m.preference = b.preference
    GROUP BY m.domain
)
SELECT v.provider, count(*) FILTER (h.starttls) AS "count", count(*) FILTER (h.decided) AS n,
    share(count(*) FILTER (h.starttls), count(*) FILTER (h.decided)) AS share,
    share(count(*) FILTER (h.decided AND h.valid), count(*) FILTER (h.decided)) AS valid_certificate,
    share(count(*) FILTER (h.decided AND publishes_dane(v.dane_verdict)), count(*) FILTER (h.decided)) AS dane,
    share(count(*) FILTER (h.decided AND publishes_sts(v.sts_record)), count(*) FILTER (h.decided)) AS mta_sts,
    share(count(*) FILTER (h.decided AND v.tlsrpt = 'valid'), count(*) FILTER (h.decided)) AS tlsrpt,
    count(*) AS domains, count(*) FILTER (h.decided IS NOT TRUE) AS unjudged
FROM population v LEFT JOIN hosts h USING (domain)
WHERE v.takes_mail AND v.provider IS NOT NULL
GROUP BY v.provider
ORDER BY domains DESC, v.provider
LIMIT $limit
