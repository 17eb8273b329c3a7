-- question: Of the domains that publish a mechanism, whose mail would be refused, whose goes out without protection, and whose is in order?
-- unit: domains
-- tables: verdicts, mx_verdicts, policy_operators
-- denominator: domains that publish the mechanism, right or wrong: a record at `_mta-sts` (an attempt counts), TLSA records at an MX host, signed or not
-- unjudged: domains that publish it and could not be judged
-- caveats: `refused`: a sender that honours the mechanism and has nothing cached finds no MX host that it may deliver to. `unprotected`: mail goes out
--   as if nothing were published: MTA-STS with a broken record or policy, mode none or testing, or a lifetime of 0; DANE below unsigned DNS or without a
--   usable record. `in-part`: some MX hosts hold and some do not. `in-order`: every MX host holds. A domain whose DNSSEC fails publishes DANE only where
--   TLSA records were seen all the same: `dnssec_failures` has the others. `effective` is how many independent domains the interval rests on: the
--   domains of one operator count together; of MX provider and operator of policy hosts the one that leaves fewer.
WITH judged AS (
    SELECT p.mechanism, p.domain, p.state, coalesce(p.provider, p.domain) AS provider, coalesce(o.operator, p.domain) AS policy_operator
    FROM publishers p LEFT JOIN policy_operators o ON p.mechanism = 'mta-sts' AND o.domain = p.domain
), sides AS (
    SELECT mechanism, state, 'provider' AS side, provider AS operator FROM judged WHERE state IS NOT NULL
    UNION ALL
    SELECT mechanism, state, 'policy-operator', policy_operator FROM judged WHERE state IS NOT NULL AND mechanism = 'mta-sts'
), asked AS (
    SELECT unnest([{'place': 1, 'state': 'refused'}, {'place': 2, 'state': 'unprotected'}, {'place': 3, 'state': 'in-part'},
        {'place': 4, 'state': 'in-order'}], recursive := true)
), clusters AS (
    SELECT s.mechanism, s.side, a.place, a.state, s.operator, count(*) FILTER (s.state = a.state) AS x, count(*) AS n
    FROM sides s CROSS JOIN asked a
    GROUP BY ALL
), summed AS (
    SELECT mechanism, side, place, state, sum(x) AS x, sum(n) AS n, sum(x * x) AS xx, sum(x * n) AS xn, sum(n * n) AS nn, count(*) AS operators
    FROM clusters GROUP BY ALL
), both_sides AS (
    SELECT mechanism, place, state, any_value(x)::BIGINT AS x, any_value(n)::BIGINT AS n, min(operators)::BIGINT AS operators,
        min(effective_n(x, n, xx, xn, nn, operators)) AS effective
    FROM summed GROUP BY ALL
)
SELECT b.mechanism, b.state, b.x AS "count", b.n, share(b.x, b.n) AS share, b.operators, b.effective,
    (SELECT count(*) FROM judged j WHERE j.state IS NULL AND j.mechanism = b.mechanism) AS unjudged
FROM both_sides b
ORDER BY b.mechanism DESC, b.place
