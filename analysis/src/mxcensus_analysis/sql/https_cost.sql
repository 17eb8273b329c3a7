-- question: What does the policy fetch cost in time, beside the DNS look-up that DANE would do with?
-- unit: policy fetches
-- tables: policies
-- denominator: policy fetches that ended in a complete HTTP answer
-- unjudged: policy fetches that were tried and did not
-- caveats: From the crawl's vantage, the resolver's cache included. `share` is the phase's part of the median of the whole. `https` is connect,
--   tls and http together, one value per fetch. Milliseconds.
WITH fetched AS (
    SELECT policy_dns_ms AS dns, policy_connect_ms AS connect, policy_tls_ms AS tls, policy_http_ms AS http
    FROM policies
    WHERE policy_stage = 'done' AND policy_dns_ms IS NOT NULL AND policy_connect_ms IS NOT NULL
      AND policy_tls_ms IS NOT NULL AND policy_http_ms IS NOT NULL
), phases AS (
    SELECT unnest([
        {'place': 1, 'phase': 'dns', 'ms': dns},
        {'place': 2, 'phase': 'connect', 'ms': connect},
        {'place': 3, 'phase': 'tls', 'ms': tls},
        {'place': 4, 'phase': 'http', 'ms': http},
        {'place': 5, 'phase': 'https', 'ms': connect + tls + http},
        {'place': 6, 'phase': 'whole', 'ms': dns + connect + tls + http}
    ], recursive := true)
    FROM fetched
)
SELECT phase, quantile_cont(ms, 0.5) AS median_ms, quantile_cont(ms, 0.1) AS p10_ms, quantile_cont(ms, 0.9) AS p90_ms,
    quantile_cont(ms, 0.99) AS p99_ms, count(*) AS "count", count(*) AS n,
    quantile_cont(ms, 0.5) / nullif(max(quantile_cont(ms, 0.5)) OVER (), 0) AS share,
    (SELECT count(*) FROM policies WHERE policy_stage NOT IN ('done', 'skipped')) AS unjudged
FROM phases
GROUP BY place, phase
ORDER BY place
