-- question: Does DANE hold more often at one's own mail servers or at third parties?
-- unit: domains
-- tables: verdicts
-- denominator: domains of the manager's kind that publish secure TLSA (or whose look-up failed with proof) and have a verdict
-- unjudged: such domains without a verdict
-- caveats: Managers of MX hosts as in `managers`. `count`: DANE fails (`fail`, `partial`, `unusable`, `lookup-failed`). Who runs the domain's name servers
--   as well: `dane_dns`.
-- parameter third_party_min = 50: a provider with at least this many domains is a third party
-- parameter self_max = 5: a provider with at most this many domains is the owner's own
WITH sizes AS (
    SELECT provider, count(*) AS domains FROM population WHERE takes_mail GROUP BY provider
), classed AS (
    SELECT v.dane_verdict, CASE
        WHEN v.provider = own_registrable(v.domain, v.suffix) OR s.domains <= $self_max THEN 'self'
        WHEN s.domains >= $third_party_min THEN 'third-party'
        WHEN v.provider IS NULL THEN 'unknown' ELSE 'unclassified' END AS manager
    FROM dane_adopters v LEFT JOIN sizes s USING (provider)
    WHERE v.dane_verdict <> 'insecure'
)
SELECT manager, count(*) FILTER (dane_verdict IN ('fail', 'partial', 'unusable', 'lookup-failed')) AS "count",
    count(*) FILTER (dane_verdict <> 'indeterminate') AS n,
    share(count(*) FILTER (dane_verdict IN ('fail', 'partial', 'unusable', 'lookup-failed')), count(*) FILTER (dane_verdict <> 'indeterminate')) AS share,
    count(*) FILTER (dane_verdict = 'indeterminate') AS unjudged
FROM classed
GROUP BY manager
ORDER BY list_position(['self', 'unclassified', 'third-party', 'unknown'], manager)
