-- question: Whose fault is it when MTA-STS or DANE fails?
-- unit: domains
-- tables: verdicts, mx_verdicts
-- denominator: domains whose mechanism fails
-- unjudged: domains that publish the mechanism and could not be judged
-- caveats: One part per domain, the first that fails. `adopters` are the domains that publish the mechanism and have a verdict. TLSA below
--   unsigned DNS (`not signed`) is left out: it is no failure. For MTA-STS, `web` is everything that DANE does not need.
WITH failing AS (
    SELECT 'mta-sts' AS mechanism, part, area FROM sts_faults SEMI JOIN sts_adopters USING (domain)
    UNION ALL
    SELECT 'dane', part, area FROM dane_faults SEMI JOIN dane_adopters USING (domain) WHERE part <> 'not signed'
), adopters AS (
    SELECT 'mta-sts' AS mechanism, count(*) FILTER (sts_verdict <> 'indeterminate') AS adopters,
        count(*) FILTER (sts_verdict = 'indeterminate') AS unjudged
    FROM sts_adopters
    UNION ALL
    SELECT 'dane', count(*) FILTER (dane_verdict <> 'indeterminate'), count(*) FILTER (dane_verdict = 'indeterminate')
    FROM dane_adopters WHERE dane_verdict <> 'insecure'
), counted AS (
    SELECT mechanism, part, area, count(*) AS "count", sum(count(*)) OVER (PARTITION BY mechanism)::BIGINT AS n
    FROM failing GROUP BY mechanism, part, area
)
SELECT mechanism, area, part, "count", n, share("count", n) AS share, adopters, share("count", adopters) AS share_of_adopters, unjudged
FROM counted JOIN adopters USING (mechanism)
ORDER BY mechanism DESC, "count" DESC, part
