-- The dataset's tables, without the domains that the scope leaves out and without the hosts that served nobody else.
CREATE OR REPLACE TEMP VIEW verdicts AS
FROM raw_verdicts
WHERE (provider IS NULL OR provider NOT IN (FROM scope_operators))
  AND (getvariable('include_inferred') OR NOT inferred);
CREATE OR REPLACE TEMP VIEW mx_verdicts AS FROM raw_mx_verdicts SEMI JOIN verdicts USING (domain);
CREATE OR REPLACE TEMP VIEW store_verdicts AS FROM raw_store_verdicts SEMI JOIN verdicts USING (domain);
CREATE OR REPLACE TEMP VIEW domains AS FROM raw_domains SEMI JOIN verdicts USING (domain);
CREATE OR REPLACE TEMP VIEW policies AS FROM raw_policies SEMI JOIN verdicts USING (domain);
CREATE OR REPLACE TEMP VIEW mx_hosts AS FROM raw_mx_hosts SEMI JOIN mx_verdicts USING (host);
CREATE OR REPLACE TEMP VIEW endpoints AS
FROM raw_endpoints SEMI JOIN mx_verdicts USING (host)
WHERE getvariable('include_inferred') OR sampled_from IS NULL;
CREATE OR REPLACE TEMP VIEW certificates AS FROM raw_certificates;
