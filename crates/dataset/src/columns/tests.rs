//! The declarations against the row structs, against the promised names, and against `docs/dataset.md`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::Row;
use crate::samples;

/// Names that other people's tools rely on: none may go.
const PROMISED: &[(&str, &str)] = &[
    (
        "domains",
        "domain rank worker observed_at mx_status mx_error mx_dnssec mx_ttl mx_cnames mx sts_txt_status sts_txt_error sts_txt_dnssec \
         sts_txt_ttl sts_txt sts_txt_cnames tlsrpt_status tlsrpt_error tlsrpt_dnssec tlsrpt_txt spf_status spf_error spf_dnssec spf_txt \
         dmarc_status dmarc_error dmarc_dnssec dmarc_txt dmarc_org_status dmarc_org_error dmarc_org_dnssec dmarc_org_txt \
         ns_zone ns_status ns_error ns_dnssec ns zone_signed zone_ds dns_operator",
    ),
    (
        "policies",
        "domain policy_host policy_stage policy_error worker policy_observed_at policy_attempts policy_addresses policy_address_dnssec \
         policy_cnames policy_ip policy_tls_version policy_cipher_suite policy_key_proof policy_http_version policy_http_status \
         policy_content_type policy_content_encoding policy_location policy_body policy_body_truncated policy_chain \
         policy_chain_truncated policy_dns_ms policy_connect_ms policy_tls_ms policy_http_ms",
    ),
    (
        "mx_hosts",
        "host worker observed_at host_status cnames a_status a_error a_dnssec a_ttl aaaa_status aaaa_error aaaa_dnssec aaaa_ttl addresses \
         tlsa_lookups ns_zone ns_status ns_error ns_dnssec ns zone_signed zone_ds dns_operator",
    ),
    (
        "endpoints",
        "host server_name ip port worker observed_at attempt_log connections sampled_from stage error banner ehlo_name helo_used \
         ehlo_capabilities ehlo_tls_capabilities reply_code reply_text starttls injected tls_version cipher_suite key_exchange \
         signature_scheme tls_alert tls_last_sent client_certificate_requested dh_bits key_proof chain chain_truncated legacy_version legacy_cipher legacy_key_exchange legacy_alert legacy_last_sent legacy_key_proof \
         legacy_chain tlsa_after tlsa_after_at connect_ms banner_ms tls_ms total_ms",
    ),
    (
        "certificates",
        "sha256 der subject issuer serial dns_names common_name not_before not_after key_type key_bits signature_algorithm spki_sha256 \
         is_ca self_signed parse_error",
    ),
    (
        "verdicts",
        "domain rank suffix mx_status mx_dnssec mx_count provider inferred sts_record sts_id sts_record_defects sts_record_lenient \
         sts_policy sts_mode sts_max_age sts_mx_patterns sts_policy_defects sts_warnings sts_policy_lenient sts_verdict \
         sts_failure_stage sts_failure dane_verdict dane_insecure_cause sts_verdict_primary dane_verdict_primary conflict \
         outcome_opportunistic outcome_mta_sts outcome_dane outcome_dane_insecure_mx outcome_both protection_mta_sts protection_dane \
         protection_both policy_pkix_detail policy_anchors mx_anchors tlsrpt tlsrpt_rua result_types",
    ),
    (
        "mx_verdicts",
        "domain host preference provider inferred reached decided starttls sts_mx_match sts pkix pkix_failures pkix_detail pkix_refused_by dane dane_host tlsa_base \
         tlsa_matched agility_changed tlsa_mismatch_cause dane_detail dane_refused_by anchors days_left failure result_type",
    ),
    (
        "store_verdicts",
        "domain store policy_trusted mx_trusted sts_policy sts_mode sts_verdict sts_failure_stage sts_failure outcome_mta_sts outcome_both \
         protection_mta_sts protection_both policy_anchors sts_mx_anchors",
    ),
];

#[test]
fn every_promised_column_is_there() {
    assert_eq!(PROMISED.iter().map(|(table, _)| *table).collect::<Vec<_>>(), EVERY_TABLE.map(|table| table.name));
    for (table, (_, names)) in EVERY_TABLE.iter().zip(PROMISED) {
        for name in names.split_whitespace() {
            assert!(table.column(name).is_some(), "{}.{name}", table.name);
        }
    }
}

#[test]
fn row_structs_have_the_declared_columns() {
    fields_are_columns(&samples::domains());
    fields_are_columns(&samples::policies());
    fields_are_columns(&samples::mx_hosts());
    fields_are_columns(&samples::endpoints());
    fields_are_columns(&samples::certificates());
    fields_are_columns(&samples::verdicts());
    fields_are_columns(&samples::mx_verdicts());
    fields_are_columns(&samples::store_verdicts());
}

/// The first row has every field filled, the second every field as empty as it can be.
fn fields_are_columns<R: Row>(rows: &[R; 2]) {
    let [full, empty] = rows.each_ref().map(|row| serde_json::to_value(row).unwrap());
    compare(R::TABLE.name, &full, R::TABLE.columns);
    for column in R::TABLE.columns {
        assert!(!full[column.name].is_null(), "{}.{}: the full sample leaves it out", R::TABLE.name, column.name);
        assert_eq!(empty[column.name].is_null(), column.nullable, "{}.{}: null or not", R::TABLE.name, column.name);
    }
}

fn compare(path: &str, value: &Value, columns: &[Column]) {
    let fields: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        fields,
        columns.iter().map(|c| c.name).collect::<Vec<_>>(),
        "{path}: fields and columns in the same order"
    );
    for column in columns {
        let path = format!("{path}.{}", column.name);
        match (&column.kind, &value[column.name]) {
            (_, Value::Null) => assert!(column.nullable, "{path} is null"),
            (ColumnType::Struct(inner), value) => compare(&path, value, inner),
            (ColumnType::List(ColumnType::Struct(inner)), Value::Array(items)) => {
                items.iter().for_each(|item| compare(&path, item, inner))
            }
            (ColumnType::Word(vocabulary), Value::String(word)) => {
                assert!(vocabulary.words().iter().any(|known| known.word == word), "{path}: {word}");
            }
            (ColumnType::Text, Value::String(_))
            | (ColumnType::Bool, Value::Bool(_))
            | (ColumnType::Int32 | ColumnType::Int64 | ColumnType::Float | ColumnType::Instant, Value::Number(_))
            | (ColumnType::Binary | ColumnType::List(_), Value::Array(_)) => {}
            (kind, value) => panic!("{path}: {kind:?} does not hold {value}"),
        }
    }
}

#[test]
fn every_column_and_word_is_explained() {
    fn explained(path: &str, columns: &[Column]) {
        let mut names = BTreeSet::new();
        for column in columns {
            let path = format!("{path}.{}", column.name);
            assert!(names.insert(column.name), "{path} stands twice");
            assert!(column.doc.ends_with('.') && column.doc.len() > 10, "{path}: {:?}", column.doc);
            assert!(!column.doc.contains('|'), "{path}: a bar would break the Markdown table");
            let kind = if let ColumnType::List(item) = &column.kind { item } else { &column.kind };
            match kind {
                ColumnType::Struct(inner) => explained(&path, inner),
                ColumnType::Word(vocabulary) => {
                    for word in vocabulary.words() {
                        assert!(word.meaning.ends_with('.'), "{path}: {} has no meaning", word.word);
                    }
                }
                _ => {}
            }
        }
    }
    for table in EVERY_TABLE {
        assert!(table.doc.ends_with('.'));
        explained(table.name, table.columns);
        for name in table.key.iter().chain(table.observed_at.iter()) {
            assert!(table.column(name).is_some(), "{}: {name}", table.name);
        }
    }
}

#[test]
fn no_dictionary_is_nested_and_nothing_is_large() {
    fn check(path: &str, data_type: &DataType, top: bool) {
        match data_type {
            DataType::Dictionary(..) => assert!(top, "{path}: pyarrow cannot read it"),
            DataType::LargeUtf8 | DataType::LargeList(_) | DataType::LargeBinary => panic!("{path} is large"),
            DataType::List(item) => check(path, item.data_type(), false),
            DataType::Struct(fields) => {
                fields.iter().for_each(|f| check(&format!("{path}.{}", f.name()), f.data_type(), false))
            }
            _ => {}
        }
    }
    for table in EVERY_TABLE {
        for field in schema(table).fields() {
            check(field.name(), field.data_type(), true);
        }
    }
}

#[test]
fn the_committed_reference_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/dataset.md");
    let generated = reference::markdown();
    if std::env::var_os("MXCENSUS_UPDATE_DOCS").is_some() {
        std::fs::write(path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(committed == generated, "docs/dataset.md is out of date: repeat this test with MXCENSUS_UPDATE_DOCS=1");
}

#[test]
fn the_json_reference_names_every_column() {
    let json = reference::json();
    for (table, described) in EVERY_TABLE.iter().zip(json["tables"].as_array().unwrap()) {
        assert_eq!(described["name"], table.name);
        assert_eq!(described["columns"].as_array().unwrap().len(), table.columns.len());
    }
    let mx_status = &json["tables"][0]["columns"][4];
    assert_eq!(mx_status["words"][0], "present");
    assert_eq!(json["failures"].as_array().unwrap().len(), mxcensus_rules::failure::Failure::ALL.len());
}
