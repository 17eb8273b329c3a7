-- question: Where a domain publishes both, do MTA-STS and DANE agree?
-- unit: domains
-- tables: verdicts
-- denominator: domains that publish both (secure TLSA; a policy that is not mode none) and have a verdict for both
-- unjudged: domains that publish both and have an indeterminate verdict for one
-- caveats: Holds means `pass` at every MX host. `contradict` rows are part of the rows above them: one passes where the other fails.
WITH both_published AS (
    SELECT *, sts_verdict <> 'indeterminate' AND dane_verdict <> 'indeterminate' AS judged,
        sts_verdict = 'pass' AS sts, dane_verdict = 'pass' AS dane
    FROM population
    WHERE takes_mail AND publishes_sts(sts_record) AND sts_verdict <> 'mode-none'
      AND (publishes_dane(dane_verdict) OR dane_verdict = 'lookup-failed')
), counted AS (
    SELECT count(*) FILTER (judged) AS n, count(*) FILTER (NOT judged) AS unjudged, unnest([
        {'place': 1, 'finding': 'both hold', 'count': count(*) FILTER (judged AND sts AND dane)},
        {'place': 2, 'finding': 'only dane holds', 'count': count(*) FILTER (judged AND dane AND NOT sts)},
        {'place': 3, 'finding': 'only mta-sts holds', 'count': count(*) FILTER (judged AND sts AND NOT dane)},
        {'place': 4, 'finding': 'neither holds', 'count': count(*) FILTER (judged AND NOT sts AND NOT dane)},
        {'place': 5, 'finding': 'contradict: dane-pass-sts-fail', 'count': count(*) FILTER (judged AND conflict = 'dane-pass-sts-fail')},
        {'place': 6, 'finding': 'contradict: dane-fail-sts-pass', 'count': count(*) FILTER (judged AND conflict = 'dane-fail-sts-pass')}
    ], recursive := true)
    FROM both_published
)
SELECT finding, "count", n, share("count", n) AS share, unjudged
FROM counted
ORDER BY place
