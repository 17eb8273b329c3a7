-- question: Which TLS versions do MX hosts and policy hosts speak?
-- unit: hosts
-- tables: endpoints, policies, mx_verdicts
-- denominator: hosts with a TLS handshake, by our library or by the second look
-- unjudged: hosts that offered TLS (or, for policies, were connected to) and no handshake came about
-- caveats: The version agreed with this client, which offers the newest; a host with several addresses is counted under its oldest. `domains` rest on
--   those hosts.
WITH versions AS (
    SELECT 'mx' AS side, e.host AS name, coalesce(e.tls_version, e.legacy_version) AS version, s.domains, e.starttls IS TRUE AS tried
    FROM endpoints e JOIN served s USING (host)
    UNION ALL
    SELECT 'policy', policy_host, policy_tls_version, 1, policy_stage NOT IN ('skipped', 'dns', 'connect') FROM policies
), hosts AS (
    SELECT side, name, any_value(domains) AS domains, bool_or(tried) AS tried,
        arg_min(version, CASE version WHEN 'SSLv3' THEN 0 WHEN 'TLSv1.0' THEN 1 WHEN 'TLSv1.1' THEN 2 WHEN 'TLSv1.2' THEN 3 ELSE 4 END)
            FILTER (version IS NOT NULL) AS version
    FROM versions GROUP BY side, name
), total AS (
    SELECT side, count(version) AS n, count(*) FILTER (version IS NULL AND tried) AS unjudged FROM hosts GROUP BY side
)
SELECT side, version, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, sum(domains)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM hosts JOIN total USING (side)
WHERE version IS NOT NULL
GROUP BY side, version
ORDER BY side, version DESC
