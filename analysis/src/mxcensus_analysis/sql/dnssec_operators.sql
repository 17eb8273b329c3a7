-- question: Whose zones are signed?
-- unit: domains
-- tables: verdicts, domains
-- denominator: domains that take mail, whose name servers are the operator's and whose zone is secure, insecure or bogus
-- unjudged: domains of the operator whose state is not known
-- caveats: By who runs the name servers of the domain's zone, the operators with most domains first. `count`: the zone is secure. `no_chain`: its NS records
--   are signed and no chain of trust leads to it, most often for want of a DS; null where the scan did not validate. `bogus`: its signatures fail.
-- parameter limit = 20: how many of the largest operators
WITH zones AS (
    SELECT d.dns_operator AS operator, d.ns_dnssec AS state, d.zone_signed AND d.ns_dnssec = 'insecure' AS no_chain
    FROM population v JOIN domains d USING (domain)
    WHERE d.dns_operator IS NOT NULL AND (v.takes_mail OR d.ns_dnssec = 'bogus')
)
SELECT operator, count(*) FILTER (state = 'secure') AS "count", count(*) FILTER (state IN ('secure', 'insecure', 'bogus')) AS n,
    share(count(*) FILTER (state = 'secure'), count(*) FILTER (state IN ('secure', 'insecure', 'bogus'))) AS share,
    CASE WHEN count(no_chain) > 0 THEN count(*) FILTER (no_chain) END AS no_chain, count(*) FILTER (state = 'bogus') AS bogus,
    count(*) FILTER (state IS NULL OR state = 'indeterminate') AS unjudged
FROM zones
GROUP BY operator
ORDER BY count(*) DESC, operator
LIMIT $limit
