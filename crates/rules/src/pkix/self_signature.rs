//! Whether a certificate is signed by the key that it holds.

use x509_parser::certificate::X509Certificate;

use super::certificate::Facts;
use crate::signature::{Checked, Key, Scheme, Unreadable, check};

/// The signature of a certificate, checked with its own key.
pub(crate) fn own_signature(facts: &Facts<'_>) -> Checked {
    of(&facts.x509, &facts.scheme)
}

/// The same where only the parsed certificate is at hand.
pub(crate) fn own_signature_of(x509: &X509Certificate<'_>) -> Checked {
    of(x509, &Scheme::of(&x509.signature_algorithm))
}

fn of(x509: &X509Certificate<'_>, scheme: &Result<Scheme, Unreadable>) -> Checked {
    match scheme {
        Ok(scheme) => {
            check(scheme, &Key::of(x509.public_key()), x509.tbs_certificate.as_ref(), &x509.signature_value.data)
        }
        Err(Unreadable::Malformed(_)) => Checked::Bad,
        Err(Unreadable::Weak(what)) => Checked::Unsupported((*what).to_owned()),
        Err(Unreadable::Unsupported(what)) => Checked::Unsupported(what.clone()),
    }
}
