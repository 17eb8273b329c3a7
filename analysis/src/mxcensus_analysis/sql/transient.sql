-- question: How many failures go away when one looks again?
-- unit: endpoints, policies
-- tables: endpoints, policies
-- denominator: endpoints (policies) whose first attempt failed and that were tried again
-- unjudged: endpoints (policies) whose first attempt failed and that were not tried again
-- caveats: `count`: the last attempt got further than the first failure. What stays is lasting as far as one crawl can tell. Copied rows are left out.
WITH attempts AS (
    SELECT 'mx' AS side, len(attempt_log) AS tries, attempt_log[1].error AS first_error, attempt_log[1].stage AS first_stage, stage AS last_stage, error AS last_error
    FROM endpoints WHERE sampled_from IS NULL AND len(attempt_log) > 0
    UNION ALL
    SELECT 'policy', len(policy_attempts), policy_attempts[1].error, policy_attempts[1].stage, policy_stage, policy_error
    FROM policies WHERE len(policy_attempts) > 0
)
SELECT side, first_stage AS stage, first_error AS failure,
    count(*) FILTER (tries > 1 AND last_error IS DISTINCT FROM first_error) AS "count", count(*) FILTER (tries > 1) AS n,
    share(count(*) FILTER (tries > 1 AND last_error IS DISTINCT FROM first_error), count(*) FILTER (tries > 1)) AS share,
    count(*) FILTER (tries = 1) AS unjudged
FROM attempts
WHERE first_error IS NOT NULL
GROUP BY side, first_stage, first_error
HAVING count(*) FILTER (tries > 1) > 0
ORDER BY side, n DESC, stage, failure
