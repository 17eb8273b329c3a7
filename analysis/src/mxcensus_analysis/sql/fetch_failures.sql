-- question: How much does the policy fetch add in failures?
-- unit: domains
-- tables: verdicts, mx_verdicts
-- denominator: domains with a valid record whose policy fetch could be judged
-- unjudged: domains with a valid record whose policy was not fetched for a reason of our own
-- caveats: The record was found, so a policy that stood in it would have been had; what fails here, the second name, the connection, the certificate and the
--   answer of the web server, is added by HTTPS. A policy text that is none would be none in DNS too and is not counted. `at the web server` is the
--   sum of the four. `only there`: of these, every MX host shows a valid certificate, so that no other fault than the mx list could be left.
WITH hosts AS (
    SELECT domain, bool_and(pkix IS NOT DISTINCT FROM 'valid') AS valid
    FROM mx_verdicts SEMI JOIN sts_adopters USING (domain)
    GROUP BY domain
), asked AS (
    SELECT v.sts_policy <> 'unknown' AS judged, v.sts_policy = 'unfetchable' AS failed, v.sts_failure_stage AS stage, h.valid
    FROM sts_adopters v LEFT JOIN hosts h USING (domain)
    WHERE v.sts_record = 'valid'
), counted AS (
    SELECT count(*) FILTER (judged) AS n, count(*) FILTER (NOT judged) AS unjudged, unnest([
        {'place': 1, 'what': 'name of the policy host', 'count': count(*) FILTER (failed AND stage = 'dns')},
        {'place': 2, 'what': 'connection', 'count': count(*) FILTER (failed AND stage = 'connect')},
        {'place': 3, 'what': 'TLS and certificate', 'count': count(*) FILTER (failed AND stage = 'tls')},
        {'place': 4, 'what': 'HTTP', 'count': count(*) FILTER (failed AND stage = 'http')},
        {'place': 5, 'what': 'at the web server', 'count': count(*) FILTER (failed)},
        {'place': 6, 'what': 'only there', 'count': count(*) FILTER (failed AND valid)}
    ], recursive := true)
    FROM asked
)
SELECT what, "count", n, share("count", n) AS share, unjudged
FROM counted
ORDER BY place
