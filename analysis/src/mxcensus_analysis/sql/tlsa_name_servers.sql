-- question: Whose name servers fail when they are asked for TLSA records?
-- unit: MX hosts
-- tables: verdicts, mx_hosts, mx_verdicts
-- denominator: MX hosts with an address at which TLSA was asked for and whose name servers are the operator's
-- unjudged: MX hosts whose name servers were not seen, all operators together
-- caveats: By who runs the name servers of the MX host's zone. `count`: the look-up of the host's address was answered and one for TLSA failed: a server that
--   does not know the type, or a zone whose denials do not validate. RFC 7672 2.1.2 forbids delivery where the address is secure (`refused`). `bogus`: with
--   proof. One question at one time: what fails twice some time apart is counted.
-- parameter limit = 20: how many of the operators with most such hosts
WITH hosts AS (
    SELECT h.dns_operator AS operator, s.domains, len(list_filter(h.tlsa_lookups, lambda l: l.status = 'error')) > 0 AS failed,
        len(list_filter(h.tlsa_lookups, lambda l: l.dnssec = 'bogus')) > 0 AS bogus,
        'insecure' NOT IN (coalesce(h.a_dnssec, 'secure'), coalesce(h.aaaa_dnssec, 'secure')) AS secure
    FROM mx_hosts h JOIN served s USING (host)
    WHERE len(h.tlsa_lookups) > 0
), unseen AS (
    SELECT count(*) FILTER (operator IS NULL) AS unjudged FROM hosts
)
SELECT operator, count(*) FILTER (failed) AS "count", count(*) AS n, share(count(*) FILTER (failed), count(*)) AS share,
    count(*) FILTER (bogus) AS bogus, count(*) FILTER (failed AND secure) AS refused,
    coalesce(sum(domains) FILTER (failed), 0)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM hosts, unseen
WHERE operator IS NOT NULL
GROUP BY operator
HAVING count(*) FILTER (failed) > 0
ORDER BY "count" DESC, n, operator
LIMIT $limit
