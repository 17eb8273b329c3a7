//! The rules of the judge by name: every decided column can say which one decided it.
//!
//! Functions of the judge return a [`Ruled`] word; the rows keep the word, [`super::Reasons`] keeps the rule. The rules that
//! choose a TLSA base domain stand with it, in [`mxcensus_rules::dane::base_domain_rules`].

pub use mxcensus_rules::dane::base_domain_rules::*;
pub use mxcensus_rules::rule::{Rule, Ruled};

mxcensus_rules::rules! {
    // Mail
    NO_MAIL "no-mail" "RFC 7505 §3, RFC 5321 §5.1" "The domain takes no mail: a null MX, neither MX nor address, or no such domain.";
    MX_LOOKUP_FAILED "mx-lookup-failed" "RFC 5321 §5.1; Verdicts, 'MTA-STS', 'DANE'" "The MX look-up failed or was not made, so where mail goes is not known.";
    MX_BOGUS "mx-bogus" "RFC 4035 §4.3, RFC 7672 §2.1.1" "The MX answer is proven forged or broken.";
    MX_NAMED "mx-named" "RFC 5321 §5.1, RFC 7505 §3" "Distinct hosts of the MX records, the null MX left out; a host named twice counts at its lowest preference.";
    DNSSEC_OFF "dnssec-off" "Verdicts, 'DANE'" "The crawl ran without DNSSEC, so nothing can be said about DANE.";
    PROVIDER "provider" "Verdicts, dataset reference" "The registrable domain of the most preferred MX host, by the Public Suffix List.";
    INFERRED "inferred" "Verdicts, 'sampling'" "Whether some endpoint was not contacted and is taken to be as a sampled one of the same address set.";

    // Record
    RECORD_NOT_ASKED "record-not-asked" "Verdicts, 'MTA-STS record'" "The record was not looked up, for a reason of our own.";
    RECORD_LOOKUP_FAILED "record-lookup-failed" "RFC 8461 §3.1" "The TXT look-up at _mta-sts failed.";
    RECORD_TRUNCATED "record-truncated" "Verdicts, 'MTA-STS record'" "Our cap cut the list of TXT records: what is missing could be a record.";
    RECORD_ABSENT "record-absent" "RFC 8461 §3.1" "No TXT record at _mta-sts begins with v=STSv1; or tries to.";
    RECORD_VALID "record-valid" "RFC 8461 §3.1" "Exactly one TXT record at _mta-sts begins with v=STSv1; and it follows the grammar.";
    RECORD_MULTIPLE "record-multiple" "RFC 8461 §3.1" "More than one record begins with v=STSv1;, which a sender takes as none.";
    RECORD_INVALID "record-invalid" "RFC 8461 §3.1" "The only record does not follow the grammar; the first defect decides.";
    STS_FIELDS "sts-fields" "RFC 8461 §3.1, §3.2" "The fields as read by the grammar, with every defect and warning.";
    STS_LENIENT "sts-lenient" "Verdicts, 'Strict and lenient'" "The same text read by a tolerant reader, who forgives a fixed list of slips.";

    // Policy
    POLICY_NOT_ATTEMPTED "policy-not-attempted" "RFC 8461 §3.3" "No attempt at a record is seen, so no policy is fetched.";
    POLICY_NOT_FETCHED "policy-not-fetched" "Verdicts, 'policy'" "There is an attempt at a record, and the crawl did not come to its policy.";
    POLICY_OURS "policy-ours" "Verdicts, 'policy'" "The fetch ended for a reason of our own.";
    POLICY_NOT_REACHED "policy-not-reached" "RFC 8461 §3.3" "The policy host could not be resolved, reached or spoken to over TLS.";
    POLICY_OTHER_TLS "policy-other-tls" "RFC 8461 §3.3; Verdicts, 'second look'" "The policy host speaks TLS 1.2 in a way that other senders have and this program has not, so whether they can fetch the policy is not known.";
    POLICY_CERTIFICATE "policy-certificate" "RFC 8461 §3.3, RFC 9525 §6" "The policy host's certificate does not prove it to be the policy host.";
    POLICY_HTTP "policy-http" "RFC 8461 §3.3" "No complete answer with status 200 came; redirects are not followed.";
    POLICY_TOO_OFTEN "policy-too-often" "RFC 6585 §4; RFC 9110 §15.6.4, §10.2.3" "The policy host asked us to come less often (429, or 503 with Retry-After): that is about us, so the policy is unknown.";
    POLICY_INVALID "policy-invalid" "RFC 8461 §3.2" "The body does not follow the grammar; the first defect decides.";
    POLICY_VALID "policy-valid" "RFC 8461 §3.2, §3.3" "A complete body with status 200 over authenticated TLS follows the grammar.";
    CHAIN_CUT_SHORT "chain-cut-short" "Dataset reference, caps" "Chain or records were cut by our own cap, or are missing in the dataset, and what is there does not validate: undecided.";
    ANCHORS "anchors" "Verdicts, 'Trust anchors'" "Every trusted root that alone validates the chain as presented, dates included, the name not asked.";

    // Contact
    CONTACT_DECIDED "contact-decided" "RFC 5321 §4.1.1.1; Verdicts, 'decided'" "EHLO or HELO was answered 2xx at some address.";
    CONTACT_NO_ADDRESS "contact-no-address" "RFC 5321 §5.1" "The MX record names nothing that has an address.";
    CONTACT_LOOKUP_FAILED "contact-lookup-failed" "Verdicts, 'What a sender would do'" "The address look-up failed, so nobody was asked.";
    CONTACT_OURS "contact-ours" "Verdicts, 'decided'" "Not looked at, for a reason of our own.";
    CONTACT_NO_ROUTE "contact-no-route" "Verdicts, 'decided'" "This vantage has no route for the host's address family.";
    CONTACT_SPECIAL "contact-special" "RFC 6890; Verdicts, 'decided'" "Every address is special-purpose: no sender reaches it.";
    CONTACT_REFUSED_US "contact-refused-us" "RFC 5321 §3.1, §4.1.4" "The host refused us with a 4xx or 5xx before EHLO was accepted, which says nothing about its TLS.";
    CONTACT_UNREACHABLE "contact-unreachable" "RFC 5321 §5.1" "No address could be connected to, or none spoke SMTP.";
    REACHED "reached" "Verdicts, dataset reference" "Whether an SMTP reply was read from at least one address.";
    UNDECIDED_HOST "undecided-host" "Verdicts, 'decided'" "No address of the host is decided.";
    ADDRESSES_DIFFER "addresses-differ" "Verdicts, 'Over the addresses of one host'" "Some decided addresses of the host pass and others do not.";

    // STARTTLS and certificate
    STARTTLS_OFFERED "starttls-offered" "RFC 3207 §4" "STARTTLS is offered at every decided address, and a handshake works.";
    STARTTLS_NOT_OFFERED "starttls-not-offered" "RFC 3207 §4" "A decided address does not list STARTTLS in its EHLO reply.";
    STARTTLS_FAILED "starttls-failed" "RFC 3207 §4" "A decided address offers STARTTLS and then refuses it or completes no handshake.";
    PKIX_VALID "pkix-valid" "RFC 5280 §6, RFC 9525 §6" "Every decided address shows a chain to a trusted root, in date, with the host's name.";
    PKIX_INVALID "pkix-invalid" "RFC 5280 §6, RFC 9525 §6" "A decided address shows a certificate that fails; the word that decides first counts.";
    PKIX_UNDECIDED "pkix-undecided" "RFC 5280 §6.1; Verdicts, 'Certificates'" "Nothing is known to be wrong with the chain, and something on it cannot be checked here or costs too much: undecided.";
    REFUSED_BY "refused-by" "Verdicts, 'Certificates'" "Verifiers in use that refuse what the RFC allows, as found by running them.";
    DANE_UNDECIDED "dane-undecided" "RFC 7672 §3.1; Verdicts, 'DANE'" "No record matches, and an anchor that a record names cannot be checked here or costs too much: undecided.";
    OUTCOME_DANE_ANCHOR_REFUSED "outcome-dane-anchor-refused" "RFC 6698 §8" "The TLSA record matches an anchor that is out of date, no authority, or of another purpose, which OpenSSL, and so Postfix and Exim, refuses.";
    PKIX_UNSEEN "pkix-unseen" "Verdicts, dataset reference" "No certificate was seen that could be judged.";
    DAYS_LEFT "days-left" "RFC 5280 §4.1.2.5" "Days until the first leaf certificate of the host expires, at the instant of the judgement.";
    KEY_PROOF_BEYOND_US "key-proof-beyond-us" "RFC 5246 §7.4.3, RFC 8446 §4.4.3; Verdicts, 'second look'" "The handshake is signed in a way that this program cannot check: undecided.";
    KEY_PROOF_UNCHECKED "key-proof-unchecked" "RFC 5246 §7.4.7.1; Verdicts, 'second look'" "The handshake seen does not prove that the peer holds the key, so its chain supports nothing above encryption.";

    // MTA-STS
    STS_NOT_IN_FORCE "sts-not-in-force" "RFC 8461 §5" "No valid policy of mode enforce or testing applies.";
    STS_MX_LISTED "sts-mx-listed" "RFC 8461 §4.1" "The MX host matches a pattern of the policy.";
    STS_MX_NOT_LISTED "sts-mx-not-listed" "RFC 8461 §4.1" "The MX host matches no pattern of the policy: it fails, reached or not.";
    STS_NO_STARTTLS "sts-no-starttls" "RFC 8461 §4.2" "A policy asks for STARTTLS, and it is not offered.";
    STS_NO_HANDSHAKE "sts-no-handshake" "RFC 8461 §4.2" "STARTTLS is offered, and no handshake completes.";
    STS_ANONYMOUS "sts-anonymous" "RFC 8461 §4.2" "TLS without a certificate cannot pass a policy.";
    STS_TLS_VERSION "sts-tls-version" "RFC 8461 §7.2" "TLS below 1.2 does not pass a policy.";
    STS_CERTIFICATE "sts-certificate" "RFC 8461 §4.2" "The certificate does not prove the MX host's name.";
    STS_ADDRESS_PASSES "sts-address-passes" "RFC 8461 §4.1, §4.2" "Every decided address has STARTTLS with TLS 1.2 or better and a valid certificate for a listed host.";
    STS_TXT_LOOKUP_FAILED "sts-txt-lookup-failed" "Verdicts, 'sts_verdict'" "Whether there is a record could not be found out.";
    STS_NO_RECORD "sts-no-record" "RFC 8461 §3.1" "There is no record, so no policy applies.";
    STS_RECORD_BROKEN "sts-record-broken" "RFC 8461 §3.1" "The record is not valid: a sender goes on as if there were none, unless it holds a cached policy.";
    STS_POLICY_BROKEN "sts-policy-broken" "RFC 8461 §3.3" "The policy cannot be had: a sender goes on as if there were none, unless it holds a cached policy.";
    STS_POLICY_UNKNOWN "sts-policy-unknown" "Verdicts, 'sts_verdict'" "Whether there is a policy could not be found out, for a reason of our own.";
    STS_MODE_NONE "sts-mode-none" "RFC 8461 §5" "The policy's mode is none, which says that no policy applies.";
    STS_ALL_PASS "sts-all-pass" "RFC 8461 §4" "Every MX host that counts passes the policy.";
    STS_SOME_PASS "sts-some-pass" "RFC 8461 §4" "Some MX host, or some address of one, passes the policy and another fails it.";
    STS_NONE_PASS "sts-none-pass" "RFC 8461 §4" "No MX host passes the policy and some fail it.";
    STS_NOTHING_DECIDED "sts-nothing-decided" "Verdicts, 'sts_verdict'" "Every MX host is listed and none is decided.";
    STS_FIRST_FAILURE "sts-first-failure" "Verdicts, 'sts_verdict'" "The first step along the way that keeps the verdict from pass, the most preferred host first.";

    // TLSA look-ups

    // DANE
    DANE_MX_INSECURE "dane-mx-insecure" "RFC 7672 §2.2.1" "The MX RRset is not secure, so DANE is only for senders that use it all the same.";
    DANE_MX_UNKNOWN "dane-mx-unknown" "RFC 7672 §2.2.1" "Whether the MX RRset is secure could not be found out.";
    DANE_NO_TLS "dane-no-tls" "RFC 7672 §2.2" "Usable TLSA records ask for TLS, and there is no STARTTLS or no handshake.";
    DANE_ANONYMOUS "dane-anonymous" "RFC 7672 §2.2" "Usable TLSA records ask for a certificate, and TLS was anonymous.";
    DANE_KEY_PROOF_FAILED "dane-key-proof-failed" "RFC 5246 §7.4.3, RFC 8446 §4.4.3" "The peer did not hold the key of the certificate it showed.";
    DANE_MATCH "dane-match" "RFC 7672 §3, RFC 7671 §5" "A usable TLSA record matches what every decided address presented.";
    DANE_MISMATCH "dane-mismatch" "RFC 7672 §2.2, §3" "No usable TLSA record matches what was presented, neither before nor right after the handshake.";
    DANE_ALL_NONE "dane-all-none" "RFC 7672 §2.2" "No MX host has TLSA records.";
    DANE_ALL_INSECURE "dane-all-insecure" "RFC 7672 §2.2" "What TLSA records there are is not secured by DNSSEC all the way.";
    DANE_ALL_MATCH "dane-all-match" "RFC 7672 §2.2" "Every decided MX host matches its TLSA records, and every other has usable ones.";
    DANE_SOME_MATCH "dane-some-match" "RFC 7672 §2.2" "Some MX host matches its TLSA records, and another fails, lacks them, or differs between addresses.";
    DANE_FAILS "dane-fails" "RFC 7672 §2.2" "No MX host matches its TLSA records, and some fail them.";
    DANE_LOOKUP_FAILED "dane-lookup-failed" "RFC 7672 §2.1.3, §2.2" "No MX host matches or fails, and a look-up failed in a way that forbids delivery.";
    DANE_ALL_UNUSABLE "dane-all-unusable" "RFC 7672 §2.2, §3.1.3" "What secure TLSA records there are is not usable.";
    DANE_UNKNOWN "dane-unknown" "Verdicts, 'dane_verdict'" "There is too little that is decided.";
    DANE_INSECURE_CAUSE "dane-insecure-cause" "RFC 7672 §2.2.1, §2.2.2" "The first that is not secure of MX, address and TLSA.";
    TLSA_RECORD "tlsa-record" "RFC 7671 §9, RFC 7672 §2.2.3" "The base domain, the matching record in its answer, and what digest agility changed.";
    TLSA_CAUSE "tlsa-cause" "RFC 6698 §2.1" "What the records would match if one thing were different.";

    // Outcomes
    CONFLICT "conflict" "RFC 8461 §2" "Whether DANE and a policy of mode enforce or testing contradict each other.";
    OUTCOME_MX_BOGUS "outcome-mx-bogus" "RFC 7672 §2.1.1" "A sender that asks for DNSSEC does not use a bogus MX RRset.";
    OUTCOME_TLS_WORKS "outcome-tls-works" "RFC 7435 §3, RFC 3207 §4" "TLS works and nothing is verified.";
    OUTCOME_IN_CLEAR "outcome-in-clear" "RFC 7435 §3" "Without STARTTLS or a handshake the mail goes in clear.";
    OUTCOME_STS_PASSES "outcome-sts-passes" "RFC 8461 §5" "The policy is enforced and the host passes it.";
    OUTCOME_DANE_UNUSABLE "outcome-dane-unusable" "RFC 7672 §2.2" "Unusable TLSA records ask for TLS and authenticate nothing.";
    OUTCOME_WEAKER_HOST_UNKNOWN "outcome-weaker-host-unknown" "Verdicts, 'What a sender would do'" "A host that could have come first was not looked at, and could be weaker than the one found.";
    OUTCOME_REFUSED "outcome-refused" "RFC 8461 §5, RFC 7672 §2.2" "No host is left, and the sender's own policy ruled out some.";
    OUTCOME_REFUSED_US "outcome-refused-us" "RFC 5321 §3.1" "No host is left, and some refused us: they may take others.";
    OUTCOME_NOT_LOOKED_AT "outcome-not-looked-at" "Verdicts, 'What a sender would do'" "No host is left, and some was not looked at.";
    OUTCOME_UNREACHABLE "outcome-unreachable" "RFC 5321 §5.1" "No host is left that anyone could deliver to.";

    // Protection
    PROTECTION_STS_ENFORCED "protection-sts-enforced" "RFC 8461 §5, §10.2" "A valid enforced policy with max_age above 0 protects once it has been fetched.";
    PROTECTION_STS_NEVER "protection-sts-never" "RFC 8461 §5, §10.2" "No valid enforced policy that a sender could keep.";
    PROTECTION_STS_UNKNOWN "protection-sts-unknown" "Verdicts, 'Protection'" "Whether there is an enforced policy could not be found out.";
    PROTECTION_DANE_ALWAYS "protection-dane-always" "RFC 7672 §1.3, §2.2" "The MX RRset is secure and every MX host has usable secure TLSA records.";
    PROTECTION_DANE_NEVER "protection-dane-never" "RFC 7672 §1.3, §2.2" "The MX RRset is not secure, or some MX host lacks usable secure TLSA records: an attacker steers mail there.";
    PROTECTION_DANE_UNKNOWN "protection-dane-unknown" "Verdicts, 'Protection'" "Whether every MX host has usable secure TLSA records could not be found out.";

    // TLSRPT
    TLSRPT_ABSENT "tlsrpt-absent" "RFC 8460 §3" "No TXT record at _smtp._tls begins with v=TLSRPTv1;, and none tries to.";
    TLSRPT_VALID "tlsrpt-valid" "RFC 8460 §3" "Exactly one record begins with v=TLSRPTv1; and it follows the grammar.";
    TLSRPT_MULTIPLE "tlsrpt-multiple" "RFC 8460 §3" "More than one record begins with v=TLSRPTv1;, which a sender takes as none.";
    TLSRPT_INVALID "tlsrpt-invalid" "RFC 8460 §3" "The only record does not follow the grammar, or none begins with v=TLSRPTv1; and one tries to.";
    TLSRPT_LOOKUP_FAILED "tlsrpt-lookup-failed" "RFC 8460 §3" "The TXT look-up at _smtp._tls failed or was not made.";
    RESULT_TYPES "result-types" "RFC 8460 §4.3" "The types that a sender would report, by what fails under the strictest mechanism in force.";
    FAILURE_NONE_IN_FORCE "failure-none-in-force" "RFC 7672 §2.2, RFC 8461 §5" "Neither DANE nor a policy is in force for this host.";
    FAILURE_NONE "failure-none" "RFC 7672 §2.2, RFC 8461 §4" "Nothing is known to fail under the strictest mechanism in force.";
}

/// Every rule: those of the judge in the order of the verdicts page, then those that choose a TLSA base domain.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().chain(mxcensus_rules::dane::base_domain_rules::ALL).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_every_rule_is_explained() {
        let mut seen = std::collections::BTreeSet::new();
        for rule in all() {
            assert!(seen.insert(rule.id), "{} stands twice", rule.id);
            assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
            assert!(rule.sentence.ends_with('.') && rule.sentence.len() > 20, "{}", rule.id);
            assert!(["RFC", "Verdicts", "Dataset"].iter().any(|source| rule.citation.contains(source)), "{}", rule.id);
        }
    }
}
