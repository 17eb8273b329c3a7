-- question: Why does what is published protect nobody, although mail flows?
-- unit: domains
-- tables: verdicts, mx_verdicts
-- denominator: domains that publish the mechanism, right or wrong, and could be judged
-- unjudged: domains that publish it and could not be judged
-- caveats: The domains that `standing` calls `unprotected`, one cause each. Modes none and testing are the owner's choice; the other causes are mistakes,
--   or a zone that is not signed.
WITH total AS (
    SELECT mechanism, count(state) AS n, count(*) FILTER (state IS NULL) AS unjudged FROM publishers GROUP BY mechanism
)
SELECT p.mechanism, p.cause, p.cause IN ('mode none', 'mode testing') AS chosen, count(*) AS "count", any_value(t.n) AS n,
    share(count(*), any_value(t.n)) AS share, any_value(t.unjudged) AS unjudged
FROM publishers p JOIN total t USING (mechanism)
WHERE p.state = 'unprotected'
GROUP BY p.mechanism, p.cause
ORDER BY p.mechanism DESC, "count" DESC, p.cause
