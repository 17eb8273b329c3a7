-- question: How far does IPv6 reach in mail?
-- unit: domains, MX hosts, policies
-- tables: verdicts, mx_verdicts, mx_hosts, endpoints, policies
-- denominator: stated per row: domains that take mail; MX hosts with an address; MX hosts contacted over both families; policy hosts with an address
-- unjudged: of the same, those whose look-up failed or that were not contacted
-- caveats: `v6 answers too` counts hosts that answered over IPv4 and over IPv6; it is empty where the crawl's vantage had no IPv6 route.
WITH hosts AS (
    SELECT host, host_status, len(list_filter(addresses, lambda a: contains(a, ':'))) > 0 AS v6 FROM mx_hosts
), domains AS (
    SELECT m.domain, bool_and(h.v6 IS TRUE) AS every, bool_or(h.v6 IS TRUE) AS partly, bool_or(h.host_status = 'error') AS failed
    FROM mx_verdicts m JOIN hosts h USING (host) GROUP BY m.domain
), reached AS (
    SELECT host,
        bool_or(contains(ip, ':') AND stage <> 'skipped') AS v6_tried, bool_or(NOT contains(ip, ':') AND stage <> 'skipped') AS v4_tried,
        bool_or(contains(ip, ':') AND stage NOT IN ('skipped', 'connect', 'banner')) AS v6,
        bool_or(NOT contains(ip, ':') AND stage NOT IN ('skipped', 'connect', 'banner')) AS v4
    FROM endpoints GROUP BY host
), rows AS (
    SELECT 1 AS place, 'domains: every MX host has IPv6' AS what, count(*) FILTER (every AND NOT failed) AS "count", count(*) FILTER (NOT failed) AS n, count(*) FILTER (failed) AS unjudged FROM domains
    UNION ALL SELECT 2, 'domains: some MX host has IPv6', count(*) FILTER (partly AND NOT failed), count(*) FILTER (NOT failed), count(*) FILTER (failed) FROM domains
    UNION ALL SELECT 3, 'MX hosts with IPv6', count(*) FILTER (host_status = 'ok' AND v6), count(*) FILTER (host_status = 'ok'), count(*) FILTER (host_status = 'error') FROM hosts
    UNION ALL SELECT 4, 'MX hosts: v6 answers too', count(*) FILTER (v4 AND v6), count(*) FILTER (v4 AND v6_tried), count(*) FILTER (v6_tried AND NOT v4) FROM reached
    UNION ALL SELECT 5, 'policy hosts with IPv6', count(*) FILTER (len(list_filter(policy_addresses, lambda a: contains(a, ':'))) > 0),
        count(*) FILTER (len(policy_addresses) > 0), count(*) FILTER (policy_stage = 'dns') FROM policies
)
SELECT what, "count", n, share("count", n) AS share, unjudged
FROM rows
ORDER BY place
