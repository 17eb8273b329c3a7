-- question: Who keeps which promise inside TLS?
-- unit: MX hosts
-- tables: endpoints, mx_verdicts, mx_software
-- denominator: MX hosts of the operator (or software) with a TLS session; for `requiretls` with an EHLO reply inside TLS
-- unjudged: MX hosts of the operator (or software) that offered STARTTLS and had none
-- caveats: All from the one session. `requiretls`: the EHLO reply inside TLS names REQUIRETLS (RFC 8689). `tls-1.3`: agreed on; whether a host takes nothing else is
--   not asked for. `post-quantum`: a hybrid with ML-KEM was chosen, which this client offers; dataset reference, `key_exchange`. `old-tls`: nothing
--   above TLS 1.1 came about, and the second look got that; a host that takes both the new and the old shows the new alone. A host counts when
--   one of its addresses keeps the promise.
-- parameter promise = requiretls (requiretls, tls-1.3, post-quantum, old-tls): which promise
-- parameter by = provider (provider, software): what to group by
-- parameter limit = 20: how many of the largest
WITH sessions AS (
    SELECT e.host, CASE $by WHEN 'provider' THEN s.provider ELSE coalesce(w.mx_software, 'unsure') END AS who, s.domains,
        e.starttls IS TRUE AS offered, CASE $promise WHEN 'requiretls' THEN e.ehlo_tls_capabilities IS NOT NULL
            ELSE coalesce(e.tls_version, e.legacy_version) IS NOT NULL END AS told,
        coalesce(CASE $promise
            WHEN 'requiretls' THEN list_contains(list_transform(e.ehlo_tls_capabilities, lambda c: upper(trim(c))), 'REQUIRETLS')
            WHEN 'tls-1.3' THEN e.tls_version = 'TLSv1.3'
            WHEN 'post-quantum' THEN e.key_exchange ILIKE '%MLKEM%'
            ELSE e.tls_version IS NULL AND e.legacy_version IN ('SSLv3', 'TLSv1.0', 'TLSv1.1') END, false) AS kept
    FROM endpoints e JOIN served s USING (host) LEFT JOIN mx_software w USING (host, server_name, ip, port)
), hosts AS (
    SELECT who, host, any_value(domains) AS domains, bool_or(told) AS told, bool_or(told AND kept) AS kept
    FROM sessions WHERE offered AND who IS NOT NULL GROUP BY who, host
)
SELECT who, count(*) FILTER (kept) AS "count", count(*) FILTER (told) AS n, share(count(*) FILTER (kept), count(*) FILTER (told)) AS share,
    coalesce(sum(domains) FILTER (kept), 0)::BIGINT AS domains, count(*) FILTER (NOT told) AS unjudged
FROM hosts
GROUP BY who
ORDER BY count(*) DESC, who
LIMIT $limit
