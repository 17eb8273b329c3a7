-- question: In which networks or countries does mail arrive?
-- unit: domains
-- tables: verdicts, mx_verdicts, endpoints, networks
-- denominator: domains that take mail and have an MX address that the table of networks knows
-- unjudged: domains that take mail and have MX addresses, none of which the table knows
-- caveats: By the table that was brought (`Census.open(..., networks=…)`): where an address is announced or registered, not where a machine stands, and anycast
--   is in many places at once. A domain counts for each place that an address of its MX hosts is in, so shares may add up to more than one.
--   `without_tls`: endpoints that answered and had no TLS session.
-- parameter by = asn (asn, country): what to group by
-- parameter limit = 20: how many of the largest
WITH addresses AS (
    SELECT e.host, e.ip, CASE $by WHEN 'asn' THEN 'AS' || w.asn ELSE w.country END AS place,
        e.starttls IS NOT NULL AS answered, e.starttls IS NOT NULL AND coalesce(e.tls_version, e.legacy_version) IS NULL AS without_tls
    FROM endpoints e LEFT JOIN networks w USING (ip)
    WHERE e.server_name = e.host
), reached AS (
    SELECT DISTINCT v.domain, a.place FROM population v JOIN mx_verdicts m USING (domain) JOIN addresses a USING (host) WHERE v.takes_mail
), known AS (
    SELECT domain, bool_or(place IS NOT NULL) AS known FROM reached GROUP BY domain
), total AS (
    SELECT count(*) FILTER (known) AS n, count(*) FILTER (NOT known) AS unjudged FROM known
), machines AS (
    SELECT place, count(DISTINCT ip) AS addresses, count(DISTINCT host) AS hosts, count(*) FILTER (answered) AS answered, count(*) FILTER (without_tls) AS without_tls
    FROM addresses GROUP BY place
)
SELECT place, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(hosts) AS hosts,
    any_value(addresses) AS addresses, any_value(answered) AS answered, any_value(without_tls) AS without_tls, any_value(unjudged) AS unjudged
FROM reached JOIN machines USING (place), total
WHERE place IS NOT NULL
GROUP BY place
ORDER BY "count" DESC, place
LIMIT $limit
