-- question: Do MTA-STS records and policy hosts hang on unsigned DNS?
-- unit: domains
-- tables: verdicts, domains, policies
-- denominator: domains with a valid policy whose two DNSSEC states are known
-- unjudged: domains with a valid policy and an unknown state
-- caveats: MTA-STS does not need DNSSEC (RFC 8461 10.1 names what that costs: discovery can be suppressed). A signed policy host alone helps
--   little, since the certificate authenticates it anyway.
WITH states AS (
    SELECT d.sts_txt_dnssec AS record, p.policy_address_dnssec AS host,
        d.sts_txt_dnssec IN ('secure', 'insecure') AND p.policy_address_dnssec IN ('secure', 'insecure') AS judged
    FROM sts_adopters v JOIN domains d USING (domain) JOIN policies p USING (domain)
    WHERE v.sts_policy = 'valid'
), counted AS (
    SELECT count(*) FILTER (judged) AS n, count(*) FILTER (judged IS NOT TRUE) AS unjudged, unnest([
        {'place': 1, 'signed': 'record and policy host', 'count': count(*) FILTER (judged AND record = 'secure' AND host = 'secure')},
        {'place': 2, 'signed': 'record only', 'count': count(*) FILTER (judged AND record = 'secure' AND host <> 'secure')},
        {'place': 3, 'signed': 'policy host only', 'count': count(*) FILTER (judged AND record <> 'secure' AND host = 'secure')},
        {'place': 4, 'signed': 'neither', 'count': count(*) FILTER (judged AND record <> 'secure' AND host <> 'secure')}
    ], recursive := true)
    FROM states
)
SELECT signed, "count", n, share("count", n) AS share, unjudged
FROM counted
ORDER BY place
