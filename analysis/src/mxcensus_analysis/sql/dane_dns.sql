-- question: Does DANE hold more often where one party runs the mail and the DNS?
-- unit: domains
-- tables: verdicts, domains
-- denominator: domains of the class that publish secure TLSA (or whose look-up failed with proof) and have a verdict
-- unjudged: such domains without a verdict
-- caveats: `mail`: the manager of the MX hosts, as in `managers`. `dns`: whoever runs the name servers of the domain's zone: the owner (`self`: its own
--   registrable domain, or an operator with few domains), whoever runs its mail (`same`), somebody else with many domains (`third-party`). `count`:
--   DANE fails (`fail`, `partial`, `unusable`, `lookup-failed`). `unknown`: the name servers were not seen.
-- parameter third_party_min = 50: a provider or DNS operator with at least this many domains is a third party
-- parameter self_max = 5: one with at most this many domains is the owner's own
WITH mail_sizes AS (
    SELECT provider, count(*) AS domains FROM population WHERE takes_mail GROUP BY provider
), dns_sizes AS (
    SELECT d.dns_operator, count(*) AS domains FROM population v JOIN domains d USING (domain) WHERE takes_mail GROUP BY d.dns_operator
), classed AS (
    SELECT v.dane_verdict, CASE
        WHEN v.provider = own_registrable(v.domain, v.suffix) OR m.domains <= $self_max THEN 'self'
        WHEN m.domains >= $third_party_min THEN 'third-party'
        WHEN v.provider IS NULL THEN 'unknown' ELSE 'unclassified' END AS mail, CASE
        WHEN d.dns_operator IS NULL THEN 'unknown'
        WHEN d.dns_operator = own_registrable(v.domain, v.suffix) THEN 'self'
        WHEN d.dns_operator = v.provider THEN 'same'
        WHEN s.domains <= $self_max THEN 'self'
        WHEN s.domains >= $third_party_min THEN 'third-party' ELSE 'unclassified' END AS dns
    FROM dane_adopters v LEFT JOIN domains d USING (domain)
    LEFT JOIN mail_sizes m USING (provider) LEFT JOIN dns_sizes s ON s.dns_operator = d.dns_operator
    WHERE v.dane_verdict <> 'insecure'
)
SELECT mail, dns, count(*) FILTER (dane_verdict IN ('fail', 'partial', 'unusable', 'lookup-failed')) AS "count",
    count(*) FILTER (dane_verdict <> 'indeterminate') AS n,
    share(count(*) FILTER (dane_verdict IN ('fail', 'partial', 'unusable', 'lookup-failed')), count(*) FILTER (dane_verdict <> 'indeterminate')) AS share,
    count(*) FILTER (dane_verdict = 'indeterminate') AS unjudged
FROM classed
GROUP BY mail, dns
ORDER BY list_position(['self', 'unclassified', 'third-party', 'unknown'], mail), list_position(['self', 'same', 'unclassified', 'third-party', 'unknown'], dns)
