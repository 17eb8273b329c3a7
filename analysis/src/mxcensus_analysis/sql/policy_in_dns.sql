-- question: How many policies would fit in DNS?
-- unit: domains
-- tables: verdicts, policies
-- denominator: domains with a valid record and a valid policy whose text is kept whole
-- unjudged: domains with a valid record whose policy was not fetched for a reason of our own
-- caveats: The policy would stand in one TXT record at the name that holds the record now. `text`: `as served` is the body's octets, `as a record` the
--   same version, mode, max_age and mx list in the record's own syntax (RFC 8461 3.1: `v=STSv1; mode=enforce; …`). One string holds 255 octets
--   (RFC 1035 3.3). A message is counted to the octet: header 12 (4.1.1), question (4.1.2), the record with its name compressed to 2 (4.1.3,
--   4.1.4), one octet more for each string of 255; 512 without EDNS (4.2.1); 1,232 with an OPT record of 11 octets (RFC 6891 6.1.2), the size that
--   the DNS flag day of 2020 recommends; `signed` adds an RRSIG (RFC 4034 3.1) with a signature of 64 octets (ECDSA P-256, RFC 6605 4) and the
--   domain as its signer. An alias on the way would add its own record. A larger answer is no failure: it takes TCP (RFC 7766).
WITH policies_kept AS (
    SELECT octet_length(encode('_mta-sts.' || v.domain)) + 2 AS owner, octet_length(encode(v.domain)) + 2 AS signer,
        octet_length(p.policy_body) AS served,
        octet_length(encode('v=STSv1; mode=' || v.sts_mode || '; max_age=' || v.sts_max_age
            || coalesce('; mx=' || array_to_string(v.sts_mx_patterns, '; mx='), '') || ';')) AS record
    FROM sts_adopters v JOIN policies p USING (domain)
    WHERE v.sts_record = 'valid' AND v.sts_policy = 'valid' AND p.policy_body IS NOT NULL AND p.policy_body_truncated IS NOT TRUE
), texts AS (
    SELECT owner, signer, unnest([
        {'place': 1, 'text': 'as served', 'octets': served},
        {'place': 2, 'text': 'as a record', 'octets': record}
    ], recursive := true)
    FROM policies_kept
), messages AS (
    SELECT place, "text", octets, signer,
        -- Header, question, and the record: name, type, class, TTL, length, and its strings.
        12 + (owner + 4) + 12 + octets + greatest(1, ceil(octets / 255)::BIGINT) AS message
    FROM texts
), carried AS (
    SELECT place, "text", unnest([
        {'step': 1, 'carrier': 'one string of 255', 'size': octets, 'room': 255},
        {'step': 2, 'carrier': 'answer of 512', 'size': message, 'room': 512},
        {'step': 3, 'carrier': 'answer of 1,232', 'size': message + 11, 'room': 1232},
        {'step': 4, 'carrier': 'signed answer of 1,232', 'size': message + 11 + 12 + 18 + signer + 64, 'room': 1232}
    ], recursive := true)
    FROM messages
)
SELECT "text", carrier, count(*) FILTER (size <= room) AS "count", count(*) AS n, share(count(*) FILTER (size <= room), count(*)) AS share,
    quantile_disc(size, 0.5)::BIGINT AS median_octets, quantile_disc(size, 0.9)::BIGINT AS p90_octets, max(size)::BIGINT AS most_octets,
    (SELECT count(*) FROM sts_adopters WHERE sts_record = 'valid' AND sts_policy = 'unknown') AS unjudged
FROM carried
GROUP BY place, "text", step, carrier
ORDER BY place, step
