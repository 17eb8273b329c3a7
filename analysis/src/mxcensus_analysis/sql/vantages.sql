-- question: Do the vantages of one crawl see the same mail servers?
-- unit: addresses of MX hosts
-- tables: endpoints, mx_verdicts, workers
-- denominator: addresses of MX hosts that were contacted from this vantage
-- unjudged: addresses that were left out there, for a reason of our own or by sampling
-- caveats: A crawl gives each address to one worker, so vantages look at different servers of one list, and what one operator does weighs at one of them. A
--   difference beyond the intervals says that a vantage is treated otherwise, or has another part of the list: compare two crawls of one list
--   (`mxcensus diff`) to tell. Workers with one `vantage` in the manifest are one row; without one they go by their names.
WITH seen AS (
    SELECT coalesce(w.vantage, e.worker) AS vantage, e.stage <> 'skipped' AND e.sampled_from IS NULL AS judged,
        CASE WHEN e.stage = 'done' OR e.legacy_version IS NOT NULL THEN 3
             WHEN e.error = 'starttls-not-offered' OR e.stage IN ('starttls', 'tls') THEN 2 ELSE 1 END AS place
    FROM endpoints e SEMI JOIN mx_verdicts m USING (host) LEFT JOIN workers w ON w.worker = e.worker
    WHERE e.server_name = e.host
), totals AS (
    SELECT vantage, count(*) FILTER (judged) AS n, count(*) FILTER (NOT judged) AS unjudged FROM seen GROUP BY vantage
)
SELECT t.vantage, r.result, count(s.place) AS "count", any_value(n) AS n, share(count(s.place), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM totals t
CROSS JOIN (SELECT unnest([{'place': 1, 'result': 'no EHLO answered'}, {'place': 2, 'result': 'answers without TLS'}, {'place': 3, 'result': 'TLS'}],
    recursive := true)) r
LEFT JOIN (FROM seen WHERE judged) s ON s.vantage = t.vantage AND s.place = r.place
GROUP BY t.vantage, r.place, r.result
ORDER BY max(n) DESC, t.vantage, r.place
