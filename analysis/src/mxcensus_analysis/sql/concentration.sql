-- question: Which operators hold how many domains?
-- unit: domains
-- tables: verdicts, policies, mx_verdicts, policy_operators
-- denominator: mx-provider, mx-host: domains that take mail and name an MX host; policy-operator: domains whose policy host has an address
-- unjudged: domains of which that is not known
-- caveats: MX provider: registrable domain of the most preferred MX host. Policy operator: registrable domain of the policy host's last alias; where there is
--   none, what stands at the same address (`named_by` says which: `alias`; `neighbour`, a policy host that has an alias; `mail`, an MX host;
--   `certificate`, the leaf's common name; `alone`, nobody else: the domain's own; `address`, several domains and nothing to tell whose, in
--   brackets). One operator may go by several names. `cumulative` is the share of this and all larger ones.
-- parameter kind = mx-provider (mx-provider, mx-host, policy-operator): what to count by
-- parameter limit = 20: how many of the largest
WITH named AS (
    SELECT provider AS operator, 'mx-name' AS named_by FROM population WHERE $kind = 'mx-provider' AND takes_mail
    UNION ALL
    SELECT host, 'mx-name' FROM mx_verdicts WHERE $kind = 'mx-host'
    UNION ALL
    SELECT operator, named_by FROM policy_operators SEMI JOIN sts_adopters USING (domain) WHERE $kind = 'policy-operator'
), counted AS (
    SELECT operator, mode(named_by ORDER BY named_by) AS named_by, count(*) AS "count" FROM named WHERE operator IS NOT NULL GROUP BY operator
), total AS (
    SELECT
        CASE $kind WHEN 'mx-provider' THEN (SELECT count(provider) FROM population WHERE takes_mail)
                   WHEN 'mx-host' THEN (SELECT count(DISTINCT domain) FROM mx_verdicts)
                   ELSE (SELECT count(operator) FROM named) END AS n,
        CASE $kind WHEN 'policy-operator' THEN (SELECT count(*) FROM named WHERE operator IS NULL)
                   ELSE (SELECT count(*) FROM population WHERE NOT takes_mail OR provider IS NULL) END AS unjudged
)
SELECT operator, named_by, "count", n, share("count", n) AS share, share(sum("count") OVER (ORDER BY "count" DESC, operator), n) AS cumulative, unjudged
FROM counted, total
ORDER BY "count" DESC, operator
LIMIT $limit
