//! Addresses, certificates and the signed zone.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::mail::Mail;
use super::web::Web;
use super::{Scene, ZONE, tool};
use crate::namespace::Namespace;

/// A TLSA record to publish.
#[derive(Clone, Copy)]
pub(crate) enum Tlsa {
    /// 3 1 1 of the ECDSA key.
    EcdsaKey,
    /// 3 1 1 of the RSA key.
    RsaKey,
    /// 2 1 1 of the intermediate.
    Issuer,
}

/// The address of the nth mail server: outside of the special-purpose registries, and nobody's but the namespace's.
pub(super) fn mail_address(nth: usize) -> String {
    format!("100.128.25.{}", nth + 1)
}

/// The address of the nth policy host.
pub(super) fn web_address(nth: usize) -> String {
    format!("100.128.44.{}", nth + 1)
}

/// The IPv6 addresses of mail servers and policy hosts: from 2e00::/7, which IANA has given to nobody.
pub(super) fn mail_address_v6(nth: usize) -> String {
    format!("2e00:6c61:62:25::{:x}", nth + 1)
}

/// The same for policy hosts.
pub(super) fn web_address_v6(nth: usize) -> String {
    format!("2e00:6c61:62:44::{:x}", nth + 1)
}

/// Shell that gives the namespace the addresses and a route to everywhere, which leads nowhere.
pub(super) fn addresses(scenes: &[Scene]) -> String {
    let mut script = String::from("ip route add default dev lo\nip -6 route add default dev lo\n");
    for nth in 0..scenes.len() {
        let _ =
            writeln!(script, "ip addr add {}/32 dev lo\nip addr add {}/32 dev lo", mail_address(nth), web_address(nth));
        let (mail, web) = (mail_address_v6(nth), web_address_v6(nth));
        let _ = writeln!(script, "ip addr add {mail}/128 dev lo nodad\nip addr add {web}/128 dev lo nodad");
    }
    script
}

/// SHA-256 of the public keys, by the stem of the certificate's file.
pub(super) type Keys = BTreeMap<String, String>;

/// Makes a root, an intermediate, and for every scene what its servers show: `MX.ecdsa.pem` and so on, key first.
pub(super) fn certificates(directory: &Path, scenes: &[Scene]) -> Keys {
    let mut keys = Keys::new();
    let ecdsa = |stem: &str| {
        let key = format!("{stem}.key");
        tool(
            directory,
            "openssl",
            &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &key],
        );
    };
    let authority =
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
    std::fs::write(directory.join("authority.ext"), authority).unwrap();
    ecdsa("root");
    ecdsa("issuer");
    let root =
        ["req", "-x509", "-new", "-key", "root.key", "-subj", "/CN=Judges Root", "-days", "90", "-out", "root.pem"];
    tool(directory, "openssl", &[&root[..], &["-addext", "keyUsage=critical,keyCertSign,cRLSign"]].concat());
    sign(directory, "issuer", "/CN=Judges Issuing", "root.pem", "root.key", "authority.ext", "60");
    keys.insert("issuer".into(), public_key(directory, "issuer"));

    // One RSA key for all: making one takes a while.
    let rsa = ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.key"];
    tool(directory, "openssl", &rsa);
    for scene in scenes {
        let (mx, web) = (format!("mx.{}.{ZONE}", scene.name), format!("mta-sts.{}.{ZONE}", scene.name));
        let named = if matches!(scene.mail, Mail::Misnamed) { "other.servers.test" } else { &mx };
        let days = if matches!(scene.mail, Mail::Expired) { "0" } else { "30" };
        leaf(directory, &mut keys, &mx, named, days);
        let named = if matches!(scene.web, Web::Misnamed) { "other.servers.test" } else { &web };
        let days = if matches!(scene.web, Web::Expired) { "0" } else { "30" };
        leaf(directory, &mut keys, &web, named, days);
    }
    keys
}

/// An ECDSA and an RSA certificate for a name, valid for so many days (0: it has expired when it is shown), each with key and issuer in one file.
fn leaf(directory: &Path, keys: &mut Keys, stem: &str, name: &str, days: &str) {
    let read = |file: String| std::fs::read_to_string(directory.join(file)).unwrap();
    let extensions = format!(
        "subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature,keyEncipherment\n\
         authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"
    );
    std::fs::write(directory.join("leaf.ext"), extensions).unwrap();
    for kind in ["ecdsa", "rsa"] {
        let file = format!("{stem}.{kind}");
        if kind == "ecdsa" {
            let key = format!("{file}.key");
            let args = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &key];
            tool(directory, "openssl", &args);
        } else {
            std::fs::copy(directory.join("rsa.key"), directory.join(format!("{file}.key"))).unwrap();
        }
        sign(directory, &file, "/O=Judges", "issuer.pem", "issuer.key", "leaf.ext", days);
        let (key, own) = (read(format!("{file}.key")), read(format!("{file}.pem")));
        std::fs::write(directory.join(format!("{file}.alone")), format!("{key}{own}")).unwrap();
        std::fs::write(directory.join(format!("{file}.chain")), format!("{key}{own}{}", read("issuer.pem".into())))
            .unwrap();
        keys.insert(file.clone(), public_key(directory, &file));
    }
}

fn sign(directory: &Path, stem: &str, subject: &str, issuer: &str, issuer_key: &str, extensions: &str, days: &str) {
    let (key, request, out) = (format!("{stem}.key"), format!("{stem}.csr"), format!("{stem}.pem"));
    tool(directory, "openssl", &["req", "-new", "-key", &key, "-subj", subject, "-out", &request]);
    let args = ["x509", "-req", "-in", &request, "-CA", issuer, "-CAkey", issuer_key, "-CAcreateserial", "-days", days];
    tool(directory, "openssl", &[&args[..], &["-extfile", extensions, "-out", &out]].concat());
}

/// SHA-256 of the SubjectPublicKeyInfo, in hex (RFC 7218 §2.2, selector SPKI).
fn public_key(directory: &Path, stem: &str) -> String {
    let key = format!("{stem}.key");
    hex::encode(Sha256::digest(tool(directory, "openssl", &["pkey", "-in", &key, "-pubout", "-outform", "DER"])))
}

/// Signs the zone and serves it: NSD at port 5301, and in front of it a validating Unbound at port 53.
pub(super) fn serve(namespace: &Namespace, directory: &Path, scenes: &[Scene], keys: &Keys) {
    std::fs::write(directory.join("zone"), zone(scenes, keys)).unwrap();
    let key = tool(directory, "dnssec-keygen", &["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", ZONE]);
    let key = String::from_utf8(key).unwrap().trim().to_owned();
    tool(directory, "dnssec-signzone", &["-S", "-z", "-o", ZONE, "-f", "zone.signed", "zone"]);
    let anchor = tool(directory, "dnssec-dsfromkey", &["-2", &key]);
    std::fs::write(directory.join("anchor"), anchor).unwrap();

    let path = directory.display();
    let nsd = format!(
        "server:\n ip-address: 127.0.0.1@5301\n username: \"\"\n chroot: \"\"\n zonesdir: \"{path}\"\n database: \"\"\n \
         pidfile: \"{path}/nsd.pid\"\n zonelistfile: \"{path}/zone.list\"\n xfrdfile: \"{path}/xfrd.state\"\n \
         xfrdir: \"{path}\"\n server-count: 1\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n\
         zone:\n name: \"{ZONE}.\"\n zonefile: \"zone.signed\"\n"
    );
    std::fs::write(directory.join("nsd.conf"), nsd).unwrap();
    let unbound = format!(
        "server:\n interface: 127.0.0.1@53\n do-daemonize: no\n chroot: \"\"\n username: \"\"\n directory: \"{path}\"\n \
         pidfile: \"\"\n use-syslog: no\n logfile: \"\"\n do-not-query-localhost: no\n local-zone: \"test\" nodefault\n trust-anchor-file: \"{path}/anchor\"\n \
         module-config: \"validator iterator\"\nremote-control:\n control-enable: no\n\
         stub-zone:\n name: \"{ZONE}\"\n stub-addr: 127.0.0.1@5301\n"
    );
    std::fs::write(directory.join("unbound.conf"), unbound).unwrap();
    let file = |name: &str| directory.join(name).display().to_string();
    namespace.start(&directory.join("nsd.log"), "nsd", &["-d", "-c", &file("nsd.conf")]);
    namespace.wait_for("127.0.0.1", 5301);
    namespace.start(&directory.join("unbound.log"), "unbound", &["-d", "-c", &file("unbound.conf")]);
    namespace.wait_for("127.0.0.1", 53);
}

fn zone(scenes: &[Scene], keys: &Keys) -> String {
    let mut zone =
        format!("$ORIGIN {ZONE}.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 127.0.0.1\n");
    for (nth, scene) in scenes.iter().enumerate() {
        let name = scene.name;
        let mx = format!("mx.{name}.{ZONE}");
        let _ = writeln!(zone, "{name} MX 10 mx.{name}\nmx.{name} A {}", mail_address(nth));
        if scene.mail.has_ipv6() {
            let _ = writeln!(zone, "mx.{name} AAAA {}", mail_address_v6(nth));
        }
        for record in scene.tlsa {
            let (parameters, stem) = match record {
                Tlsa::EcdsaKey => ("3 1 1", format!("{mx}.ecdsa")),
                Tlsa::RsaKey => ("3 1 1", format!("{mx}.rsa")),
                Tlsa::Issuer => ("2 1 1", "issuer".to_owned()),
            };
            let _ = writeln!(zone, "_25._tcp.mx.{name} TLSA {parameters} {}", keys[&stem]);
        }
        if matches!(scene.web, Web::None) {
            continue;
        }
        let _ = writeln!(zone, "_mta-sts.{name} TXT \"v=STSv1; id=2026;\"");
        if scene.web.has_ipv4() {
            let _ = writeln!(zone, "mta-sts.{name} A {}", web_address(nth));
        }
        if scene.web.has_ipv6() {
            let _ = writeln!(zone, "mta-sts.{name} AAAA {}", web_address_v6(nth));
        }
    }
    zone
}
