-- question: Which CAs do DANE-TA records name?
-- unit: MX hosts
-- tables: mx_hosts, mx_verdicts, certificates
-- denominator: MX hosts with usable secure DANE-TA records
-- unjudged: MX hosts of which some TLSA look-up failed and none found records
-- caveats: A record is told by its digest from the certificates that this crawl saw, of whichever host; `not seen in this crawl` names a CA that nobody presented,
--   such as an intermediate kept for the next renewal. A host that names several is counted for each, so shares add up to more than one.
WITH looked AS (
    SELECT host, list_filter(tlsa_lookups, lambda l: l.status = 'found' AND l.dnssec = 'secure') AS found,
        len(list_filter(tlsa_lookups, lambda l: l.status = 'error')) > 0 AS failed
    FROM mx_hosts WHERE len(tlsa_lookups) > 0
), records AS (
    SELECT DISTINCT host, r.selector, r.matching, r.data
    FROM (SELECT host, unnest(flatten(list_transform(found, lambda l: l.records))) AS r FROM looked WHERE len(found) > 0)
    WHERE r.usage = 2 AND r.selector IN (0, 1) AND r.matching IN (0, 1, 2)
), wanted AS (
    SELECT DISTINCT data FROM records WHERE matching = 1
), known AS (
    SELECT 0 AS selector, c.sha256 AS data, c.subject FROM certificates c SEMI JOIN wanted ON wanted.data = c.sha256
    UNION ALL
    SELECT 1, c.spki_sha256, min(c.subject) FROM certificates c SEMI JOIN wanted ON wanted.data = c.spki_sha256 GROUP BY c.spki_sha256
), total AS (
    SELECT (SELECT count(DISTINCT host) FROM records) AS n, (SELECT count(*) FROM looked WHERE failed AND len(found) = 0) AS unjudged
), named AS (
    SELECT DISTINCT r.host, coalesce(k.subject, CASE WHEN r.matching = 1 THEN 'not seen in this crawl' ELSE 'not looked up: no SHA-256 digest' END) AS ca
    FROM records r LEFT JOIN known k ON r.matching = 1 AND k.selector = r.selector AND k.data = r.data
)
SELECT ca, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, coalesce(sum(s.domains), 0)::BIGINT AS domains,
    any_value(unjudged) AS unjudged
FROM named LEFT JOIN served s USING (host) CROSS JOIN total
GROUP BY ca
ORDER BY "count" DESC, ca
