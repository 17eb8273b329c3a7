//! The rules that choose a TLSA base domain, by name (RFC 7672 §2.1, §2.2).

crate::rules! {
    TLSA_NO_ADDRESS "tlsa-no-address" "RFC 7672 §2.2.2, RFC 6761 §6.3" "A host without an address that could be looked up has nothing that DANE could speak of.";
    TLSA_NOT_ASKED "tlsa-not-asked" "Verdicts, 'DANE'" "The TLSA records were not looked up, for a reason of our own.";
    TLSA_ADDRESS_BOGUS "tlsa-address-bogus" "RFC 7672 §2.1.1, §2.2.2" "The address look-up is proven forged or broken, which forbids delivery.";
    TLSA_ADDRESS_FAILED "tlsa-address-failed" "RFC 7672 §2.2.2" "The address look-up failed without proof, so no TLSA question could follow.";
    TLSA_ADDRESS_INSECURE "tlsa-address-insecure" "RFC 7672 §2.2.2" "There are TLSA records, but the address answer is not secure at the host's name.";
    TLSA_FAILED_UNDER_INSECURE_ADDRESS "tlsa-failed-under-insecure-address" "RFC 7672 §2.2.2" "Under an insecure address a sender asks for no TLSA, so a failed look-up there is no finding.";
    TLSA_BOGUS "tlsa-bogus" "RFC 7672 §2.1.1, §2.2" "The TLSA look-up is proven forged or broken, which forbids delivery.";
    TLSA_SERVFAIL_SIGNED "tlsa-servfail-signed" "RFC 7672 §2.1.2, §2.1.3" "The TLSA look-up gave SERVFAIL under a secure address, which forbids delivery.";
    TLSA_NO_ANSWER_SIGNED "tlsa-no-answer-signed" "RFC 7672 §2.1.2" "The TLSA look-up was refused or timed out each time, under a secure address that the same resolver gave: this forbids delivery.";
    TLSA_FAILED_UNPROVEN "tlsa-failed-unproven" "Verdicts, 'DANE'" "The TLSA look-up failed, and whether the address is secure is not known: our own resolver may be the reason.";
    TLSA_INDETERMINATE "tlsa-indeterminate" "RFC 4035 §4.3" "Whether address and TLSA records are secure could not be found out.";
    TLSA_DENIED "tlsa-denied" "RFC 7672 §2.2" "There are no TLSA records.";
    TLSA_INSECURE "tlsa-insecure" "RFC 7672 §2.2" "There are TLSA records that are not secure, which is the same as none.";
    TLSA_UNUSABLE "tlsa-unusable" "RFC 7672 §2.2, §3.1.3" "There are secure TLSA records and none is usable: TLS is required, nothing is authenticated.";
    TLSA_USABLE "tlsa-usable" "RFC 7672 §2.2, §2.2.3" "The first candidate name with a secure TLSA RRset is the base domain, and some record is usable.";
}
