-- question: Do the addresses of one MX host differ?
-- unit: MX hosts
-- tables: endpoints, mx_verdicts
-- denominator: MX hosts of which several addresses answered EHLO; for the two rows of families, hosts contacted over both
-- unjudged: MX hosts with several addresses of which fewer than two answered; for families, hosts with both of which one was not contacted
-- caveats: A sender takes the address that it comes to first, so such faults show at some senders and at some times. `TLS at some`: a handshake completes at one
--   address and STARTTLS fails, or is not offered, at another that answers. `another certificate`: leaves differ, which is no fault where each is
--   valid, and breaks TLSA that names one. `IPv6 alone fails`: a handshake completes over IPv4 and at no IPv6 address, silent or not. `domains`
--   are those that the hosts serve. Copies of a sample are left out.
WITH served_by AS (
    SELECT host, count(*) AS domains FROM mx_verdicts GROUP BY host
), looks AS (
    SELECT host, contains(ip, ':') AS six, stage <> 'skipped' AS contacted, stage = 'done' OR legacy_version IS NOT NULL AS works,
        stage = 'done' OR legacy_version IS NOT NULL OR stage IN ('starttls', 'tls') OR error IS NOT DISTINCT FROM 'starttls-not-offered' AS answers,
        coalesce(chain, legacy_chain)[1] AS leaf
    FROM endpoints
    WHERE server_name = host AND sampled_from IS NULL
), hosts AS (
    SELECT host, s.domains, count(*) > 1 AS several, count(*) FILTER (answers) > 1 AS judged,
        bool_or(works) AND bool_or(answers AND NOT works) AS at_some, count(DISTINCT leaf) FILTER (works) > 1 AS leaves,
        bool_or(six) AND bool_or(NOT six) AS dual, coalesce(bool_or(contacted) FILTER (six) AND bool_or(contacted) FILTER (NOT six), false) AS tried,
        coalesce(bool_or(works) FILTER (six), false) AS six_works, coalesce(bool_or(works) FILTER (NOT six), false) AS four_works
    FROM looks JOIN served_by s USING (host)
    GROUP BY host, s.domains
), counted AS (
    SELECT unnest([
        {'place': 1, 'difference': 'TLS at some', 'count': count(*) FILTER (judged AND at_some), 'domains': sum(domains) FILTER (judged AND at_some),
            'n': count(*) FILTER (judged), 'unjudged': count(*) FILTER (several AND NOT judged)},
        {'place': 2, 'difference': 'another certificate', 'count': count(*) FILTER (judged AND leaves), 'domains': sum(domains) FILTER (judged AND leaves),
            'n': count(*) FILTER (judged), 'unjudged': count(*) FILTER (several AND NOT judged)},
        {'place': 3, 'difference': 'IPv6 alone fails', 'count': count(*) FILTER (tried AND four_works AND NOT six_works),
            'domains': sum(domains) FILTER (tried AND four_works AND NOT six_works), 'n': count(*) FILTER (tried), 'unjudged': count(*) FILTER (dual AND NOT tried)},
        {'place': 4, 'difference': 'IPv4 alone fails', 'count': count(*) FILTER (tried AND six_works AND NOT four_works),
            'domains': sum(domains) FILTER (tried AND six_works AND NOT four_works), 'n': count(*) FILTER (tried), 'unjudged': count(*) FILTER (dual AND NOT tried)}
    ], recursive := true)
    FROM hosts
)
SELECT difference, "count", n, share("count", n) AS share, coalesce(domains, 0)::BIGINT AS domains, unjudged
FROM counted
ORDER BY place
