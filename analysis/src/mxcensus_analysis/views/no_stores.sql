-- Where no trust stores were compared: the table without a row, so that questions can be put and say what is missing.
CREATE VIEW raw_store_verdicts AS
SELECT NULL::VARCHAR AS domain, NULL::VARCHAR AS store, NULL::BOOLEAN AS policy_trusted, NULL::VARCHAR AS mx_trusted, NULL::VARCHAR AS sts_policy,
    NULL::VARCHAR AS sts_mode, NULL::VARCHAR AS sts_verdict, NULL::VARCHAR AS sts_failure_stage, NULL::VARCHAR AS sts_failure,
    NULL::VARCHAR AS outcome_mta_sts, NULL::VARCHAR AS outcome_both, NULL::VARCHAR AS protection_mta_sts, NULL::VARCHAR AS protection_both,
    NULL::VARCHAR[] AS policy_anchors, NULL::VARCHAR[][] AS sts_mx_anchors
WHERE false;
