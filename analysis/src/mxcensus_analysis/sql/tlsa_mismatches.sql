-- question: Why do TLSA records not match?
-- unit: MX hosts
-- tables: mx_verdicts
-- denominator: MX hosts with usable secure TLSA that were decided
-- unjudged: MX hosts with TLSA that could not be decided
-- caveats: Whether or not the domain's own MX RRset is secure. `cause` is what explains the mismatch from this crawl alone; `unknown` holds the stale
--   records, which only an older crawl can tell. Broken at one address of several counts. Where a host
--   matches for one domain and not for another (a DANE-TA name), it counts as matching.
WITH hosts AS (
    SELECT host, min(dane_host) AS dane_host, min(tlsa_mismatch_cause) AS cause, count(*) AS domains
    FROM mx_verdicts
    WHERE tlsa_base IS NOT NULL AND dane_host IN ('match', 'partial', 'mismatch', 'no-tls', 'unknown')
    GROUP BY host
), total AS (
    SELECT count(*) FILTER (dane_host <> 'unknown') AS n, count(*) FILTER (dane_host = 'unknown') AS unjudged FROM hosts
)
SELECT CASE dane_host WHEN 'no-tls' THEN 'no-tls' ELSE coalesce(cause, 'unknown') END AS cause, count(*) AS "count", any_value(n) AS n,
    share(count(*), any_value(n)) AS share, sum(domains)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM hosts, total
WHERE dane_host IN ('partial', 'mismatch', 'no-tls')
GROUP BY ALL
ORDER BY "count" DESC, cause
