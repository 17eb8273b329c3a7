//! Postfix: one smtpd (or postscreen) for each address, each with one setting that matters.

use std::fmt::Write;
use std::path::Path;

use super::names::{mail_address, mail_address_v6};
use super::{Scene, ZONE, tool};
use crate::namespace::Namespace;

/// How a mail server is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mail {
    TwoKeysTwoFamilies,
    TwoKeys,
    /// TLS 1.2 alone, RSA alone.
    Tls12,
    Expired,
    Misnamed,
    /// The intermediate is not sent.
    LeafOnly,
    /// 450 to whoever connects.
    Defers,
    /// 554 to whoever connects.
    Rejects,
    /// No STARTTLS.
    Plain,
    /// Greets in two parts, two seconds apart.
    Postscreen,
    /// TLS 1.2 with ECDHE and CBC alone.
    Cbc,
    /// TLS 1.2 with DHE alone.
    Dhe,
    /// The same, and asks for a client certificate without need.
    CbcAsksForCertificate,
    /// TLS 1.3 with P-521 alone.
    P521,
    /// TLS 1.2 with RSA key exchange alone.
    RsaExchange,
    /// TLS 1.0 alone.
    Tls10,
    /// No certificate.
    Anonymous,
}

impl Mail {
    pub(crate) fn has_ipv6(self) -> bool {
        matches!(self, Mail::TwoKeysTwoFamilies)
    }

    /// Options of this server in master.cf, beside its certificates.
    fn options(self) -> &'static str {
        match self {
            Mail::TwoKeysTwoFamilies | Mail::TwoKeys | Mail::Expired | Mail::Misnamed | Mail::LeafOnly => "",
            Mail::Tls12 => "-o smtpd_tls_protocols=TLSv1.2",
            Mail::Defers => "-o smtpd_client_restrictions=defer",
            Mail::Rejects => "-o smtpd_client_restrictions=reject",
            Mail::Plain => "-o smtpd_tls_security_level=none",
            Mail::Postscreen => "-o postscreen_greet_wait=2s",
            Mail::Cbc => "-o smtpd_tls_protocols=TLSv1.2 -o tls_medium_cipherlist=ECDHE-ECDSA-AES128-SHA",
            Mail::CbcAsksForCertificate => {
                "-o smtpd_tls_protocols=TLSv1.2 -o tls_medium_cipherlist=ECDHE-ECDSA-AES128-SHA -o smtpd_tls_ask_ccert=yes"
            }
            Mail::P521 => "-o smtpd_tls_protocols=>=TLSv1.3 -o tls_eecdh_auto_curves=secp521r1",
            Mail::Dhe => "-o smtpd_tls_protocols=TLSv1.2 -o tls_medium_cipherlist=DHE-RSA-AES128-GCM-SHA256",
            Mail::RsaExchange => "-o smtpd_tls_protocols=TLSv1.2 -o tls_medium_cipherlist=AES128-SHA",
            Mail::Tls10 => "-o smtpd_tls_protocols=TLSv1 -o tls_medium_cipherlist=ALL:@SECLEVEL=0",
            Mail::Anonymous => "-o smtpd_tls_cert_file=none",
        }
    }

    /// The files with key and certificates that it shows.
    fn chains(self) -> &'static [&'static str] {
        match self {
            Mail::Tls12 => &["rsa.chain"],
            Mail::Expired => &["ecdsa.chain"],
            Mail::LeafOnly => &["ecdsa.alone"],
            Mail::Anonymous => &[],
            _ => &["ecdsa.chain", "rsa.chain"],
        }
    }
}

/// Starts Postfix in the namespace, with a configuration and a queue of its own.
pub(super) fn serve(namespace: &Namespace, directory: &Path, scenes: &[Scene]) {
    let path = directory.display();
    for folder in ["postfix", "spool", "data"] {
        std::fs::create_dir(directory.join(folder)).unwrap();
    }
    tool(directory, "chown", &["postfix", "data"]);
    let main = format!(
        "compatibility_level=3.6\nqueue_directory={path}/spool\ndata_directory={path}/data\nmail_owner=postfix\n\
         setgid_group=postdrop\nmyhostname=mx.{ZONE}\nmydestination=\nmaillog_file=/dev/stdout\ninet_protocols=all\n\
         alias_maps=\nalias_database=\nlocal_recipient_maps=\nsmtputf8_enable=no\nsmtpd_peername_lookup=no\n\
         # Else a client is turned away only at RCPT.\nsmtpd_delay_reject=no\nsmtpd_tls_security_level=may\n\
         smtpd_tls_session_cache_database=\nnotify_classes=\n"
    );
    std::fs::write(directory.join("postfix/main.cf"), main).unwrap();
    let mut master = String::from(
        "smtpd pass - - n - - smtpd\ndnsblog unix - - n - 0 dnsblog\ntlsproxy unix - - n - 0 tlsproxy\n\
         tlsmgr unix - - n 1000? 1 tlsmgr\nanvil unix - - n - 1 anvil\nrewrite unix - - n - - trivial-rewrite\n\
         cleanup unix n - n - 0 cleanup\nproxymap unix - - n - - proxymap\npostlog unix-dgram n - n - 1 postlogd\n",
    );
    for (nth, scene) in scenes.iter().enumerate() {
        let stem = format!("{path}/mx.{}.{ZONE}", scene.name);
        let chains: Vec<String> = scene.mail.chains().iter().map(|chain| format!("{stem}.{chain}")).collect();
        let (chains, options) = (chains.join(","), scene.mail.options());
        // postscreen hands over to the smtpd above, which shows its own certificates.
        let postscreen = matches!(scene.mail, Mail::Postscreen);
        let (limit, service) = if postscreen { ("1", "postscreen") } else { ("-", "smtpd") };
        if postscreen {
            master = master.replacen("smtpd\ndnsblog", &format!("smtpd -o smtpd_tls_chain_files={chains}\ndnsblog"), 1);
        }
        let mut put = |address: &str| {
            let _ = writeln!(
                master,
                "{address}:25 inet n - n - {limit} {service} -o smtpd_tls_chain_files={chains} {options}"
            );
        };
        put(&mail_address(nth));
        if scene.mail.has_ipv6() {
            put(&format!("[{}]", mail_address_v6(nth)));
        }
    }
    std::fs::write(directory.join("postfix/master.cf"), master).unwrap();
    let configuration = directory.join("postfix").display().to_string();
    namespace.start(&directory.join("postfix.log"), "postfix", &["-c", &configuration, "start-fg"]);
    for nth in 0..scenes.len() {
        namespace.wait_for(&mail_address(nth), 25);
    }
}
