//! TLS servers that choose their chain by server name (RFC 6066 §3), and what they do wrong before or
//! instead of a handshake.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::LabError;
use super::pki::Chain;

/// The chains of one server.
#[derive(Clone, Debug, Default)]
pub struct Chains {
    /// By server name in lower case.
    pub by_name: BTreeMap<String, Chain>,
    /// For any other name, and for none; without it the handshake ends with an alert.
    pub otherwise: Option<Chain>,
}

impl Chains {
    /// The same chain whatever the name.
    pub fn always(chain: Chain) -> Chains {
        Chains { by_name: BTreeMap::new(), otherwise: Some(chain) }
    }
}

/// Which versions a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Versions {
    /// TLS 1.2 and 1.3.
    #[default]
    Both,
    /// TLS 1.2 alone.
    Tls12,
    /// TLS 1.3 alone.
    Tls13,
}

#[derive(Debug)]
struct ByServerName {
    by_name: BTreeMap<String, Arc<CertifiedKey>>,
    otherwise: Option<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for ByServerName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_ascii_lowercase);
        name.and_then(|name| self.by_name.get(&name)).or(self.otherwise.as_ref()).cloned()
    }
}

/// A rustls configuration over ring for these chains, versions and protocols (ALPN); no tickets, no resumption.
pub fn server_config(chains: &Chains, versions: Versions, alpn: &[&[u8]]) -> Result<Arc<ServerConfig>, LabError> {
    let mut by_name = BTreeMap::new();
    for (name, chain) in &chains.by_name {
        by_name.insert(name.clone(), chain.certified()?);
    }
    let otherwise = chains.otherwise.as_ref().map(Chain::certified).transpose()?;
    let versions: &[&rustls::SupportedProtocolVersion] = match versions {
        Versions::Both => &[&rustls::version::TLS13, &rustls::version::TLS12],
        Versions::Tls12 => &[&rustls::version::TLS12],
        Versions::Tls13 => &[&rustls::version::TLS13],
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(LabError::crypto)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ByServerName { by_name, otherwise }));
    config.send_tls13_tickets = 0;
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}
