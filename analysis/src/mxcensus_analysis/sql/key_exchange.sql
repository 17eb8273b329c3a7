-- question: Which key exchange do MX hosts agree to, and is it ready for quantum computers?
-- unit: MX hosts
-- tables: endpoints, mx_verdicts
-- denominator: MX hosts whose key exchange is known
-- unjudged: MX hosts that offered STARTTLS and whose key exchange is not known
-- caveats: As agreed with this client, which offers what its TLS library offers; see the manifest. A host with several addresses is counted for each
--   group, so shares may add up to more than one.
WITH groups AS (
    SELECT DISTINCT e.host, coalesce(e.key_exchange, e.legacy_key_exchange) AS key_exchange, s.domains
    FROM endpoints e JOIN served s USING (host)
    WHERE e.starttls
), total AS (
    SELECT count(DISTINCT host) FILTER (key_exchange IS NOT NULL) AS n,
        count(DISTINCT host) - count(DISTINCT host) FILTER (key_exchange IS NOT NULL) AS unjudged
    FROM groups
)
SELECT key_exchange, key_exchange ILIKE '%MLKEM%' OR key_exchange ILIKE '%kyber%' AS post_quantum,
    count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, sum(domains)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM groups, total
WHERE key_exchange IS NOT NULL
GROUP BY key_exchange
ORDER BY "count" DESC, key_exchange
