-- question: What is in the list?
-- unit: domains
-- tables: verdicts
-- denominator: all input domains
-- unjudged: domains whose MX look-up failed or that were opted out
-- caveats: Words of mx_status; `implicit` domains have no MX and an address, which is their MX (RFC 5321 5.1).
SELECT mx_status, mx_status IN ('present', 'implicit', 'null-mixed') AS takes_mail, count(*) AS "count", (sum(count(*)) OVER ())::BIGINT AS n,
    share(count(*), sum(count(*)) OVER ()) AS share, count(*) FILTER (inferred) AS inferred,
    coalesce((sum(count(*)) FILTER (mx_status IN ('error', 'opted-out')) OVER ()), 0)::BIGINT AS unjudged
FROM verdicts
GROUP BY mx_status
ORDER BY "count" DESC, mx_status
