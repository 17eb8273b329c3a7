-- question: What would each kind of sender do with a message at first contact?
-- unit: domains
-- tables: verdicts
-- denominator: domains that take mail and whose outcome for this sender is known
-- unjudged: domains whose outcome for this sender is indeterminate
-- caveats: A sender with an empty cache that found what the crawl found. `both` obeys RFC 8461 2: MTA-STS must not override a failing DANE.
WITH outcomes AS (
    SELECT unnest([
        {'place': 1, 'sender': 'opportunistic', 'outcome': outcome_opportunistic},
        {'place': 2, 'sender': 'mta-sts', 'outcome': outcome_mta_sts},
        {'place': 3, 'sender': 'dane', 'outcome': outcome_dane},
        {'place': 4, 'sender': 'dane, insecure mx too', 'outcome': outcome_dane_insecure_mx},
        {'place': 5, 'sender': 'both', 'outcome': outcome_both}
    ], recursive := true)
    FROM population
), counted AS (
    SELECT place, sender, outcome, count(*) AS "count",
        sum(count(*) FILTER (outcome <> 'indeterminate')) OVER (PARTITION BY place)::BIGINT AS n,
        coalesce(sum(count(*) FILTER (outcome = 'indeterminate')) OVER (PARTITION BY place), 0)::BIGINT AS unjudged
    FROM outcomes
    GROUP BY place, sender, outcome
)
SELECT sender, outcome, "count", coalesce(n, 0) AS n, share("count", n) AS share, unjudged
FROM counted
WHERE outcome <> 'indeterminate'
ORDER BY place, list_position(['authenticated', 'encrypted', 'plaintext', 'refused', 'unreachable'], outcome)
