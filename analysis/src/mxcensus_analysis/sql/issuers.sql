-- question: Who issues the certificates?
-- unit: hosts
-- tables: endpoints, policies, certificates, mx_verdicts
-- denominator: hosts that showed a certificate which could be read
-- unjudged: hosts that showed one which could not
-- caveats: Leaf certificates, of MX hosts (port 25) and of policy hosts (port 443), by the organisation in the issuer's name (RFC 4514 text): an
--   intermediate's, not the root's (see `roots`). A host that shows several is counted for each, so shares may add up to more than one.
WITH shown AS (
    SELECT DISTINCT l.side, l.name, l.domains, c.parse_error IS NULL AND c.sha256 IS NOT NULL AS readable,
        CASE WHEN c.self_signed THEN 'self-signed'
             ELSE coalesce(nullif(regexp_extract(c.issuer, '(?:^|,)O=((?:\\.|[^,+\\])+)', 1), ''), 'no organisation') END AS issuer
    FROM leaves l LEFT JOIN certificates c USING (sha256)
), total AS (
    SELECT side, count(DISTINCT name) FILTER (readable) AS n, count(DISTINCT name) - count(DISTINCT name) FILTER (readable) AS unjudged
    FROM shown GROUP BY side
)
SELECT side, issuer, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, sum(domains)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM shown JOIN total USING (side)
WHERE readable
GROUP BY side, issuer
ORDER BY side, "count" DESC, issuer
