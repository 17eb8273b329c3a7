-- question: How do MX certificates fail MTA-STS, at one's own hosts and at third parties' hosts?
-- unit: domains
-- tables: verdicts, mx_verdicts
-- denominator: domains of the manager's kind that publish MTA-STS and have an MX host whose certificate was seen
-- unjudged: such domains none of whose MX hosts showed one
-- caveats: Whatever the policy says: the certificates of MX hosts as a strict client sees them. `fault` is the word of the worst host; `every`: all
--   hosts that showed a certificate have a bad one; `enforced`: under a valid policy of mode enforce, so that mail is refused there. Managers of MX
--   hosts as in `managers`.
-- parameter third_party_min = 50: a provider with at least this many domains is a third party
-- parameter self_max = 5: a provider with at most this many domains is the owner's own
WITH sizes AS (
    SELECT provider, count(*) AS domains FROM population WHERE takes_mail GROUP BY provider
), classed AS (
    SELECT v.domain, v.sts_policy = 'valid' AND v.sts_mode IS NOT DISTINCT FROM 'enforce' AS enforced, CASE
        WHEN v.provider = own_registrable(v.domain, v.suffix) OR s.domains <= $self_max THEN 'self'
        WHEN s.domains >= $third_party_min THEN 'third-party'
        WHEN v.provider IS NULL THEN 'unknown' ELSE 'unclassified' END AS manager
    FROM sts_adopters v LEFT JOIN sizes s USING (provider)
), hosts AS (
    SELECT m.domain, count(m.pkix) AS seen, count(*) FILTER (m.pkix <> 'valid') AS bad,
        arg_min(m.pkix, list_position(['cert-invalid', 'cert-self-signed', 'cert-unknown-issuer', 'cert-expired', 'cert-not-yet-valid',
            'cert-name-mismatch'], m.pkix)) FILTER (m.pkix <> 'valid') AS fault
    FROM mx_verdicts m SEMI JOIN classed USING (domain) GROUP BY m.domain
), total AS (
    SELECT manager, count(*) FILTER (h.seen > 0) AS n, count(*) FILTER (coalesce(h.seen, 0) = 0) AS unjudged
    FROM classed LEFT JOIN hosts h USING (domain) GROUP BY manager
)
SELECT manager, h.fault, count(*) AS "count", count(*) FILTER (h.bad = h.seen) AS every, count(*) FILTER (enforced) AS enforced,
    any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM classed JOIN hosts h USING (domain) JOIN total USING (manager)
WHERE h.bad > 0
GROUP BY manager, h.fault
ORDER BY list_position(['self', 'unclassified', 'third-party', 'unknown'], manager), "count" DESC, fault
