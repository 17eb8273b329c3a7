-- question: Are TLSA records ready for the next certificate?
-- unit: MX hosts
-- tables: mx_hosts, mx_verdicts
-- denominator: MX hosts with secure TLSA records
-- unjudged: MX hosts of which some TLSA look-up failed and none found records
-- caveats: Of the first name with secure records. `prepared`: two or more usable records of one usage, selector and matching type, as a rollover needs
--   (RFC 7671 8). `anchored`: a usable DANE-TA record, which survives renewals by the same CA. `many`: more than 12 records, which some
--   senders could not process. A host is in the first class that fits: unusable, many, prepared, anchored, single.
WITH looked AS (
    SELECT host, tlsa_lookups, list_filter(tlsa_lookups, lambda l: l.status = 'found' AND l.dnssec = 'secure')[1].records AS records
    FROM mx_hosts WHERE len(tlsa_lookups) > 0
), usable AS (
    SELECT host, records, list_filter(records, lambda r: r.usage IN (2, 3) AND r.selector IN (0, 1) AND r.matching IN (0, 1, 2)) AS usable
    FROM looked WHERE len(records) > 0
), parameters AS (
    SELECT host, records, usable, list_transform(usable, lambda r: r.usage * 100 + r.selector * 10 + r.matching) AS parameters FROM usable
), classed AS (
    SELECT host, CASE
        WHEN len(usable) = 0 THEN 'unusable'
        WHEN len(records) > 12 THEN 'many'
        WHEN len(list_distinct(parameters)) < len(parameters) THEN 'prepared'
        WHEN len(list_filter(usable, lambda r: r.usage = 2)) > 0 THEN 'anchored'
        ELSE 'single' END AS class
    FROM parameters
), total AS (
    SELECT (SELECT count(*) FROM classed) AS n,
        (SELECT count(*) FROM looked WHERE coalesce(len(records), 0) = 0 AND len(list_filter(tlsa_lookups, lambda l: l.status = 'error')) > 0) AS unjudged
)
SELECT class, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, coalesce(sum(s.domains), 0)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM classed LEFT JOIN served s USING (host) CROSS JOIN total
GROUP BY class
ORDER BY "count" DESC, class
