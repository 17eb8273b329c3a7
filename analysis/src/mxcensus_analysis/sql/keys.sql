-- question: Which keys do the certificates hold?
-- unit: hosts
-- tables: endpoints, policies, certificates, mx_verdicts
-- denominator: hosts that showed a certificate which could be read
-- unjudged: hosts that showed one which could not
-- caveats: Leaf certificates, of MX hosts (port 25) and of policy hosts (port 443). A host that shows several is counted for each, so shares may add
--   up to more than one. An RSA key below 2048 bits is too weak by any current rule.
WITH shown AS (
    SELECT DISTINCT l.side, l.name, l.domains, c.parse_error IS NULL AND c.sha256 IS NOT NULL AS readable, c.key_type AS key_type, c.key_bits AS key_bits
    FROM leaves l LEFT JOIN certificates c USING (sha256)
), total AS (
    SELECT side, count(DISTINCT name) FILTER (readable) AS n, count(DISTINCT name) - count(DISTINCT name) FILTER (readable) AS unjudged
    FROM shown GROUP BY side
)
SELECT side, key_type, key_bits, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, sum(domains)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM shown JOIN total USING (side)
WHERE readable
GROUP BY side, key_type, key_bits
ORDER BY side, "count" DESC, key_type, key_bits
