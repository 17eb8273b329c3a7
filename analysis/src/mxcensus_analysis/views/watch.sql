-- What happened in a watch, one row an event. `sighted_TABLE` has the rows that rounds kept, with the number of the round and the instant
-- that it began; `rounds` has every round, those without a change too.

CREATE MACRO hours(later, earlier) AS date_diff('second', earlier, later) / 3600.0::DOUBLE;

-- States of an MX host against its TLSA records: by the verdict of one of the domains that it serves, as if its MX RRset were secure.
CREATE VIEW dane_states AS
WITH one AS (
    SELECT host, min(domain) AS domain FROM sighted_mx_verdicts GROUP BY host
), told AS (
    SELECT v.host, v.number, v.seen_at, v.provider, v.dane_host, lag(v.dane_host) OVER (PARTITION BY v.host ORDER BY v.number) AS before
    FROM sighted_mx_verdicts v JOIN one USING (host, domain)
)
SELECT host, number, seen_at, provider, dane_host,
    lead(number) OVER (PARTITION BY host ORDER BY number) AS until_number, lead(seen_at) OVER (PARTITION BY host ORDER BY number) AS until
FROM told
WHERE before IS DISTINCT FROM dane_host;

-- Another leaf at a host, where an earlier one was seen.
CREATE VIEW leaves AS
WITH shown AS (
    SELECT host, server_name, ip, number, seen_at, chain[1] AS leaf FROM sighted_endpoints WHERE len(chain) > 0
), told AS (
    SELECT *, lag(leaf) OVER (PARTITION BY host, server_name, ip ORDER BY number) AS before FROM shown
)
SELECT host, before, leaf, min(number) AS number, min(seen_at) AS seen_at FROM told WHERE before <> leaf GROUP BY host, before, leaf;

-- Another set of TLSA records at a host.
CREATE VIEW tlsa_changes AS
WITH told AS (
    SELECT host, number, seen_at, list_sort(list_transform(flatten(list_transform(tlsa_lookups, lambda l: l.records)),
        lambda r: r.usage || ' ' || r.selector || ' ' || r.matching || ' ' || r.data)) AS records
    FROM sighted_mx_hosts WHERE tlsa_lookups IS NOT NULL
), compared AS (
    SELECT *, lag(records) OVER (PARTITION BY host ORDER BY number) AS before FROM told
)
SELECT host, number, seen_at FROM compared WHERE before IS NOT NULL AND before <> records;

-- Rollovers above TLSA records. `kept`: the records matched throughout, and `hours` is how long before the certificate they were changed.
-- `early`: the records left the old certificate `hours` before the new one came. `late`: they came to match it `hours` after; null while they
-- do not. `undecided`: the host could not be judged before or after.
CREATE VIEW rollovers AS
WITH seen AS (
    SELECT l.host, l.number, l.seen_at, earlier.provider, earlier.dane_host AS was, earlier.seen_at AS was_since, later_on.dane_host AS became, later_on.until AS became_until,
        (SELECT max(t.seen_at) FROM tlsa_changes t WHERE t.host = l.host AND t.number <= l.number AND t.seen_at >= l.seen_at - INTERVAL 30 DAY) AS published
    FROM leaves l
    JOIN dane_states later_on ON later_on.host = l.host AND later_on.number <= l.number AND coalesce(later_on.until_number > l.number, true)
    JOIN dane_states earlier ON earlier.host = l.host AND earlier.number < l.number AND coalesce(earlier.until_number >= l.number, true)
    WHERE later_on.dane_host NOT IN ('none', 'insecure', 'unusable')
), told AS (
    SELECT *, CASE WHEN became IN ('mismatch', 'partial') THEN 'late' WHEN was IN ('mismatch', 'partial') THEN 'early'
        WHEN became = 'match' AND was = 'match' THEN 'kept' ELSE 'undecided' END AS kind
    FROM seen
)
SELECT host, provider, seen_at, kind, CASE kind WHEN 'late' THEN hours(became_until, seen_at) WHEN 'early' THEN hours(seen_at, was_since)
    WHEN 'kept' THEN hours(seen_at, published) END AS hours
FROM told;

-- Spells in which a sender would have refused to deliver: `hours` is null while one lasts, and a lower bound where it `began_before` the watch.
CREATE VIEW refusals AS
WITH outcomes AS (
    SELECT domain, number, seen_at, provider, unnest([{'mechanism': 'dane', 'outcome': outcome_dane}, {'mechanism': 'mta-sts', 'outcome': outcome_mta_sts}],
        recursive := true)
    FROM sighted_verdicts
), told AS (
    SELECT *, lag(outcome) OVER (PARTITION BY domain, mechanism ORDER BY number) AS before FROM outcomes
), spells AS (
    SELECT domain, mechanism, number, seen_at, provider, outcome, lead(seen_at) OVER (PARTITION BY domain, mechanism ORDER BY number) AS until
    FROM told WHERE before IS DISTINCT FROM outcome
)
SELECT domain, mechanism, provider, seen_at AS begun, until AS ended, hours(until, seen_at) AS hours, number = 1 AS began_before
FROM spells WHERE outcome = 'refused';

-- Policies and their ids, out of step or not (RFC 8461 3.1: the id changes when the policy does). What changed within two days of each other
-- belongs together; `hours` is the time between.
CREATE VIEW policy_steps AS
WITH ids AS (
    SELECT domain, number, seen_at FROM (
        SELECT domain, number, seen_at, sts_id, lag(sts_id) OVER (PARTITION BY domain ORDER BY number) AS before
        FROM sighted_verdicts WHERE sts_id IS NOT NULL)
    WHERE before <> sts_id
), policies AS (
    SELECT domain, number, seen_at FROM (
        SELECT domain, number, seen_at, policy_body, lag(policy_body) OVER (PARTITION BY domain ORDER BY number) AS before
        FROM sighted_policies WHERE policy_http_status = 200 AND policy_body IS NOT NULL)
    WHERE before <> policy_body
), paired AS (
    SELECT p.domain, p.number AS policy, p.seen_at AS policy_at, i.number AS id, i.seen_at AS id_at
    FROM policies p LEFT JOIN ids i ON i.domain = p.domain AND abs(hours(i.seen_at, p.seen_at)) <= 48
    QUALIFY row_number() OVER (PARTITION BY p.domain, p.number ORDER BY abs(hours(i.seen_at, p.seen_at)) NULLS LAST) = 1
)
SELECT domain, policy_at AS seen_at, CASE WHEN id IS NULL THEN 'policy-only' WHEN id = policy THEN 'together' WHEN id < policy THEN 'id-first'
    ELSE 'policy-first' END AS kind, CASE WHEN id IS NOT NULL THEN abs(hours(policy_at, id_at)) END AS hours
FROM paired
UNION ALL
SELECT i.domain, i.seen_at, 'id-only', NULL FROM ids i ANTI JOIN paired p ON p.domain = i.domain AND p.id = i.number;

-- Certificates that gave way to another: hours that the old one had left when the new one was seen; negative when it had ended.
CREATE VIEW renewals AS
WITH given_way AS (
    SELECT 'mail server' AS place, host, before, seen_at FROM leaves
    UNION ALL
    SELECT 'policy host', policy_host, before, seen_at FROM (
        SELECT policy_host, seen_at, policy_chain[1] AS leaf, lag(policy_chain[1]) OVER (PARTITION BY domain ORDER BY number) AS before
        FROM sighted_policies WHERE len(policy_chain) > 0)
    WHERE before <> leaf
)
SELECT g.place, g.host, g.seen_at, hours(c.not_after, g.seen_at) AS hours_left
FROM given_way g LEFT JOIN (SELECT sha256, any_value(not_after) AS not_after FROM sighted_certificates GROUP BY sha256) c ON c.sha256 = g.before;
