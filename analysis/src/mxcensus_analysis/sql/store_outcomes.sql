-- question: What becomes of mail under each trust store?
-- unit: domains
-- tables: store_verdicts, verdicts
-- denominator: domains that take mail, publish an MTA-STS record and have an outcome under the store
-- unjudged: domains with a record whose outcome under the store is indeterminate
-- caveats: A sender at first contact that trusts the store's roots and nothing else. `encrypted` and `plaintext` are mail without protection: no policy,
--   one that does not enforce, or one that the store cannot fetch because it does not trust the policy host.
-- parameter sender = mta-sts (mta-sts, both): a sender with MTA-STS alone, or with DANE too
WITH outcomes AS (
    SELECT store, CASE $sender WHEN 'both' THEN outcome_both ELSE outcome_mta_sts END AS outcome FROM store_adopters
), counted AS (
    SELECT store, outcome, count(*) AS "count",
        sum(count(*) FILTER (outcome <> 'indeterminate')) OVER whole AS n,
        coalesce(sum(count(*) FILTER (outcome = 'indeterminate')) OVER whole, 0) AS unjudged
    FROM outcomes
    GROUP BY store, outcome
    WINDOW whole AS (PARTITION BY store)
)
SELECT store, outcome, "count", n::BIGINT AS n, share("count", n) AS share, unjudged::BIGINT AS unjudged
FROM counted
WHERE outcome <> 'indeterminate'
ORDER BY store, "count" DESC, outcome
