//! nginx: a policy host for each address.

use std::fmt::Write;
use std::path::Path;

use super::names::{web_address, web_address_v6};
use super::{Scene, ZONE};
use crate::namespace::Namespace;

/// How a policy host is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Web {
    /// No record and no policy host.
    None,
    /// RSA and ECDSA, IPv4 and IPv6, TLS 1.2 and 1.3.
    TwoKeysTwoFamilies,
    Tls12,
    Tls13,
    /// TLS 1.3 with P-521 alone.
    P521,
    /// TLS 1.2 with CBC alone.
    Cbc,
    Redirects,
    /// 404.
    Missing,
    Expired,
    Misnamed,
    /// `application/octet-stream`.
    Binary,
    Ipv6Only,
}

impl Web {
    pub(crate) fn has_ipv4(self) -> bool {
        !matches!(self, Web::Ipv6Only)
    }

    pub(crate) fn has_ipv6(self) -> bool {
        matches!(self, Web::TwoKeysTwoFamilies | Web::Ipv6Only)
    }
}

/// Starts nginx in the namespace, with a configuration of its own.
pub(super) fn serve(namespace: &Namespace, directory: &Path, scenes: &[Scene]) {
    let path = directory.display();
    let mut http = String::new();
    for (nth, scene) in scenes.iter().enumerate().filter(|(_, scene)| !matches!(scene.web, Web::None)) {
        let host = format!("mta-sts.{}.{ZONE}", scene.name);
        let root = directory.join("web").join(scene.name);
        std::fs::create_dir_all(root.join(".well-known")).unwrap();
        let policy = format!("version: STSv1\nmode: enforce\nmax_age: 604800\nmx: mx.{}.{ZONE}\n", scene.name);
        if !matches!(scene.web, Web::Missing) {
            std::fs::write(root.join(".well-known/mta-sts.txt"), policy).unwrap();
        }
        let _ = write!(http, "server {{\n server_name {host};\n root {};\n", root.display());
        if scene.web.has_ipv4() {
            let _ = writeln!(http, " listen {}:443 ssl;", web_address(nth));
        }
        if scene.web.has_ipv6() {
            let _ = writeln!(http, " listen [{}]:443 ssl;", web_address_v6(nth));
        }
        for kind in ["ecdsa", "rsa"] {
            let stem = format!("{path}/{host}.{kind}");
            let _ = writeln!(http, " ssl_certificate {stem}.chain;\n ssl_certificate_key {stem}.key;");
        }
        let more = match scene.web {
            Web::Tls12 => "ssl_protocols TLSv1.2;",
            Web::Tls13 => "ssl_protocols TLSv1.3;",
            Web::P521 => "ssl_protocols TLSv1.3;\n ssl_ecdh_curve secp521r1;",
            Web::Cbc => "ssl_protocols TLSv1.2;\n ssl_ciphers ECDHE-ECDSA-AES128-SHA;",
            Web::Redirects => "location / { return 301 https://www.servers.test$request_uri; }",
            Web::Binary => "types {} default_type application/octet-stream;",
            _ => "ssl_protocols TLSv1.2 TLSv1.3;",
        };
        let _ = write!(http, " {more}\n}}\n");
    }
    let configuration = format!(
        "daemon off;\nworker_processes 1;\npid {path}/nginx.pid;\nerror_log {path}/nginx.error.log;\nuser root;\n\
         events {{ worker_connections 256; }}\nhttp {{\naccess_log off;\ntypes {{ text/plain txt; }}\n\
         client_body_temp_path {path}/nginx-body;\nproxy_temp_path {path}/nginx-proxy;\nfastcgi_temp_path {path}/nginx-fcgi;\n\
         uwsgi_temp_path {path}/nginx-uwsgi;\nscgi_temp_path {path}/nginx-scgi;\n{http}}}\n"
    );
    let file = directory.join("nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    let file = file.display().to_string();
    namespace.start(&directory.join("nginx.log"), "nginx", &["-c", &file, "-p", &path.to_string()]);
    for (nth, scene) in scenes.iter().enumerate().filter(|(_, scene)| !matches!(scene.web, Web::None)) {
        let address = if scene.web.has_ipv4() { web_address(nth) } else { web_address_v6(nth) };
        namespace.wait_for(&address, 443);
    }
}
