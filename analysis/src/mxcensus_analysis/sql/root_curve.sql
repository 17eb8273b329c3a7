-- question: If the most used roots were distrusted one after the other, how much mail would be refused?
-- unit: domains
-- tables: verdicts, mx_verdicts, roots
-- denominator: `n`: domains with a valid policy of mode enforce that some MX host satisfies; `n_policies`: valid policies with an anchor
-- unjudged: domains with a record whose MTA-STS verdict is indeterminate
-- caveats: Roots in the order of how many such domains can use them. `count` is cumulative: domains none of whose passing MX hosts has an anchor
--   left, which a sender with a cached policy refuses. `policies` likewise: policies that no sender can fetch any more.
WITH hosts AS (
    SELECT m.domain, m.host, m.anchors
    FROM mx_verdicts m SEMI JOIN (
        FROM sts_adopters WHERE sts_policy = 'valid' AND sts_mode = 'enforce' AND sts_verdict IN ('pass', 'partial')) USING (domain)
    WHERE m.sts IN ('pass', 'partial') AND len(m.anchors) > 0
), policies AS (
    SELECT domain, policy_anchors AS anchors FROM sts_adopters WHERE sts_policy = 'valid' AND len(policy_anchors) > 0
), used AS (
    SELECT anchor, count(DISTINCT domain) AS domains
    FROM (SELECT domain, unnest(anchors) AS anchor FROM hosts UNION ALL SELECT domain, unnest(anchors) FROM policies)
    GROUP BY anchor
), ranked AS (
    SELECT anchor, row_number() OVER (ORDER BY domains DESC, anchor) AS k FROM used
), host_falls AS (
    SELECT a.domain, a.host, max(r.k) AS k
    FROM (SELECT domain, host, unnest(anchors) AS anchor FROM hosts) a JOIN ranked r USING (anchor)
    GROUP BY a.domain, a.host
), mail_falls AS (
    SELECT k, count(*) AS domains FROM (SELECT domain, max(k) AS k FROM host_falls GROUP BY domain) GROUP BY k
), policy_falls AS (
    SELECT k, count(*) AS policies FROM (
        SELECT a.domain, max(r.k) AS k FROM (SELECT domain, unnest(anchors) AS anchor FROM policies) a JOIN ranked r USING (anchor)
        GROUP BY a.domain)
    GROUP BY k
), total AS (
    SELECT (SELECT count(DISTINCT domain) FROM hosts) AS n, (SELECT count(*) FROM policies) AS n_policies,
        (SELECT count(*) FROM sts_adopters WHERE sts_verdict = 'indeterminate') AS unjudged
)
SELECT r.k AS roots, coalesce(t.root, r.anchor[:16]) AS root,
    (sum(coalesce(m.domains, 0)) OVER sofar)::BIGINT AS "count", n, share(sum(coalesce(m.domains, 0)) OVER sofar, n) AS share,
    (sum(coalesce(p.policies, 0)) OVER sofar)::BIGINT AS policies, n_policies,
    share(sum(coalesce(p.policies, 0)) OVER sofar, n_policies) AS policies_share, unjudged
FROM ranked r LEFT JOIN mail_falls m USING (k) LEFT JOIN policy_falls p USING (k) LEFT JOIN roots t ON t.sha256 = r.anchor
CROSS JOIN total
WINDOW sofar AS (ORDER BY r.k)
ORDER BY r.k
