-- question: Do policies and their ids change together?
-- unit: changes of a policy or of its id
-- tables: policy_steps
-- denominator: changes of a policy or an id; two within two days of each other count as one
-- unjudged: domains with a record whose policy could not be fetched in any round
-- caveats: A sender that caches looks for a new policy only when the id changes (RFC 8461 3.1, 5.1). `policy-first`: for so many hours it had no reason
--   to look. `id-first`: it fetched the old policy under the new id, and keeps it. Hours are right to the interval of the watch.
WITH total AS (
    SELECT (SELECT count(*) FROM policy_steps) AS n, (SELECT count(*) FROM (SELECT domain FROM sighted_policies GROUP BY domain
        HAVING count(*) FILTER (policy_http_status = 200) = 0)) AS unjudged
)
SELECT kind, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged,
    quantile_cont(hours, 0.5) AS median_hours, max(hours) AS longest_hours
FROM policy_steps, total
GROUP BY kind
ORDER BY list_position(['together', 'id-first', 'policy-first', 'policy-only', 'id-only'], kind)
