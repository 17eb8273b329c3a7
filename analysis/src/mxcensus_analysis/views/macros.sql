-- Small functions that many questions use.

CREATE MACRO share(part, whole) AS part / nullif(whole, 0)::DOUBLE;

-- The slice of a domain: slicing = overall, tld, suffix, rank or provider. Ranks are bins of `bin` ranks, named by their first and last rank.
CREATE MACRO slice_of(slicing, domain, suffix, rank, provider, bin) AS CASE slicing
    WHEN 'tld' THEN regexp_extract(domain, '[^.]+$')
    WHEN 'suffix' THEN coalesce(suffix, 'none')
    WHEN 'provider' THEN coalesce(provider, 'none')
    WHEN 'rank' THEN coalesce(((rank - 1) // bin * bin + 1) || '-' || ((rank - 1) // bin + 1) * bin, 'unranked')
    ELSE 'all'
END;

-- Orders slices: ranks by number, the others alike.
CREATE MACRO slice_order(slicing, rank, bin) AS CASE WHEN slicing = 'rank' THEN coalesce((rank - 1) // bin, 9223372036854775807) ELSE 0 END;

-- The registrable domain of an input domain, whose public suffix the dataset holds.
CREATE MACRO own_registrable(domain, suffix) AS CASE
    WHEN suffix IS NULL OR domain = suffix THEN domain
    ELSE split_part(left(domain, length(domain) - length(suffix) - 1), '.', -1) || '.' || suffix
END;

-- Bins of max_age and of validity, in days; the limits are those that the RFCs and the CA/Browser Forum name.
CREATE MACRO max_age_bin(seconds) AS CASE
    WHEN seconds = 0 THEN '0'
    WHEN seconds < 86400 THEN 'under a day'
    WHEN seconds < 604800 THEN '1 to 6 days'
    WHEN seconds < 2419200 THEN '1 to 3 weeks'
    WHEN seconds < 15552000 THEN '4 weeks to 5 months'
    ELSE '6 months to a year'
END;
CREATE MACRO max_age_order(seconds) AS CASE
    WHEN seconds = 0 THEN 0 WHEN seconds < 86400 THEN 1 WHEN seconds < 604800 THEN 2
    WHEN seconds < 2419200 THEN 3 WHEN seconds < 15552000 THEN 4 ELSE 5
END;

-- A record or policy that tries to be one (a survey counts attempts, RFC 8461 3.1).
CREATE MACRO publishes_sts(sts_record) AS sts_record IN ('valid', 'multiple', 'invalid');
-- Secure TLSA at some MX host. `insecure` is kept apart: such a domain is unsigned, not broken.
CREATE MACRO publishes_dane(dane_verdict) AS dane_verdict IN ('pass', 'partial', 'fail', 'unusable');

-- How many independent facts a share rests on when the domains of one operator stand or fall together: n divided by the design effect, from the
-- sums over operators of hits (x), domains (n) and their squares and products. Where all or none are hits, the effective number of operators.
-- Kish, Survey Sampling (1965), 5.4 and 8.2; Korn and Graubard (1998) use it in intervals.
CREATE MACRO effective_n(x, n, xx, xn, nn, operators) AS CASE
    WHEN n = 0 THEN NULL
    WHEN x = 0 OR x = n OR operators < 2 THEN n::DOUBLE * n / nn
    ELSE greatest(1, least(n, x::DOUBLE / n * (1 - x::DOUBLE / n) * n * n
        / nullif(operators::DOUBLE / (operators - 1) * (xx - 2.0 * x / n * xn + (x::DOUBLE / n) ** 2 * nn), 0)))
END;
