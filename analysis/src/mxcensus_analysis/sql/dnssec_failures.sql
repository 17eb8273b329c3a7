-- question: Whose mail would a DANE sender refuse because DNSSEC fails, though no TLSA record was seen?
-- unit: domains
-- tables: verdicts, mx_verdicts
-- denominator: domains that take mail, or whose look-up failed, and whose DANE could be judged
-- unjudged: domains whose DANE could not be judged
-- caveats: A DANE sender must not deliver where a look-up fails with proof (RFC 7672 2.1.2), whether or not the owner publishes DANE. They are not counted
--   with those that do; counting them all would be the most that DANE can be charged with: `share_of_publishers` is what DANE's refused share would
--   then be.
WITH facts AS (
    SELECT v.dane_verdict, t.domain IS NOT NULL AS seen
    FROM population v LEFT JOIN tlsa_seen t USING (domain)
), total AS (
    SELECT count(*) FILTER (state IS NOT NULL) AS publishers, count(*) FILTER (state = 'refused') AS refused FROM publishers WHERE mechanism = 'dane'
), counted AS (
    SELECT count(*) FILTER (dane_verdict = 'lookup-failed' AND NOT seen) AS "count", count(*) FILTER (dane_verdict <> 'indeterminate') AS n,
        count(*) FILTER (dane_verdict = 'indeterminate') AS unjudged
    FROM facts
)
SELECT "count", n, share("count", n) AS share, share("count" + refused, "count" + publishers) AS share_of_publishers, unjudged
FROM counted, total
ORDER BY "count"
