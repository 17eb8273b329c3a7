-- question: How many policies and how many domains' mail depend on one CA root alone?
-- unit: domains
-- tables: verdicts, mx_verdicts, roots
-- denominator: `n`: valid policies with an anchor; `n_mail`: domains with a valid policy of mode enforce that some MX host satisfies
-- unjudged: domains with a record whose MTA-STS verdict is indeterminate
-- caveats: Depends means sole anchor: no other root of the trust store validates the chain as presented. `count`: policies that no new sender could
--   fetch without this root (fails open: no protection). `mail_refused`: domains whose every passing MX host depends on it, so that a sender
--   with a cached policy refuses (fails closed); `mail_degraded`: some passing hosts do. `uses`: policies or hosts that could use it.
WITH policies AS (
    SELECT domain, policy_anchors FROM sts_adopters WHERE sts_policy = 'valid' AND len(policy_anchors) > 0
), policy_use AS (
    SELECT anchor, count(*) AS policies, count(*) FILTER (sole) AS sole
    FROM (SELECT unnest(policy_anchors) AS anchor, len(policy_anchors) = 1 AS sole FROM policies)
    GROUP BY anchor
), hosts AS (
    SELECT m.domain, m.anchors
    FROM mx_verdicts m SEMI JOIN (
        FROM sts_adopters WHERE sts_policy = 'valid' AND sts_mode = 'enforce' AND sts_verdict IN ('pass', 'partial')) USING (domain)
    WHERE m.sts IN ('pass', 'partial') AND len(m.anchors) > 0
), hosts_of AS (
    SELECT domain, count(*) AS hosts FROM hosts GROUP BY domain
), sole_hosts AS (
    SELECT domain, anchors[1] AS anchor, count(*) AS hosts FROM hosts WHERE len(anchors) = 1 GROUP BY domain, anchors[1]
), mail AS (
    SELECT s.anchor, count(*) FILTER (s.hosts = h.hosts) AS refused, count(*) FILTER (s.hosts < h.hosts) AS degraded
    FROM sole_hosts s JOIN hosts_of h USING (domain)
    GROUP BY s.anchor
), mail_use AS (
    SELECT anchor, count(DISTINCT domain) AS domains FROM (SELECT domain, unnest(anchors) AS anchor FROM hosts) GROUP BY anchor
), total AS (
    SELECT (SELECT count(*) FROM policies) AS n, (SELECT count(*) FROM hosts_of) AS n_mail,
        (SELECT count(*) FROM sts_adopters WHERE sts_verdict = 'indeterminate') AS unjudged
)
SELECT coalesce(r.root, a.anchor[:16]) AS root, r.organisation, a.anchor AS sha256,
    coalesce(p.policies, 0) AS policies, coalesce(p.sole, 0) AS "count", n, share(coalesce(p.sole, 0), n) AS share,
    coalesce(u.domains, 0) AS mail, coalesce(m.refused, 0) AS mail_refused, coalesce(m.degraded, 0) AS mail_degraded,
    n_mail, share(coalesce(m.refused, 0), n_mail) AS mail_share, unjudged
FROM (SELECT anchor FROM policy_use UNION SELECT anchor FROM mail_use) a
LEFT JOIN policy_use p USING (anchor) LEFT JOIN mail_use u USING (anchor) LEFT JOIN mail m USING (anchor)
LEFT JOIN roots r ON r.sha256 = a.anchor
CROSS JOIN total
ORDER BY mail_refused DESC, "count" DESC, mail DESC, policies DESC, a.anchor
