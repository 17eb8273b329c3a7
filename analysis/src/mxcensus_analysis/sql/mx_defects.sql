-- question: What is wrong with the MX records themselves?
-- unit: MX hosts
-- tables: mx_hosts, endpoints, domains, mx_verdicts
-- denominator: MX hosts named by a domain in scope
-- unjudged: MX hosts whose look-up failed or that were opted out
-- caveats: A host may have several defects. `alias`: an MX must not point to a CNAME (RFC 5321 5.1), though senders follow it. `special-address`: an address
--   that no sender reaches. `null-mixed` counts domains (RFC 7505 3 forbids it), its n are the domains that take mail.
WITH hosts AS (
    SELECT h.host, h.host_status, len(h.cnames) > 0 AS alias, s.domains FROM mx_hosts h JOIN served s USING (host)
), special AS (
    SELECT DISTINCT host FROM endpoints WHERE error = 'special-address'
), defects AS (
    SELECT host_status AS defect, domains FROM hosts WHERE host_status IN ('address-literal', 'invalid-name', 'nxdomain', 'no-address')
    UNION ALL SELECT 'alias', domains FROM hosts WHERE alias
    UNION ALL SELECT 'special-address', domains FROM hosts SEMI JOIN special USING (host)
), total AS (
    SELECT count(*) FILTER (host_status NOT IN ('error', 'opted-out')) AS n, count(*) FILTER (host_status IN ('error', 'opted-out')) AS unjudged FROM hosts
)
SELECT defect, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, sum(domains)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM defects, total
GROUP BY defect
UNION ALL
SELECT 'null-mixed', count(*) FILTER (mx_status = 'null-mixed'), count(*) FILTER (takes_mail),
    share(count(*) FILTER (mx_status = 'null-mixed'), count(*) FILTER (takes_mail)), count(*) FILTER (mx_status = 'null-mixed'),
    count(*) FILTER (NOT takes_mail)
FROM population
ORDER BY "count" DESC, defect
