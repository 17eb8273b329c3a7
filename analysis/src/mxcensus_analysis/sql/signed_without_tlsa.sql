-- question: Who signs the zones of MX hosts and publishes no TLSA records?
-- unit: MX hosts
-- tables: verdicts, mx_hosts, mx_verdicts
-- denominator: MX hosts with an address whose zone is secure and whose name servers are the operator's
-- unjudged: such hosts whose TLSA look-up failed
-- caveats: By who runs the name servers of the MX host's zone. `count`: the zone is signed and denies TLSA at every name asked. A sender that knows DANE gains
--   nothing from such a zone. `domains`: how many domains those hosts serve.
-- parameter limit = 20: how many of the operators with most such hosts
WITH hosts AS (
    SELECT h.dns_operator AS operator, s.domains,
        list_bool_or(list_transform(h.tlsa_lookups, lambda l: len(l.records) > 0)) AS has_tlsa,
        list_bool_or(list_transform(h.tlsa_lookups, lambda l: l.status = 'error')) AS failed
    FROM mx_hosts h JOIN served s USING (host)
    WHERE h.ns_dnssec = 'secure' AND h.dns_operator IS NOT NULL AND len(h.tlsa_lookups) > 0
)
SELECT operator, count(*) FILTER (NOT has_tlsa AND NOT failed) AS "count", count(*) FILTER (has_tlsa OR NOT failed) AS n,
    share(count(*) FILTER (NOT has_tlsa AND NOT failed), count(*) FILTER (has_tlsa OR NOT failed)) AS share,
    coalesce(sum(domains) FILTER (NOT has_tlsa AND NOT failed), 0)::BIGINT AS domains, count(*) FILTER (failed AND NOT has_tlsa) AS unjudged
FROM hosts
GROUP BY operator
ORDER BY "count" DESC, n DESC, operator
LIMIT $limit
