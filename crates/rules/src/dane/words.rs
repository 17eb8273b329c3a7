//! The words in which DANE is told (RFC 7672, RFC 6698).

crate::words! {
    /// What lacks DNSSEC where DANE is `insecure`.
    DaneInsecureCause {
        /// The MX RRset.
        Mx = "mx",
        /// The address RRset of a host.
        Address = "address",
        /// The TLSA RRset.
        Tlsa = "tlsa",
    }
}

crate::words! {
    /// Why no usable TLSA record matches.
    MismatchCause {
        /// It matches another certificate of the chain.
        OtherCertificate = "other-certificate",
        /// It would match with the other selector.
        WrongSelector = "wrong-selector",
        /// It would match with another matching type.
        WrongMatchingType = "wrong-matching-type",
        /// It is the digest of nothing.
        EmptyDigest = "empty-digest",
        /// The digest was taken of text, such as hex or PEM, instead of the DER.
        TextAsData = "text-as-data",
        /// Usage 2, and the anchor is not in the chain.
        AnchorNotSent = "anchor-not-sent",
        /// The anchor matches and the name does not.
        NameMismatch = "name-mismatch",
        /// The anchor matches and the chain is out of date.
        ChainExpired = "chain-expired",
        /// None of these.
        Unknown = "unknown",
    }
}
