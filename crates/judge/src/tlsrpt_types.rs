//! TLSRPT: the record of a domain (RFC 8460 3), and our failure words as the result types of RFC 8460 4.3.

use super::record_and_policy::StsView;
use super::rows::{ResultType, StsFailureStage, StsPolicy, StsRecord, Tlsrpt};
use super::rules::{self, Ruled};
use mxcensus_rules::failure::{Failure, Family};
use mxcensus_rules::observation::{DnsStatus, DomainRow, MxStatus};
use mxcensus_rules::{text, tlsrpt};

/// The TLSRPT record of a domain, and where it wants its reports.
pub(crate) fn read_record(domain: &DomainRow) -> (Ruled<Tlsrpt>, Vec<String>) {
    let plain = |word, rule| (Ruled::new(word, rule), Vec::new());
    match domain.tlsrpt_status {
        Some(DnsStatus::Nodata | DnsStatus::Nxdomain) => plain(Tlsrpt::Absent, &rules::TLSRPT_ABSENT),
        // RFC 8020 §2: nothing exists below a name that does not exist.
        None if domain.mx_status == MxStatus::Nxdomain => plain(Tlsrpt::Absent, &rules::TLSRPT_ABSENT),
        // The column has no word for "not asked", and what was not seen must not read as absent.
        None | Some(DnsStatus::Error) => plain(Tlsrpt::Error, &rules::TLSRPT_LOOKUP_FAILED),
        Some(DnsStatus::Found) => {
            let records: Vec<Vec<u8>> =
                domain.tlsrpt_txt.iter().flatten().map(|record| text::unescape(record)).collect();
            let reading = tlsrpt::read(&records);
            let rule = match reading.status {
                Tlsrpt::Valid => &rules::TLSRPT_VALID,
                Tlsrpt::Multiple => &rules::TLSRPT_MULTIPLE,
                Tlsrpt::Invalid => &rules::TLSRPT_INVALID,
                Tlsrpt::Absent | Tlsrpt::Error => &rules::TLSRPT_ABSENT,
            };
            (Ruled::new(reading.status, rule), reading.rua)
        }
    }
}

/// The result type of what fails a host (RFC 8460 4.3).
pub(crate) fn of_host(failure: Failure) -> ResultType {
    match failure {
        Failure::StarttlsNotOffered | Failure::StarttlsRejected => ResultType::StarttlsNotSupported,
        Failure::CertNameMismatch => ResultType::CertificateHostMismatch,
        Failure::CertExpired | Failure::CertNotYetValid => ResultType::CertificateExpired,
        Failure::CertUnknownIssuer | Failure::CertSelfSigned => ResultType::CertificateNotTrusted,
        Failure::TlsaMismatch | Failure::TlsaUnusable => ResultType::TlsaInvalid,
        Failure::TlsaLookupFailed | Failure::DnssecBogus => ResultType::DnssecInvalid,
        // RFC 8460 §4.3.2: a general failure for a reason not listed.
        _ => ResultType::ValidationFailure,
    }
}

/// The result type of a policy that could not be had, under a record that asks for one.
pub(crate) fn of_policy(sts: &StsView) -> Option<ResultType> {
    if sts.deciding_record != StsRecord::Valid {
        return None;
    }
    match sts.deciding_policy {
        StsPolicy::Invalid => Some(ResultType::StsPolicyInvalid),
        StsPolicy::Unfetchable => match sts.failure {
            Some((StsFailureStage::Tls, Some(failure))) if failure.family() == Family::Certificate => {
                Some(ResultType::StsWebpkiInvalid)
            }
            _ => Some(ResultType::StsPolicyFetchError),
        },
        StsPolicy::NotAttempted | StsPolicy::Valid | StsPolicy::Unknown => None,
    }
}
