-- What a valid policy hangs on: is the DNS signed where its record, its host, the MX records and the addresses of the MX hosts are looked up,
-- every alias on the way included? `judged`: all of it is known. An MX host with a proven failure of its DNS, or with no name (an address
-- literal), is not signed.
CREATE OR REPLACE MACRO aliases_signed(cnames) AS len(list_filter(coalesce(cnames, []), lambda c: c.dnssec IS DISTINCT FROM 'secure')) = 0;
CREATE OR REPLACE TEMP VIEW policy_grounds AS
WITH host_states AS (
    SELECT m.domain,
        bool_and(h.host_status = 'address-literal' OR coalesce(h.a_dnssec, h.aaaa_dnssec) IN ('secure', 'insecure', 'bogus')) AS known,
        bool_and(coalesce(h.a_dnssec, h.aaaa_dnssec, 'insecure') = 'secure' AND coalesce(h.aaaa_dnssec, h.a_dnssec, 'insecure') = 'secure'
            AND aliases_signed(h.cnames)) AS signed
    FROM mx_verdicts m SEMI JOIN sts_adopters USING (domain) JOIN mx_hosts h USING (host)
    GROUP BY m.domain
)
SELECT v.domain, v.sts_mode, v.sts_max_age, v.dane_verdict,
    coalesce(d.sts_txt_dnssec = 'secure', false) AND aliases_signed(d.sts_txt_cnames) AS record,
    coalesce(p.policy_address_dnssec = 'secure', false) AND aliases_signed(p.policy_cnames) AS host,
    coalesce(v.mx_dnssec = 'secure', false) AND aliases_signed(d.mx_cnames) AS mx,
    coalesce(h.signed, false) AS hosts,
    coalesce(d.sts_txt_dnssec IN ('secure', 'insecure') AND p.policy_address_dnssec IN ('secure', 'insecure')
        AND v.mx_dnssec IN ('secure', 'insecure') AND h.known, false) AS judged,
    v.dane_verdict = 'pass' AS holds,
    v.sts_mode = 'enforce' AND v.sts_verdict = 'pass' AS in_force
FROM sts_adopters v JOIN domains d USING (domain) JOIN policies p USING (domain) LEFT JOIN host_states h USING (domain)
WHERE v.sts_record = 'valid' AND v.sts_policy = 'valid';
