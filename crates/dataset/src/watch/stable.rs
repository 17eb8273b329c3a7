//! What of a row tells two rounds of a watch apart: all but what differs each time though nobody changed anything.

use mxcensus_rules::observation::{
    CertificateRow, DomainRow, EndpointRow, MxHostRow, PolicyRow, TlsaLookup, TlsaRecord,
};
use mxcensus_rules::verdict::{MxVerdictRow, VerdictRow};
use xxhash_rust::xxh3::xxh3_128;

use crate::{DatasetError, Row};

/// A row that a watch compares with the one that it kept before.
pub(super) trait Watched: Row + Clone {
    /// The values of the table's key, in its order.
    fn key(&self) -> Vec<&str>;

    /// The row without instants, durations, times to live and the order in which a resolver happened to answer.
    fn stable(self) -> Self;

    /// What the row says, as a number: equal where nothing changed.
    fn fingerprint(&self) -> Result<u128, DatasetError> {
        let text = serde_json::to_vec(&self.clone().stable())
            .map_err(|error| DatasetError::from_io(std::path::Path::new(Self::TABLE.name), error.into()))?;
        Ok(xxh3_128(&text))
    }
}

impl Watched for DomainRow {
    fn key(&self) -> Vec<&str> {
        vec![&self.domain]
    }

    fn stable(mut self) -> Self {
        self.rank = None;
        self.worker.clear();
        self.observed_at = 0;
        self.mx_ttl = None;
        self.sts_txt_ttl = None;
        for texts in [&mut self.sts_txt, &mut self.tlsrpt_txt, &mut self.spf_txt, &mut self.dmarc_txt] {
            texts.iter_mut().for_each(|texts| texts.sort());
        }
        self
    }
}

impl Watched for PolicyRow {
    fn key(&self) -> Vec<&str> {
        vec![&self.domain]
    }

    /// Of a policy host with several addresses one is asked, and not always the same.
    fn stable(self) -> Self {
        PolicyRow {
            policy_stage: self.policy_stage,
            policy_error: self.policy_error,
            policy_addresses: sorted(self.policy_addresses),
            policy_cnames: self.policy_cnames,
            policy_http_status: self.policy_http_status,
            policy_content_type: self.policy_content_type,
            policy_location: self.policy_location,
            policy_body: self.policy_body,
            policy_chain: self.policy_chain,
            policy_legacy_chain: self.policy_legacy_chain,
            ..PolicyRow::unseen(self.domain, self.policy_host, String::new())
        }
    }
}

impl Watched for MxHostRow {
    fn key(&self) -> Vec<&str> {
        vec![&self.host]
    }

    fn stable(mut self) -> Self {
        self.worker.clear();
        self.observed_at = 0;
        (self.a_ttl, self.aaaa_ttl) = (None, None);
        self.addresses = sorted(self.addresses);
        self.tlsa_lookups = self.tlsa_lookups.map(lookups);
        self
    }
}

impl Watched for EndpointRow {
    /// The port is one in the whole of a watch.
    fn key(&self) -> Vec<&str> {
        vec![&self.host, &self.server_name, &self.ip]
    }

    fn stable(self) -> Self {
        EndpointRow {
            sampled_from: self.sampled_from,
            stage: self.stage,
            error: self.error,
            reply_code: self.reply_code,
            starttls: self.starttls,
            tls_alert: self.tls_alert,
            key_proof: self.key_proof,
            chain: self.chain,
            legacy_chain: self.legacy_chain,
            tlsa_after: self.tlsa_after.map(lookups),
            ..EndpointRow::unseen(self.host, self.server_name, self.ip, self.port, String::new(), 0)
        }
    }
}

impl Watched for CertificateRow {
    fn key(&self) -> Vec<&str> {
        vec![&self.sha256]
    }

    /// It is what its fingerprint is of.
    fn stable(self) -> Self {
        self
    }
}

impl Watched for VerdictRow {
    fn key(&self) -> Vec<&str> {
        vec![&self.domain]
    }

    fn stable(mut self) -> Self {
        self.rank = None;
        self
    }
}

impl Watched for MxVerdictRow {
    fn key(&self) -> Vec<&str> {
        vec![&self.domain, &self.host]
    }

    /// A leaf that comes nearer to its end changes by the day, and is the same leaf.
    fn stable(mut self) -> Self {
        self.days_left = None;
        self.tlsa_matched = self.tlsa_matched.map(|_| 0);
        self
    }
}

fn sorted(list: Option<Vec<String>>) -> Option<Vec<String>> {
    list.map(|mut list| {
        list.sort();
        list
    })
}

fn lookups(list: Vec<TlsaLookup>) -> Vec<TlsaLookup> {
    let one = |mut lookup: TlsaLookup| {
        lookup.ttl = None;
        lookup.records.sort_by(|a, b| parts(a).cmp(&parts(b)));
        lookup
    };
    list.into_iter().map(one).collect()
}

fn parts(record: &TlsaRecord) -> (u8, u8, u8, &str) {
    (record.usage, record.selector, record.matching, &record.data)
}
