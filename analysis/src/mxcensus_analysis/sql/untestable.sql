-- question: Are the domains that could not be tested different from the others?
-- unit: domains
-- tables: verdicts, mx_verdicts, endpoints
-- denominator: domains that publish the set of mechanisms and take mail
-- unjudged: the same as `count`: this question is about them
-- caveats: `count`: no MX host was decided. `turned_away`: some MX host answered and refused this client (4xx or 5xx at the greeting or EHLO), `listed`: and its reply
--   speaks of a blocklist or a policy against strangers. Where the share differs between the sets, shares of those who were tested are biased.
WITH refusals AS (
    SELECT host, bool_or(regexp_matches(reply_text, '(?i)block|black ?list|listed|spamhaus|reputation|dnsbl|rbl|policy|denied')) AS listed
    FROM endpoints
    WHERE error IN ('banner-rejected', 'ehlo-rejected')
    GROUP BY host
), hosts AS (
    SELECT m.domain, bool_or(m.decided) AS decided, bool_or(r.host IS NOT NULL) AS turned_away, bool_or(r.listed IS TRUE) AS listed
    FROM mx_verdicts m LEFT JOIN refusals r USING (host) GROUP BY m.domain
), sets AS (
    SELECT CASE WHEN publishes_sts(v.sts_record) AND v.dane_verdict NOT IN ('none', 'indeterminate') THEN 'both'
        WHEN publishes_sts(v.sts_record) THEN 'mta-sts only'
        WHEN v.dane_verdict NOT IN ('none', 'indeterminate') THEN 'dane only' ELSE 'neither' END AS publishes,
        coalesce(h.decided, false) AS decided, coalesce(h.turned_away, false) AS turned_away, coalesce(h.listed, false) AS listed
    FROM population v LEFT JOIN hosts h USING (domain)
    WHERE v.takes_mail
)
SELECT publishes, count(*) FILTER (NOT decided) AS "count", count(*) AS n, share(count(*) FILTER (NOT decided), count(*)) AS share,
    count(*) FILTER (turned_away) AS turned_away, count(*) FILTER (listed) AS listed, count(*) FILTER (NOT decided) AS unjudged
FROM sets
GROUP BY publishes
ORDER BY list_position(['both', 'mta-sts only', 'dane only', 'neither'], publishes)
