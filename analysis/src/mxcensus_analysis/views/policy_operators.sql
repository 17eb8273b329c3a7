-- Who runs a policy host, and how that is known. In this order:
--   alias: the registrable domain where the host's aliases end.
--   neighbour: every policy host behind an alias at this address ends at one operator.
--   mail: every MX host at this address is of one provider.
--   certificate: the leaf is made out (common name) to another registrable domain.
--   alone: no other policy is at this address: the domain's own.
--   address: several domains share it, and nothing tells whose it is; the address in brackets.
CREATE OR REPLACE TEMP VIEW policy_operators AS
WITH targets AS (
    SELECT t.domain, t.address, own_registrable(v.domain, v.suffix) AS own, r.registrable AS alias, c.registrable AS certificate
    FROM policy_targets t JOIN verdicts v USING (domain) JOIN policies p USING (domain)
    LEFT JOIN registrable r ON r.name = t.target
    LEFT JOIN certificates leaf ON t.target IS NULL AND leaf.sha256 = p.policy_chain[1]
    LEFT JOIN registrable c ON c.name = ltrim(lower(leaf.common_name), '*.')
), neighbours AS (
    SELECT address, min(alias) AS operator
    FROM targets WHERE alias IS NOT NULL AND alias <> own GROUP BY address HAVING count(DISTINCT alias) = 1
), mail AS (
    SELECT address, min(provider) AS operator
    FROM (SELECT unnest(h.addresses) AS address, s.provider FROM mx_hosts h JOIN served s USING (host))
    SEMI JOIN targets USING (address)
    GROUP BY address HAVING count(DISTINCT provider) = 1
), shared AS (
    SELECT address, count(*) AS domains FROM targets GROUP BY address
)
SELECT t.domain, t.address, t.alias,
    coalesce(t.alias, n.operator, m.operator, CASE WHEN t.certificate <> t.own THEN t.certificate END,
        CASE WHEN s.domains = 1 THEN t.own END, '[' || t.address || ']') AS operator,
    CASE WHEN t.alias IS NOT NULL THEN 'alias'
        WHEN n.operator IS NOT NULL THEN 'neighbour'
        WHEN m.operator IS NOT NULL THEN 'mail'
        WHEN t.certificate <> t.own THEN 'certificate'
        WHEN s.domains = 1 THEN 'alone'
        WHEN t.address IS NOT NULL THEN 'address' END AS named_by
FROM targets t LEFT JOIN neighbours n USING (address) LEFT JOIN mail m USING (address) LEFT JOIN shared s USING (address);
