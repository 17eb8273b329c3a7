-- question: Which broken MX hosts serve the most domains?
-- unit: domains
-- tables: mx_verdicts
-- denominator: domains that name the host
-- unjudged: domains that name it and for which it was not decided
-- caveats: A failure counts under the strictest mechanism in force for the domain: DANE, else a policy of mode enforce or testing. A host that a policy
--   leaves out (`mx-not-in-policy`) is not broken: the policy is, see `mx_mismatches`. `count` are the domains
--   for which the host fails; the failure named is the most usual. The words of RFC 8460 4.3 stand beside, so that operators find them in their reports.
--   `broken` and `affected`: broken hosts, and distinct domains that name one, in all, whatever the limit.
-- parameter limit = 30: how many hosts
WITH faults AS (
    SELECT * FROM mx_verdicts WHERE failure IS NOT NULL AND failure <> 'mx-not-in-policy'
), failing AS (
    SELECT host, failure, result_type, min(tlsa_mismatch_cause) AS cause, count(*) AS domains
    FROM faults GROUP BY host, failure, result_type
), worst AS (
    SELECT host, sum(domains)::BIGINT AS "count",
        max({'domains': domains, 'failure': failure, 'result_type': result_type, 'cause': cause}) AS usual
    FROM failing GROUP BY host
), hosts AS (
    SELECT host, any_value(provider) AS provider, count(*) AS n, count(*) FILTER (NOT decided) AS unjudged
    FROM mx_verdicts SEMI JOIN worst USING (host) GROUP BY host
), total AS (
    SELECT count(DISTINCT host) AS broken, count(DISTINCT domain) AS affected FROM faults
)
SELECT host, provider, usual.failure AS failure, usual.cause AS cause, usual.result_type AS result_type, "count", n, share("count", n) AS share, unjudged,
    broken, affected
FROM worst JOIN hosts USING (host) CROSS JOIN total
ORDER BY "count" DESC, n DESC, host
LIMIT $limit
