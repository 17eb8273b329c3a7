-- question: Which keys stand behind many names?
-- unit: MX hosts
-- tables: endpoints, policies, certificates, mx_verdicts
-- denominator: MX hosts that showed a certificate whose key is known
-- unjudged: MX hosts that showed a certificate whose key is not known
-- caveats: One row per key (SubjectPublicKeyInfo) of leaves at two MX hosts or more. `operators`: registrable domains of those hosts; a key of several is shared by parties
--   that may not know of each other, and whoever holds it can pass for all of them. `certificates`: different ones with the key, as after a renewal that
--   keeps it. `policy_hosts`: policy hosts that show the same key.
-- parameter limit = 20: how many of the keys with most operators, then hosts
WITH shown AS (
    SELECT DISTINCT l.side, l.name, l.domains, l.sha256, c.spki_sha256 AS key, c.key_type
    FROM leaves l LEFT JOIN certificates c USING (sha256)
), total AS (
    SELECT count(DISTINCT name) FILTER (key IS NOT NULL) AS n, count(DISTINCT name) - count(DISTINCT name) FILTER (key IS NOT NULL) AS unjudged
    FROM shown WHERE side = 'mx'
), hosts AS (
    SELECT key, name, any_value(domains) AS domains FROM shown WHERE side = 'mx' AND key IS NOT NULL GROUP BY key, name
), summed AS (
    SELECT h.key, count(*) AS hosts, count(DISTINCT s.provider) AS operators, sum(h.domains)::BIGINT AS domains
    FROM hosts h JOIN served s ON s.host = h.name
    GROUP BY h.key HAVING count(*) > 1
), others AS (
    SELECT key, any_value(key_type) AS key_type, count(DISTINCT sha256) AS certificates, count(DISTINCT name) FILTER (side = 'policy') AS policy_hosts
    FROM shown SEMI JOIN summed USING (key) GROUP BY key
)
SELECT left(key, 16) AS key, key_type, hosts AS "count", n, share(hosts, n) AS share, operators, certificates, policy_hosts, domains, unjudged
FROM summed JOIN others USING (key), total
ORDER BY operators DESC, "count" DESC, key
LIMIT $limit
