-- question: How many records and policies does only a tolerant reader accept?
-- unit: domains
-- tables: verdicts
-- denominator: domains with a record, or an attempt at one; of policies, those that could be fetched
-- unjudged: domains whose record or policy look-up failed or was not done
-- caveats: Tolerant means: forgives exactly a BOM, empty lines, white space, letter case, a trailing dot, a U-label, a final `;;` and a max_age above the
--   maximum. Senders differ widely here, so both are published.
WITH counted AS (
    SELECT unnest([
        {'place': 1, 'what': 'record', 'strict': count(*) FILTER (sts_record = 'valid'), 'lenient': count(*) FILTER (sts_record_lenient = 'valid'),
            'n': count(*), 'unjudged': 0},
        {'place': 2, 'what': 'policy', 'strict': count(*) FILTER (sts_policy = 'valid'), 'lenient': count(*) FILTER (sts_policy_lenient = 'valid'),
            'n': count(*) FILTER (sts_policy IN ('valid', 'invalid')), 'unjudged': count(*) FILTER (sts_policy = 'unknown')}
    ], recursive := true)
    FROM sts_adopters
)
SELECT what, strict, lenient, lenient - strict AS "count", n, share(lenient - strict, n) AS share, unjudged
FROM counted
ORDER BY place
