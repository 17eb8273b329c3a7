-- question: In which networks or countries do policy hosts stand?
-- unit: domains
-- tables: verdicts, policies, networks
-- denominator: domains with an MTA-STS record whose policy host has an address that the table of networks knows
-- unjudged: such domains whose policy host has addresses that the table does not know
-- caveats: By the table that was brought, as in `mx_networks`: of the address that was contacted, else of the first. `failing`: no policy could be had, or it
--   was none.
-- parameter by = asn (asn, country): what to group by
-- parameter limit = 20: how many of the largest
WITH hosts AS (
    SELECT v.domain, CASE $by WHEN 'asn' THEN 'AS' || w.asn ELSE w.country END AS place, v.sts_policy IN ('unfetchable', 'invalid') AS failing
    FROM sts_adopters v JOIN policy_targets p USING (domain) LEFT JOIN networks w ON w.ip = p.address
    WHERE p.address IS NOT NULL
), total AS (
    SELECT count(place) AS n, count(*) - count(place) AS unjudged FROM hosts
)
SELECT place, count(*) AS "count", any_value(n) AS n, share(count(*), any_value(n)) AS share, count(*) FILTER (failing) AS failing,
    any_value(unjudged) AS unjudged
FROM hosts, total
WHERE place IS NOT NULL
GROUP BY place
ORDER BY "count" DESC, place
LIMIT $limit
