-- question: Which roots do only some trust stores trust, and whose mail hangs on them?
-- unit: domains
-- tables: store_verdicts, verdicts, store_roots
-- denominator: domains whose policy is valid and in force under some store, with an MX host that satisfies it
-- unjudged: domains with a record whose MTA-STS verdict is indeterminate under some store
-- caveats: Roots that every store trusts without a day are left out. `count`: domains that use the root under a store that has it, and under some store
--   that has it not, or refuses what it issued later, get their mail refused or their policy not trusted. `can_use`: domains with a chain to it under some
--   store. `refused` and `policies_lost` are the parts of `count`; a domain may be in both.
WITH stores AS (
    SELECT count(DISTINCT store) AS stores FROM store_roots
), partial AS (
    SELECT r.sha256, min(r.root) AS root, min(r.organisation) AS organisation, count(*) AS trusted_by,
        string_agg(r.store, ' ' ORDER BY r.store) AS trusting, string_agg(r.store || '@' || r.refused_after, ' ' ORDER BY r.store) AS refused_after
    FROM store_roots r, stores s
    GROUP BY r.sha256, s.stores
    HAVING count(*) < s.stores OR count(r.refused_after) > 0
), uses AS (
    SELECT DISTINCT domain, unnest(list_concat(policy_anchors, flatten(sts_mx_anchors))) AS sha256 FROM store_adopters WHERE holds
), lacks AS (
    SELECT u.sha256, u.domain, bool_or(s.outcome_mta_sts = 'refused') AS refused, bool_or(s.policy_trusted IS FALSE) AS policy_lost
    FROM uses u JOIN partial p USING (sha256) JOIN store_adopters s USING (domain)
    LEFT JOIN store_roots r ON r.sha256 = u.sha256 AND r.store = s.store
    WHERE r.store IS NULL OR r.refused_after IS NOT NULL
    GROUP BY u.sha256, u.domain
), counted AS (
    SELECT sha256, count(*) FILTER (refused OR policy_lost) AS "count", count(*) FILTER (refused) AS refused,
        count(*) FILTER (policy_lost) AS policies_lost
    FROM lacks GROUP BY sha256
), can_use AS (
    SELECT sha256, count(*) AS domains FROM uses GROUP BY sha256
), total AS (
    SELECT count(DISTINCT domain) FILTER (holds) AS n, count(DISTINCT domain) FILTER (sts_verdict = 'indeterminate') AS unjudged FROM store_adopters
)
SELECT p.root, p.organisation, p.sha256, p.trusting, p.refused_after, p.trusted_by, coalesce(u.domains, 0) AS can_use,
    coalesce(c."count", 0) AS "count", n, share(coalesce(c."count", 0), n) AS share, coalesce(c.refused, 0) AS refused,
    coalesce(c.policies_lost, 0) AS policies_lost, unjudged
FROM partial p LEFT JOIN counted c USING (sha256) LEFT JOIN can_use u USING (sha256) CROSS JOIN total
ORDER BY "count" DESC, can_use DESC, p.root, p.sha256
