//! TLS for every server of the load world: two configurations, and a certificate by server name (RFC 6066 3), made when
//! it is first asked for and remembered within bounds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::certificates::{Identity, Pki};
use super::model::World;
use crate::LabError;

/// Certificates kept of each kind of server, some 3 KB each; when there are more, all are forgotten.
const MOST_KEPT: usize = 20_000;

/// Who is asked for a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Server {
    /// A mail server.
    Mail,
    /// A policy host.
    Policy,
}

/// Chooses a certificate by server name.
pub(super) struct Certificates {
    world: World,
    pki: Arc<Pki>,
    server: Server,
    kept: Mutex<HashMap<Identity, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificates").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Certificates {
    /// For the servers of a kind.
    pub(super) fn new(world: World, pki: Arc<Pki>, server: Server) -> Certificates {
        Certificates { world, pki, server, kept: Mutex::default() }
    }

    fn identity(&self, name: &str) -> Option<Identity> {
        match self.server {
            Server::Mail => {
                let (host, domain) = self.world.host_by_name(name)?;
                Some(self.world.identity(host, &self.world.mx_host(host, &domain).spec))
            }
            Server::Policy => {
                let (domain, sts) = self.world.domain_by_policy_host(name)?;
                self.world.policy_identity(domain.index, &sts)
            }
        }
    }

    fn certified(&self, identity: &Identity) -> Result<Arc<CertifiedKey>, LabError> {
        if let Some(known) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(identity) {
            return Ok(Arc::clone(known));
        }
        let chain = self.pki.chain(&self.world, identity)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.pki.private_key(identity)?));
        let key = rustls::crypto::ring::sign::any_supported_type(&key).map_err(LabError::crypto)?;
        let chain = chain.certificates.into_iter().map(CertificateDer::from).collect();
        let made = Arc::new(CertifiedKey::new(chain, key));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(*identity, Arc::clone(&made));
        Ok(made)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let identity = self.identity(&hello.server_name()?.to_ascii_lowercase())?;
        self.certified(&identity)
            .inspect_err(|error| tracing::error!("the load world has no certificate: {error}"))
            .ok()
    }
}

/// A rustls configuration over ring; no tickets, no resumption.
pub(super) fn config(
    certificates: &Arc<Certificates>,
    versions: &[&'static rustls::SupportedProtocolVersion],
    alpn: &[&[u8]],
) -> Result<Arc<ServerConfig>, LabError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(LabError::crypto)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(certificates) as Arc<dyn ResolvesServerCert>);
    config.send_tls13_tickets = 0;
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}
