-- The MX providers with the most domains, for the scope that leaves them out.
INSERT INTO scope_operators
SELECT provider
FROM raw_verdicts
WHERE provider IS NOT NULL AND mx_status IN ('present', 'implicit', 'null-mixed')
GROUP BY provider
ORDER BY count(*) DESC, provider
LIMIT $operators
