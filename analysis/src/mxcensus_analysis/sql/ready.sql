-- question: Which domains could have MTA-STS or DANE without touching a mail server?
-- unit: domains
-- tables: verdicts, mx_verdicts, mx_hosts, endpoints
-- denominator: domains that take mail, do not publish the mechanism, and whose every MX host was decided
-- unjudged: domains that do not publish it and have an undecided MX host
-- caveats: `mta-sts`: every MX host offers TLS 1.2 or newer with a valid certificate; a record and a policy would do. `dane`: the MX RRset and every
--   host's addresses are secure and every host offers STARTTLS; TLSA records at the hosts would do. `dane by signing`: the hosts have matching
--   TLSA and only the domain's own zone is not signed; its n are the domains whose DANE is insecure.
WITH old AS (
    SELECT DISTINCT host FROM endpoints WHERE coalesce(tls_version, legacy_version) NOT IN ('TLSv1.2', 'TLSv1.3')
), hosts AS (
    SELECT m.domain, bool_and(m.decided) AS decided, bool_and(m.starttls = 'offered') AS starttls,
        bool_and(m.pkix IS NOT DISTINCT FROM 'valid' AND old.host IS NULL) AS valid,
        bool_and(coalesce(h.a_dnssec, h.aaaa_dnssec, 'insecure') = 'secure' AND coalesce(h.aaaa_dnssec, h.a_dnssec, 'insecure') = 'secure') AS signed,
        bool_and(m.dane_host = 'match') AS matched
    FROM mx_verdicts m JOIN mx_hosts h USING (host) LEFT JOIN old USING (host)
    GROUP BY m.domain
), facts AS (
    SELECT v.*, h.* EXCLUDE (domain) FROM population v JOIN hosts h USING (domain) WHERE v.takes_mail
), counted AS (
    SELECT unnest([
        {'place': 1, 'mechanism': 'mta-sts', 'count': count(*) FILTER (sts_record = 'absent' AND decided AND starttls AND valid),
            'n': count(*) FILTER (sts_record = 'absent' AND decided), 'unjudged': count(*) FILTER (sts_record = 'absent' AND NOT decided)},
        {'place': 2, 'mechanism': 'dane', 'count': count(*) FILTER (dane_verdict = 'none' AND decided AND starttls AND signed AND mx_dnssec = 'secure'),
            'n': count(*) FILTER (dane_verdict = 'none' AND decided), 'unjudged': count(*) FILTER (dane_verdict = 'none' AND NOT decided)},
        {'place': 3, 'mechanism': 'dane by signing', 'count': count(*) FILTER (dane_verdict = 'insecure' AND dane_insecure_cause = 'mx' AND decided AND matched),
            'n': count(*) FILTER (dane_verdict = 'insecure' AND decided), 'unjudged': count(*) FILTER (dane_verdict = 'insecure' AND NOT decided)}
    ], recursive := true)
    FROM facts
)
SELECT mechanism, "count", n, share("count", n) AS share, unjudged
FROM counted
ORDER BY place
