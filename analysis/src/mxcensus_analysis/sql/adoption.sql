-- question: How many domains publish each mechanism?
-- unit: domains
-- tables: verdicts, domains
-- denominator: domains that take mail and whose look-up for the mechanism was answered
-- unjudged: domains of which it is not known whether they take mail, or whose look-up for the mechanism failed
-- caveats: An attempt counts (an invalid or doubled record too); `mta-sts enforced` is a valid policy of mode enforce. `tlsa` is TLSA
--   records at some MX host, signed or not; `dane` is secure TLSA records. `dnssec` is a secure MX RRset. DMARC may stand at the
--   organisational domain (RFC 7489 3.2).
-- parameter by = overall (overall, tld, suffix, rank, provider): how to slice
-- parameter bin = 10000 from 1: ranks per bin
WITH facts AS (
    SELECT
        slice_of($by, v.domain, v.suffix, v.rank, v.provider, $bin) AS slice,
        slice_order($by, v.rank, $bin) AS slice_order,
        v.takes_mail,
        CASE WHEN v.sts_record IN ('error', 'unknown') THEN NULL ELSE publishes_sts(v.sts_record) END AS sts,
        CASE WHEN v.sts_record IN ('error', 'unknown') OR v.sts_policy = 'unknown' THEN NULL
             ELSE v.sts_record = 'valid' AND v.sts_policy = 'valid' AND v.sts_mode IS NOT DISTINCT FROM 'enforce' END AS enforced,
        CASE WHEN v.tlsrpt = 'error' THEN NULL ELSE v.tlsrpt <> 'absent' END AS tlsrpt,
        CASE WHEN v.dane_verdict IN ('indeterminate', 'lookup-failed') THEN NULL
             ELSE v.dane_verdict = 'insecure' OR publishes_dane(v.dane_verdict) END AS tlsa,
        CASE WHEN v.dane_verdict IN ('indeterminate', 'lookup-failed') THEN NULL ELSE publishes_dane(v.dane_verdict) END AS dane,
        CASE WHEN v.mx_dnssec IN ('secure', 'insecure', 'bogus') THEN v.mx_dnssec = 'secure' END AS dnssec,
        CASE WHEN d.spf_status = 'error' OR d.spf_status IS NULL THEN NULL ELSE coalesce(len(d.spf_txt), 0) > 0 END AS spf,
        CASE
            WHEN len(list_filter(d.dmarc_txt, lambda t: t ILIKE 'v=DMARC1%')) > 0
              OR len(list_filter(d.dmarc_org_txt, lambda t: t ILIKE 'v=DMARC1%')) > 0 THEN true
            WHEN d.dmarc_status IS NULL OR d.dmarc_status = 'error' OR d.dmarc_org_status IS NOT DISTINCT FROM 'error' THEN NULL
            ELSE false
        END AS dmarc
    FROM population v JOIN domains d USING (domain)
), counted AS (
    SELECT slice, slice_order, count(*) AS everyone, unnest([
        {'place': 1, 'mechanism': 'spf', 'count': count(*) FILTER (takes_mail AND spf), 'n': count(spf) FILTER (takes_mail)},
        {'place': 2, 'mechanism': 'dmarc', 'count': count(*) FILTER (takes_mail AND dmarc), 'n': count(dmarc) FILTER (takes_mail)},
        {'place': 3, 'mechanism': 'dnssec', 'count': count(*) FILTER (takes_mail AND dnssec), 'n': count(dnssec) FILTER (takes_mail)},
        {'place': 4, 'mechanism': 'mta-sts', 'count': count(*) FILTER (takes_mail AND sts), 'n': count(sts) FILTER (takes_mail)},
        {'place': 5, 'mechanism': 'mta-sts enforced', 'count': count(*) FILTER (takes_mail AND enforced), 'n': count(enforced) FILTER (takes_mail)},
        {'place': 6, 'mechanism': 'tlsrpt', 'count': count(*) FILTER (takes_mail AND tlsrpt), 'n': count(tlsrpt) FILTER (takes_mail)},
        {'place': 7, 'mechanism': 'tlsa', 'count': count(*) FILTER (takes_mail AND tlsa), 'n': count(tlsa) FILTER (takes_mail)},
        {'place': 8, 'mechanism': 'dane', 'count': count(*) FILTER (takes_mail AND dane), 'n': count(dane) FILTER (takes_mail)}
    ], recursive := true)
    FROM facts
    GROUP BY slice, slice_order
)
SELECT slice, mechanism, "count", n, share("count", n) AS share, everyone - n AS unjudged
FROM counted
ORDER BY slice_order, everyone DESC, slice, place
