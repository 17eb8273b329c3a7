-- The dataset's tables, all of each.
CREATE OR REPLACE TEMP VIEW verdicts AS FROM raw_verdicts;
CREATE OR REPLACE TEMP VIEW mx_verdicts AS FROM raw_mx_verdicts;
CREATE OR REPLACE TEMP VIEW store_verdicts AS FROM raw_store_verdicts;
CREATE OR REPLACE TEMP VIEW domains AS FROM raw_domains;
CREATE OR REPLACE TEMP VIEW policies AS FROM raw_policies;
CREATE OR REPLACE TEMP VIEW mx_hosts AS FROM raw_mx_hosts;
CREATE OR REPLACE TEMP VIEW endpoints AS FROM raw_endpoints;
CREATE OR REPLACE TEMP VIEW certificates AS FROM raw_certificates;
