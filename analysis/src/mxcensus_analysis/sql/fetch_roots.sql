-- question: How many roots does a sender trust for the sake of policies?
-- unit: roots
-- tables: verdicts, mx_verdicts, roots
-- denominator: roots of the trust store that the verdicts were judged against
-- unjudged: roots that cannot be told apart (none: the store is a list)
-- caveats: Each trusted root can vouch for any policy host and any MX host, used or not: all of n are trusted. `policies`: some valid policy's chain leads to it;
--   `mail`: that of an MX host of a domain that enforces does; `policies alone`: the first and not the second, so the fetch adds it; `neither`: trusted
--   for nothing here. A policy in signed DNS needs no root for itself, and MX certificates those of `mail`; DANE needs none.
WITH policies_use AS (
    SELECT DISTINCT unnest(policy_anchors) AS sha256 FROM sts_adopters WHERE sts_policy = 'valid'
), mail_use AS (
    SELECT DISTINCT unnest(m.anchors) AS sha256
    FROM mx_verdicts m SEMI JOIN (FROM sts_adopters WHERE sts_policy = 'valid' AND sts_mode = 'enforce') USING (domain)
    WHERE m.sts IN ('pass', 'partial')
), used AS (
    SELECT p.sha256 IS NOT NULL AS for_policies, m.sha256 IS NOT NULL AS for_mail
    FROM roots r LEFT JOIN policies_use p USING (sha256) LEFT JOIN mail_use m USING (sha256)
), counted AS (
    SELECT count(*) AS n, unnest([
        {'place': 1, 'used_for': 'policies', 'count': count(*) FILTER (for_policies)},
        {'place': 2, 'used_for': 'mail', 'count': count(*) FILTER (for_mail)},
        {'place': 3, 'used_for': 'policies alone', 'count': count(*) FILTER (for_policies AND NOT for_mail)},
        {'place': 4, 'used_for': 'neither', 'count': count(*) FILTER (NOT for_policies AND NOT for_mail)}
    ], recursive := true)
    FROM used
)
SELECT used_for, "count", n, share("count", n) AS share, 0 AS unjudged
FROM counted
ORDER BY place
