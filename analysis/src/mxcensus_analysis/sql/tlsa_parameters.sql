-- question: Which TLSA parameters are published?
-- unit: MX hosts
-- tables: mx_hosts, mx_verdicts
-- denominator: MX hosts with secure TLSA records
-- unjudged: MX hosts of which some TLSA look-up failed and none found records
-- caveats: A host with several combinations is counted for each, so shares add up to more than one. `domains` are served by those hosts. Usages 0
--   and 1 are unusable in SMTP (RFC 7672 3.1.3). Names of the numbers: usage 2 is DANE-TA, 3 is DANE-EE; selector 0 the whole certificate, 1
--   its key; matching 0 full, 1 SHA-256, 2 SHA-512 (RFC 7218).
WITH looked AS (
    SELECT host, tlsa_lookups, list_filter(tlsa_lookups, lambda l: l.status = 'found' AND l.dnssec = 'secure') AS found
    FROM mx_hosts WHERE len(tlsa_lookups) > 0
), total AS (
    SELECT count(*) FILTER (len(found) > 0) AS n,
        count(*) FILTER (len(found) = 0 AND len(list_filter(tlsa_lookups, lambda l: l.status = 'error')) > 0) AS unjudged
    FROM looked
), records AS (
    SELECT DISTINCT host, r.usage, r.selector, r.matching
    FROM (SELECT host, unnest(flatten(list_transform(found, lambda l: l.records))) AS r FROM looked WHERE len(found) > 0)
)
SELECT usage, selector, matching, usage IN (2, 3) AND selector IN (0, 1) AND matching IN (0, 1, 2) AS usable,
    count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, coalesce(sum(s.domains), 0)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM records LEFT JOIN served s USING (host) CROSS JOIN total
GROUP BY usage, selector, matching
ORDER BY "count" DESC, usage DESC, selector DESC, matching
