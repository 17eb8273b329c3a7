-- question: How many certificates live under ten days, bear an address, or are in no log that they tell of?
-- unit: hosts
-- tables: endpoints, policies, certificates, mx_verdicts
-- denominator: hosts that showed a leaf of which this can be said
-- unjudged: hosts that showed a certificate of which it cannot be said
-- caveats: Leaves of MX hosts (port 25) and of policy hosts (port 443). `under 10 days`: from notBefore to notAfter. `for an address`: an IP address among
--   its names. `without SCT`: no signed certificate timestamp in the certificate (RFC 6962 3.3), of leaves that are not self-signed; a server may send one in
--   the handshake or with OCSP instead, which is not asked for. No sender of mail asks for any of the three.
WITH shown AS (
    SELECT DISTINCT l.side, l.name, l.domains, l.sha256, c.not_after - c.not_before AS lifetime, c.ip_addresses, c.embedded_scts, c.self_signed
    FROM leaves l LEFT JOIN certificates c USING (sha256)
), kinds AS (
    SELECT side, name, domains, 1 AS place, 'under 10 days' AS kind, lifetime IS NOT NULL AS told, lifetime < INTERVAL 10 DAY AS hit FROM shown
    UNION ALL
    SELECT side, name, domains, 2, 'for an address', ip_addresses IS NOT NULL, len(ip_addresses) > 0 FROM shown
    UNION ALL
    SELECT side, name, domains, 3, 'without SCT', embedded_scts IS NOT NULL, embedded_scts = 0 FROM shown WHERE self_signed IS NOT TRUE
), hosts AS (
    SELECT side, place, kind, name, any_value(domains) AS domains, bool_or(told) AS told, coalesce(bool_or(hit) FILTER (told), false) AS hit
    FROM kinds GROUP BY side, place, kind, name
)
SELECT side, kind, count(*) FILTER (hit) AS "count", count(*) FILTER (told) AS n, share(count(*) FILTER (hit), count(*) FILTER (told)) AS share,
    coalesce(sum(domains) FILTER (hit), 0)::BIGINT AS domains, count(*) FILTER (NOT told) AS unjudged
FROM hosts
GROUP BY side, place, kind
ORDER BY side, place
