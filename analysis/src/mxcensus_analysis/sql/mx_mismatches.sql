-- question: How do the policies' mx lists miss the real MX hosts?
-- unit: domains
-- tables: verdicts, mx_verdicts, registrable
-- denominator: domains with a valid record and a valid policy that is not mode none
-- unjudged: domains with a valid record whose policy was not fetched for a reason of our own
-- caveats: The classes of the IMC 2025 study; each host is held against the pattern that comes nearest, each domain is counted once under its worst host. From
--   near to far: `3ld-mta-sts` (an mta-sts label in the mx), `wildcard-depth` (`*.` stands for one label, the host has more), `3ld` (same
--   registrable domain, other labels), `tld` (same name under another suffix), `typo` (edit distance at most `distance`), `domain` (another
--   domain altogether: an outdated policy, or another provider's).
-- parameter distance = 3: the greatest edit distance that still is a typo
WITH policies AS (
    SELECT domain, sts_mode, list_transform(sts_mx_patterns, lambda p: lower(p)) AS patterns
    FROM sts_adopters
    WHERE sts_record = 'valid' AND sts_policy = 'valid' AND sts_mode <> 'none'
), missed AS (
    SELECT m.domain, m.host, m.provider, p.sts_mode, unnest(p.patterns) AS pattern
    FROM mx_verdicts m JOIN policies p USING (domain)
    WHERE m.sts_mx_match = false
), named AS (
    SELECT d.*, ltrim(pattern, '*.') AS bare, r.registrable FROM missed d LEFT JOIN registrable r ON r.name = ltrim(pattern, '*.')
), nearest AS (
    SELECT domain, host, any_value(sts_mode) AS sts_mode, min(CASE
        WHEN registrable = provider AND list_contains(string_split(bare, '.'), 'mta-sts') THEN 1
        WHEN pattern LIKE '*.%' AND suffix(host, '.' || bare) THEN 2
        WHEN registrable = provider THEN 3
        WHEN split_part(registrable, '.', 1) = split_part(provider, '.', 1) THEN 4
        WHEN levenshtein(bare, host) <= $distance THEN 5
        ELSE 6 END) AS class
    FROM named GROUP BY domain, host
), domains AS (
    SELECT domain, max(class) AS class, any_value(sts_mode) AS sts_mode FROM nearest GROUP BY domain
), total AS (
    SELECT (SELECT count(*) FROM policies) AS n,
        (SELECT count(*) FROM sts_adopters WHERE sts_record = 'valid' AND sts_policy = 'unknown') AS unjudged
)
SELECT ['3ld-mta-sts', 'wildcard-depth', '3ld', 'tld', 'typo', 'domain'][class] AS class, count(*) AS "count",
    count(*) FILTER (sts_mode = 'enforce') AS enforced, any_value(n) AS n, share(count(*), any_value(n)) AS share, any_value(unjudged) AS unjudged
FROM domains, total
GROUP BY domains.class
ORDER BY "count" DESC, domains.class
