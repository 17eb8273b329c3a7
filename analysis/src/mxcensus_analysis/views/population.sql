-- What questions share.

-- Domains that take mail, and those of which that is not known. The rest (no MX, null MX, no such domain) are in no denominator.
CREATE OR REPLACE TEMP VIEW population AS
SELECT *, mx_status NOT IN ('error', 'opted-out') AS takes_mail
FROM verdicts
WHERE mx_status NOT IN ('null', 'none', 'nxdomain');

-- Domains that publish MTA-STS (an attempt counts), and those that publish TLSA. A proven DNSSEC failure counts with the latter: a DANE
-- sender must not deliver, whether TLSA records are there or not.
CREATE OR REPLACE TEMP VIEW sts_adopters AS
FROM population WHERE takes_mail AND publishes_sts(sts_record);
CREATE OR REPLACE TEMP VIEW dane_adopters AS
FROM population WHERE dane_verdict = 'lookup-failed' OR (takes_mail AND dane_verdict <> 'none');

-- MX hosts and how many domains each serves.
CREATE OR REPLACE TEMP VIEW served AS
SELECT host, any_value(provider) AS provider, count(*) AS domains
FROM mx_verdicts
GROUP BY host;

-- Why MTA-STS does not hold: one row per domain that fails, with the part of the work that failed.
CREATE OR REPLACE TEMP VIEW sts_faults AS
SELECT
    domain, sts_verdict, sts_failure_stage AS stage, sts_failure AS failure,
    CASE sts_failure_stage
        WHEN 'record' THEN 'record'
        WHEN 'dns' THEN 'policy host: name'
        WHEN 'connect' THEN 'policy host: connection'
        WHEN 'tls' THEN 'policy host: TLS and certificate'
        WHEN 'http' THEN 'policy host: HTTP'
        WHEN 'policy' THEN 'policy text'
        WHEN 'mx-list' THEN 'mx list'
        WHEN 'mx-tls' THEN 'STARTTLS at the MX'
        WHEN 'mx-certificate' THEN 'MX certificate'
    END AS part,
    CASE
        WHEN sts_failure_stage IN ('dns', 'connect', 'tls', 'http') THEN 'web'
        WHEN sts_failure_stage IN ('record', 'policy', 'mx-list') THEN 'text'
        ELSE 'mail server'
    END AS area
FROM verdicts
WHERE sts_verdict IN ('broken', 'fail', 'partial');

-- Why DANE does not hold: one row per domain whose TLSA or DNSSEC fails. Of several failing hosts the first in this order speaks:
-- DNSSEC, STARTTLS, mismatch, unusable, insecure, missing at a host.
CREATE OR REPLACE TEMP VIEW dane_faults AS
WITH failing AS (
    SELECT domain, dane_verdict, dane_insecure_cause
    FROM verdicts
    WHERE dane_verdict IN ('fail', 'partial', 'unusable', 'lookup-failed', 'insecure')
), hosts AS (
    SELECT domain,
        arg_min({'word': dane, 'cause': tlsa_mismatch_cause}, CASE dane
            WHEN 'lookup-failed' THEN 0 WHEN 'no-tls' THEN 1 WHEN 'mismatch' THEN 2 WHEN 'partial' THEN 3
            WHEN 'unusable' THEN 4 WHEN 'insecure' THEN 5 WHEN 'none' THEN 6 ELSE 7 END) AS worst
    FROM mx_verdicts SEMI JOIN failing USING (domain)
    GROUP BY domain
), worded AS (
    SELECT f.domain, f.dane_verdict, h.worst.cause AS cause,
        CASE
            WHEN f.dane_verdict = 'insecure' THEN 'insecure-' || coalesce(f.dane_insecure_cause, 'unknown')
            WHEN h.worst.word IS NULL OR (f.dane_verdict = 'lookup-failed' AND h.worst.word <> 'lookup-failed') THEN 'mx-bogus'
            WHEN h.worst.word = 'mismatch' THEN 'tlsa-mismatch'
            WHEN h.worst.word = 'partial' THEN 'tlsa-mismatch-at-an-address'
            WHEN h.worst.word = 'unusable' THEN 'tlsa-unusable'
            WHEN h.worst.word = 'none' THEN 'tlsa-missing-at-a-host'
            WHEN h.worst.word = 'insecure' THEN 'insecure-at-a-host'
            ELSE h.worst.word
        END AS failure
    FROM failing f LEFT JOIN hosts h USING (domain)
)
SELECT *,
    CASE
        WHEN failure IN ('mx-bogus', 'lookup-failed') THEN 'DNSSEC'
        WHEN failure LIKE 'insecure%' THEN 'not signed'
        WHEN failure = 'no-tls' THEN 'STARTTLS at the MX'
        ELSE 'TLSA records'
    END AS part,
    CASE
        WHEN failure IN ('mx-bogus', 'lookup-failed') OR failure LIKE 'insecure%' THEN 'DNSSEC'
        WHEN failure = 'no-tls' THEN 'mail server'
        ELSE 'text'
    END AS area
FROM worded;

-- Who runs the policy host: the registrable domain of the last alias; else the address, which tells shared hosting from one's own.
CREATE OR REPLACE TEMP VIEW policy_targets AS
SELECT domain, policy_cnames[-1].target AS target, coalesce(policy_ip, list_min(policy_addresses)) AS address
FROM policies
WHERE policy_stage <> 'skipped';

-- Leaf certificates as shown: by MX hosts (port 25) and by policy hosts (port 443). `domains` is how many input domains rest on it.
CREATE OR REPLACE TEMP VIEW leaves AS
SELECT DISTINCT 'mx' AS side, e.host AS name, s.domains,
    coalesce(e.chain, e.legacy_chain)[1] AS sha256
FROM endpoints e JOIN served s USING (host)
WHERE len(coalesce(e.chain, e.legacy_chain)) > 0
UNION ALL
SELECT 'policy', policy_host, 1, policy_chain[1]
FROM policies
WHERE len(policy_chain) > 0;

-- MX hosts where TLSA records were seen, signed or not. A failed look-up shows none.
CREATE OR REPLACE TEMP VIEW tlsa_seen AS
SELECT DISTINCT domain FROM mx_verdicts
WHERE dane_host IN ('match', 'partial', 'mismatch', 'no-tls', 'unusable', 'insecure') OR tlsa_base IS NOT NULL;

-- Whoever publishes a mechanism, right or wrong, and where that leaves mail for the domain: `refused`, `unprotected`, `in-part`, `in-order`,
-- null where it could not be judged. `cause` says why it is unprotected.
--   refused: a sender that honours the mechanism, with nothing cached, finds no MX host that it may deliver to.
--   unprotected: mail goes out as if nothing were published, or without authentication. MTA-STS: record or policy broken (RFC 8461 3.3), mode
--     none or testing, a lifetime of 0. DANE: TLSA below unsigned DNS (RFC 7672 2.2), or no usable record (2.2).
--   in-part: some MX host holds and some does not. in-order: every MX host holds.
-- A domain whose DNSSEC fails publishes DANE only where TLSA records were seen all the same.
CREATE OR REPLACE TEMP VIEW publishers AS
SELECT domain, suffix, rank, provider, 'mta-sts' AS mechanism,
    CASE
        WHEN sts_verdict = 'indeterminate' THEN NULL
        WHEN outcome_mta_sts = 'refused' THEN 'refused'
        WHEN sts_verdict IN ('broken', 'mode-none') OR sts_mode = 'testing' OR sts_max_age = 0 THEN 'unprotected'
        WHEN sts_verdict = 'pass' THEN 'in-order'
        WHEN sts_verdict = 'partial' THEN 'in-part'
    END AS state,
    CASE
        WHEN sts_verdict IN ('indeterminate') OR outcome_mta_sts = 'refused' THEN NULL
        WHEN sts_verdict = 'broken' THEN CASE WHEN sts_record <> 'valid' THEN 'record broken'
            WHEN sts_policy = 'invalid' THEN 'policy broken' ELSE 'policy not to be had' END
        WHEN sts_verdict = 'mode-none' THEN 'mode none'
        WHEN sts_mode = 'testing' THEN 'mode testing'
        WHEN sts_max_age = 0 THEN 'max_age 0'
    END AS cause
FROM population
WHERE takes_mail AND publishes_sts(sts_record)
UNION ALL
SELECT v.domain, v.suffix, v.rank, v.provider, 'dane',
    CASE
        WHEN v.dane_verdict = 'indeterminate' THEN NULL
        WHEN v.outcome_dane = 'refused' THEN 'refused'
        WHEN v.dane_verdict IN ('insecure', 'unusable') THEN 'unprotected'
        WHEN v.dane_verdict = 'pass' THEN 'in-order'
        WHEN v.dane_verdict = 'partial' THEN 'in-part'
    END,
    CASE
        WHEN v.dane_verdict = 'indeterminate' OR v.outcome_dane = 'refused' THEN NULL
        WHEN v.dane_verdict = 'insecure' THEN CASE v.dane_insecure_cause WHEN 'mx' THEN 'the domain is not signed'
            WHEN 'address' THEN 'the addresses of the MX are not signed' ELSE 'the TLSA records are not signed' END
        WHEN v.dane_verdict = 'unusable' THEN 'no usable record'
    END
FROM population v LEFT JOIN tlsa_seen t USING (domain)
WHERE (v.takes_mail AND (v.dane_verdict = 'insecure' OR publishes_dane(v.dane_verdict)))
   OR (v.dane_verdict IN ('lookup-failed', 'indeterminate') AND t.domain IS NOT NULL);

-- Domains that publish MTA-STS as each trust store has them. `holds`: the store finds a valid policy in force, and an MX host that satisfies it.
CREATE OR REPLACE TEMP VIEW store_adopters AS
SELECT s.*, s.sts_verdict IN ('pass', 'partial') AND len(s.sts_mx_anchors) > 0 AS holds
FROM store_verdicts s SEMI JOIN sts_adopters USING (domain);
