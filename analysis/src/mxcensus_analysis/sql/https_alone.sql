-- question: For how many domains is HTTPS the only protection of the policy, and could DANE stand in?
-- unit: domains
-- tables: verdicts, policy_grounds
-- denominator: domains with a valid policy where the DNSSEC state of every name that it hangs on is known
-- unjudged: domains with a valid policy and an unknown state at one of them
-- caveats: `policy`: `https alone` where the answer to `_mta-sts` is not signed, so that nothing but the web server's certificate authenticates the policy;
--   else `signed dns too`. `dane`: `holds` at some MX host or at all; `within reach`, MX records and the addresses of every MX host are signed;
--   `domain not signed`; `mx hosts not signed`, which only their operator can change. `in_force`: of `count`, those of mode enforce whose every
--   MX host passes.
WITH classed AS (
    SELECT judged, in_force, CASE WHEN record THEN 2 ELSE 1 END AS place,
        CASE WHEN holds OR dane_verdict = 'partial' THEN 1 WHEN NOT mx THEN 3 WHEN NOT hosts THEN 4 ELSE 2 END AS step
    FROM policy_grounds
), total AS (
    SELECT count(*) FILTER (judged) AS n, count(*) FILTER (NOT judged) AS unjudged FROM classed
)
SELECT p.policy, d.dane, count(c.place) AS "count", any_value(n) AS n, share(count(c.place), any_value(n)) AS share,
    count(*) FILTER (c.in_force) AS in_force, any_value(unjudged) AS unjudged
FROM (SELECT unnest([{'place': 1, 'policy': 'https alone'}, {'place': 2, 'policy': 'signed dns too'}], recursive := true)) p
CROSS JOIN (SELECT unnest([{'step': 1, 'dane': 'holds'}, {'step': 2, 'dane': 'within reach'}, {'step': 3, 'dane': 'domain not signed'},
    {'step': 4, 'dane': 'mx hosts not signed'}], recursive := true)) d
CROSS JOIN total LEFT JOIN (FROM classed WHERE judged) c USING (place, step)
GROUP BY p.place, p.policy, d.step, d.dane
ORDER BY p.place, d.step
