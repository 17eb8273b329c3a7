-- question: How much could not be judged, and why?
-- unit: domains, MX hosts
-- tables: verdicts, domains, policies, mx_verdicts, endpoints
-- denominator: stated per row by `what`: all input domains; domains with a record; domains that take mail; MX hosts
-- unjudged: the same as `count`: this question is about them
-- caveats: One reason each. A silent or refusing mail server is about this vantage or that moment, not about the server's TLS. `dnssec off` means
--   that the crawl did not ask.
WITH host_reasons AS (
    SELECT host, arg_max(reason, weight) AS reason FROM (
        SELECT host, stage || ': ' || coalesce(error, 'unknown') AS reason, count(*) AS weight FROM endpoints
        WHERE stage IN ('skipped', 'connect', 'banner', 'ehlo') AND error IS DISTINCT FROM 'starttls-not-offered'
        GROUP BY ALL ORDER BY reason)
    GROUP BY host
), hosts AS (
    SELECT host, bool_or(decided) AS decided FROM mx_verdicts GROUP BY host
), rows AS (
    SELECT 1 AS place, 'does it take mail?' AS what, CASE WHEN v.mx_status = 'opted-out' THEN 'opted-out' ELSE 'mx look-up: ' || coalesce(d.mx_error, 'unknown') END AS reason
    FROM verdicts v JOIN domains d USING (domain) WHERE v.mx_status IN ('error', 'opted-out')
    UNION ALL
    SELECT 2, 'MTA-STS', CASE WHEN v.sts_record = 'error' THEN 'record look-up: ' || coalesce(d.sts_txt_error, 'unknown')
        WHEN v.sts_policy = 'unknown' THEN 'policy: ' || coalesce(p.policy_error, 'unknown') ELSE 'no MX host decided' END
    FROM population v JOIN domains d USING (domain) LEFT JOIN policies p USING (domain) WHERE v.takes_mail AND v.sts_verdict = 'indeterminate'
    UNION ALL
    SELECT 3, 'DANE', CASE WHEN v.mx_dnssec IS NULL THEN 'dnssec off' WHEN m.lookups THEN 'TLSA look-up' ELSE 'no MX host decided' END
    FROM population v LEFT JOIN (
        SELECT domain, bool_or(decided AND dane = 'unknown') AS lookups FROM mx_verdicts GROUP BY domain) m USING (domain)
    WHERE v.takes_mail AND v.dane_verdict = 'indeterminate'
    UNION ALL
    SELECT 4, 'MX hosts', coalesce(r.reason, 'no address') FROM hosts h LEFT JOIN host_reasons r USING (host) WHERE NOT h.decided
), counted AS (
    SELECT place, what, reason, count(*) AS "count" FROM rows GROUP BY place, what, reason
)
SELECT what, reason, "count", n, share("count", n) AS share, "count" AS unjudged
FROM counted, LATERAL (SELECT CASE place WHEN 1 THEN (SELECT count(*) FROM verdicts) WHEN 4 THEN (SELECT count(*) FROM hosts)
    ELSE (SELECT count(*) FROM population WHERE takes_mail) END AS n)
ORDER BY place, "count" DESC, reason
