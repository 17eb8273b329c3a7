-- question: How many policies have signed DNS at every name that they hang on?
-- unit: domains
-- tables: verdicts, policy_grounds
-- denominator: domains with a valid policy where the DNSSEC state of every name that it hangs on is known
-- unjudged: domains with a valid policy and an unknown state at one of them
-- caveats: Each row adds a name to the one above; `everything` also has the addresses of every MX host, which DANE needs and a policy in DNS would not.
--   Where the record alone is signed, a policy that stood in it would be as authentic as one from a web server, from the first message on.
--   `dane` are those of `count` whose DANE holds at every MX host.
WITH counted AS (
    SELECT count(*) FILTER (judged) AS n, count(*) FILTER (NOT judged) AS unjudged, unnest([
        {'place': 1, 'signed': 'record', 'count': count(*) FILTER (judged AND record), 'dane': count(*) FILTER (judged AND record AND holds)},
        {'place': 2, 'signed': 'record and policy host', 'count': count(*) FILTER (judged AND record AND host),
            'dane': count(*) FILTER (judged AND record AND host AND holds)},
        {'place': 3, 'signed': 'record, policy host and MX', 'count': count(*) FILTER (judged AND record AND host AND mx),
            'dane': count(*) FILTER (judged AND record AND host AND mx AND holds)},
        {'place': 4, 'signed': 'everything', 'count': count(*) FILTER (judged AND record AND host AND mx AND hosts),
            'dane': count(*) FILTER (judged AND record AND host AND mx AND hosts AND holds)}
    ], recursive := true)
    FROM policy_grounds
)
SELECT signed, "count", n, share("count", n) AS share, dane, unjudged
FROM counted
ORDER BY place
