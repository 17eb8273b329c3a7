//! Which struct is a row of which table, and about how much memory one holds.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::columns::{
    CERTIFICATES, CHANGES, DOMAINS, ENDPOINTS, MX_HOSTS, MX_VERDICTS, POLICIES, STORE_VERDICTS, Table, VERDICTS,
};
use crate::change::ChangeRow;
use mxcensus_rules::observation::{CertificateRow, Cname, DomainRow, EndpointRow, MxHostRow, PolicyRow, TlsaLookup};
use mxcensus_rules::verdict::{MxVerdictRow, StoreVerdictRow, VerdictRow};

/// A row of a table.
pub trait Row: Serialize + DeserializeOwned {
    /// The table whose columns are this struct's fields.
    const TABLE: &'static Table;

    /// About how many bytes of text from the wire the row holds, so that a writer can bound what it
    /// buffers. Small fields may be left out.
    fn weight(&self) -> usize;
}

impl Row for DomainRow {
    const TABLE: &'static Table = &DOMAINS;
    fn weight(&self) -> usize {
        let texts = [&self.sts_txt, &self.tlsrpt_txt, &self.spf_txt, &self.dmarc_txt, &self.dmarc_org_txt, &self.ns];
        let hosts = self.mx.iter().flatten().map(|mx| mx.host.len()).sum::<usize>();
        hosts + texts.into_iter().map(strings).sum::<usize>() + cnames(&self.mx_cnames) + cnames(&self.sts_txt_cnames)
    }
}

impl Row for PolicyRow {
    const TABLE: &'static Table = &POLICIES;
    fn weight(&self) -> usize {
        let answers = [&self.policy_location, &self.policy_retry_after];
        let fields = [&self.policy_content_type, &self.policy_content_encoding].into_iter().chain(answers);
        let text = fields.flatten().map(String::len).sum::<usize>();
        self.policy_body.as_ref().map_or(0, Vec::len) + text + strings(&self.policy_chain) + cnames(&self.policy_cnames)
    }
}

impl Row for MxHostRow {
    const TABLE: &'static Table = &MX_HOSTS;
    fn weight(&self) -> usize {
        strings(&self.addresses) + strings(&self.ns) + cnames(&self.cnames) + lookups(&self.tlsa_lookups)
    }
}

impl Row for EndpointRow {
    const TABLE: &'static Table = &ENDPOINTS;
    fn weight(&self) -> usize {
        let text =
            [&self.banner, &self.reply_text, &self.ehlo_name].into_iter().flatten().map(String::len).sum::<usize>();
        let lists = [&self.ehlo_capabilities, &self.ehlo_tls_capabilities, &self.chain, &self.legacy_chain];
        text + lists.into_iter().map(strings).sum::<usize>() + lookups(&self.tlsa_after)
    }
}

impl Row for CertificateRow {
    const TABLE: &'static Table = &CERTIFICATES;
    fn weight(&self) -> usize {
        let names =
            [&self.subject, &self.issuer, &self.common_name].into_iter().flatten().map(String::len).sum::<usize>();
        self.der.len() + names + strings(&self.dns_names)
    }
}

impl Row for VerdictRow {
    const TABLE: &'static Table = &VERDICTS;
    fn weight(&self) -> usize {
        let lists = [&self.policy_anchors, &self.mx_anchors, &self.tlsrpt_rua];
        lists.into_iter().flatten().map(String::len).sum::<usize>() + strings(&self.sts_mx_patterns)
    }
}

impl Row for MxVerdictRow {
    const TABLE: &'static Table = &MX_VERDICTS;
    fn weight(&self) -> usize {
        self.anchors.iter().map(String::len).sum()
    }
}

impl Row for StoreVerdictRow {
    const TABLE: &'static Table = &STORE_VERDICTS;
    fn weight(&self) -> usize {
        self.policy_anchors.iter().chain(self.sts_mx_anchors.iter().flatten()).map(String::len).sum()
    }
}

impl Row for ChangeRow {
    const TABLE: &'static Table = &CHANGES;
    fn weight(&self) -> usize {
        self.name.len() + [&self.old, &self.new].into_iter().flatten().map(String::len).sum::<usize>()
    }
}

fn strings(list: &Option<Vec<String>>) -> usize {
    list.iter().flatten().map(String::len).sum()
}

fn cnames(list: &Option<Vec<Cname>>) -> usize {
    list.iter().flatten().map(|cname| cname.target.len()).sum()
}

fn lookups(list: &Option<Vec<TlsaLookup>>) -> usize {
    let one =
        |lookup: &TlsaLookup| lookup.name.len() + lookup.records.iter().map(|record| record.data.len()).sum::<usize>();
    list.iter().flatten().map(one).sum()
}
