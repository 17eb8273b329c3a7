-- question: What is the DNSSEC state of what mail needs?
-- unit: domains, MX hosts
-- tables: verdicts, mx_hosts, domains
-- denominator: answers whose state is secure, insecure or bogus: of MX records of domains that take mail, of MX hosts' addresses, of TLSA answers
-- unjudged: answers whose state is not known
-- caveats: The weaker of A and AAAA for addresses; the weakest of a host's TLSA names. A domain whose MX answer is bogus counts here, though whether it takes mail
--   cannot be trusted.
WITH states AS (
    SELECT 1 AS place, 'MX records' AS what, mx_dnssec AS state FROM population
    UNION ALL
    SELECT 2, 'MX host addresses', CASE WHEN 'bogus' IN (a_dnssec, aaaa_dnssec) THEN 'bogus' WHEN 'indeterminate' IN (a_dnssec, aaaa_dnssec) THEN 'indeterminate'
        WHEN 'insecure' IN (a_dnssec, aaaa_dnssec) THEN 'insecure' ELSE coalesce(a_dnssec, aaaa_dnssec) END
    FROM mx_hosts WHERE host_status IN ('ok', 'error')
    UNION ALL
    SELECT 3, 'TLSA answers', list_min(list_transform(tlsa_lookups, lambda l: CASE l.dnssec WHEN 'bogus' THEN '1bogus' WHEN 'indeterminate' THEN '2indeterminate'
        WHEN 'insecure' THEN '3insecure' WHEN 'secure' THEN '4secure' ELSE '2indeterminate' END))[2:]
    FROM mx_hosts WHERE len(tlsa_lookups) > 0
), total AS (
    SELECT place, count(*) FILTER (state IN ('secure', 'insecure', 'bogus')) AS n,
        count(*) FILTER (state IS NULL OR state NOT IN ('secure', 'insecure', 'bogus')) AS unjudged
    FROM states GROUP BY place
)
SELECT what, state, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM states JOIN total USING (place)
WHERE state IN ('secure', 'insecure', 'bogus')
GROUP BY place, what, state
ORDER BY place, "count" DESC, state
