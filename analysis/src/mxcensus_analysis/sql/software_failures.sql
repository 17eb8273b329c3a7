-- question: Which mail server software fails at TLS, and how?
-- unit: MX hosts
-- tables: mx_verdicts, endpoints, mx_software
-- denominator: MX hosts that answered and greet as this software; `unsure`: as none that is known, or as two
-- unjudged: MX hosts that gave no greeting, all together
-- caveats: By the greeting and the EHLO reply (`mx_software`), which anybody may change or imitate, and which a filter in front answers in place of the server behind it.
--   `count`: STARTTLS is not offered or fails, or the certificate is not valid for a strict client. The three are also given apart.
--   A host that greets differently at two addresses is counted under each.
WITH greeted AS (
    SELECT DISTINCT host, coalesce(mx_software, 'unsure') AS software FROM mx_software WHERE greeted
), judged AS (
    SELECT host, any_value(starttls) AS starttls, any_value(pkix) AS pkix, count(*) AS domains FROM mx_verdicts WHERE decided GROUP BY host
), total AS (
    SELECT count(*) AS unjudged FROM (SELECT DISTINCT host FROM mx_verdicts) ANTI JOIN greeted USING (host)
)
SELECT software, count(*) FILTER (starttls <> 'offered' OR coalesce(pkix, 'valid') <> 'valid') AS "count", count(*) AS n,
    share(count(*) FILTER (starttls <> 'offered' OR coalesce(pkix, 'valid') <> 'valid'), count(*)) AS share,
    count(*) FILTER (starttls = 'not-offered') AS no_starttls, count(*) FILTER (starttls = 'failed') AS starttls_fails,
    count(*) FILTER (starttls = 'offered' AND coalesce(pkix, 'valid') <> 'valid') AS bad_certificate,
    coalesce(sum(domains), 0)::BIGINT AS domains, any_value(unjudged) AS unjudged
FROM greeted JOIN judged USING (host), total
GROUP BY software
ORDER BY n DESC, software
