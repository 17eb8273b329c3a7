-- question: What would a TLS report say?
-- unit: domains
-- tables: verdicts
-- denominator: domains that publish MTA-STS or TLSA
-- unjudged: domains among them with an indeterminate verdict for one
-- caveats: The result types of RFC 8460 4.3 that a sender would report; a domain may have several.
WITH adopters AS (
    SELECT domain, result_types, sts_verdict = 'indeterminate' OR dane_verdict = 'indeterminate' AS undecided
    FROM population WHERE publishes_sts(sts_record) OR dane_verdict NOT IN ('none', 'indeterminate', 'no-mail')
), total AS (
    SELECT count(*) AS n, count(*) FILTER (undecided) AS unjudged FROM adopters
)
SELECT result_type, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM (SELECT unnest(result_types) AS result_type FROM adopters), total
GROUP BY result_type
ORDER BY "count" DESC, result_type
