//! Who runs the mail and the policies of many: the mail providers and the MTA-STS operators of the load world.
//!
//! The names are made up; the comment beside each says whom its share and its habits are taken from. Shares:
//! MX providers of the Tranco 100 k (alexsci 2025), hosting companies and registrars to fill up; MTA-STS operators
//! after IMC 2025, table 2.

/// How a provider names the MX hosts of its customers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Naming {
    /// The same hosts for all: preferences, most preferred first; host N is `mxN.DOMAIN`.
    Shared(&'static [u16]),
    /// One name for each customer, `LABEL.mail.DOMAIN`, on this many addresses.
    PerCustomer(u8),
}

/// What the hosts of a provider present.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Habit {
    /// A valid certificate.
    Good,
    /// A certificate for its customer portal, not for its MX hosts.
    Misnamed,
    /// No STARTTLS.
    Clear,
    /// Good, and TLSA records at this many of its hosts, the most preferred first.
    Dane(u8),
}

/// A mail provider.
#[derive(Debug)]
pub(super) struct Provider {
    /// Its registrable domain.
    pub domain: &'static str,
    /// Its weight among the domains that are with a provider of its [`Naming`].
    pub weight: f64,
    /// Names of its hosts.
    pub naming: Naming,
    /// Whether its own zone is signed.
    pub signed: bool,
    /// The share of its customers whose zones are signed, where it runs them; `None`: as their top-level domain has it.
    pub customers_signed: Option<f64>,
    /// What its hosts present.
    pub habit: Habit,
}

const TWO: Naming = Naming::Shared(&[10, 20]);

const fn plain(domain: &'static str, weight: f64, naming: Naming) -> Provider {
    Provider { domain, weight, naming, signed: false, customers_signed: None, habit: Habit::Good }
}

/// The provider whose one address carries a twentieth of all domains, each with an MX name of its own.
pub(super) const CROWD: u8 = 0;
/// The provider that names one host for each customer, on a few addresses.
pub(super) const EXCHANGE: u8 = 1;
/// The largest provider.
pub(super) const LARGEST: u8 = 2;
/// The registrar whose customers came to MTA-STS in one burst, with a broken policy host.
pub(super) const REGISTRAR: u8 = 10;
/// The provider that forgets its TLSA records when it renews its certificate in month 1.
pub(super) const FORGETFUL: u8 = 9;

/// Every mail provider, by its number.
pub(super) const PROVIDERS: &[Provider] = &[
    // A hosting company; not drawn by weight.
    plain("crowdhost.net-lab", 0.0, Naming::PerCustomer(1)),
    // Exchange Online.
    plain("outpost.com-lab", 0.0, Naming::PerCustomer(6)),
    // Google.
    plain("aspmail.com-lab", 30.5, Naming::Shared(&[1, 5, 5, 10, 10])),
    // Proofpoint.
    plain("filterpoint.com-lab", 3.3, TWO),
    // Mimecast.
    plain("mimecrest.com-lab", 1.7, Naming::Shared(&[10, 10])),
    // Cloudflare: DANE by default, customers' zones often signed.
    Provider {
        signed: true,
        customers_signed: Some(0.15),
        habit: Habit::Dane(3),
        ..plain("skyroute.net-lab", 1.2, Naming::Shared(&[10, 20, 30]))
    },
    // One.com: DANE for all, nearly all zones signed.
    Provider { signed: true, customers_signed: Some(0.85), habit: Habit::Dane(2), ..plain("onehost.se-lab", 3.4, TWO) },
    // A Scandinavian hosting company.
    Provider {
        signed: true,
        customers_signed: Some(0.90),
        habit: Habit::Dane(2),
        ..plain("nordpost.se-lab", 0.6, TWO)
    },
    // A hosting company with TLSA at its first host only (partial deployments, SEC20).
    Provider {
        signed: true,
        customers_signed: Some(0.80),
        habit: Habit::Dane(1),
        ..plain("webhotel.nl-lab", 0.2, TWO)
    },
    // A small one that rolls its key over and forgets.
    Provider {
        signed: true,
        customers_signed: Some(0.80),
        habit: Habit::Dane(2),
        ..plain("kaasmail.nl-lab", 0.15, TWO)
    },
    // A registrar with mail forwarding (Namecheap, Porkbun).
    plain("registry-post.com-lab", 3.0, TWO),
    // Yandex.
    plain("yandarmail.ru-lab", 0.9, Naming::Shared(&[10])),
    // Zoho.
    plain("zolomail.com-lab", 0.7, Naming::Shared(&[10, 20, 50])),
    // Hosting companies.
    plain("hostden.com-lab", 5.0, TWO),
    plain("mailbarn.net-lab", 3.0, Naming::Shared(&[0])),
    plain("strato-post.de-lab", 2.6, Naming::Shared(&[5])),
    plain("panelhost.org-lab", 1.4, TWO),
    // A parking company without STARTTLS.
    Provider { habit: Habit::Clear, ..plain("parkway.com-lab", 1.2, Naming::Shared(&[0])) },
    // Host names that its certificates do not bear (mxrouting, IMC 2025).
    Provider { habit: Habit::Misnamed, ..plain("mxdetour.net-lab", 0.5, TWO) },
];

/// An MTA-STS operator: where the policy hosts of its customers are aliases to.
#[derive(Debug)]
pub(super) struct PolicyOperator {
    /// Its registrable domain; a customer's alias points to `LABEL.mta-sts.DOMAIN`.
    pub domain: &'static str,
    /// Its customers (IMC 2025, table 2).
    pub weight: f64,
    /// Whether its own zone is signed.
    pub signed: bool,
}

/// Every MTA-STS operator, by its number.
pub(super) const OPERATORS: &[PolicyOperator] = &[
    PolicyOperator { domain: "tutapost.de-lab", weight: 7614.0, signed: true },
    PolicyOperator { domain: "dmarcbeacon.com-lab", weight: 7293.0, signed: false },
    PolicyOperator { domain: "dmarcforce.com-lab", weight: 3753.0, signed: false },
    PolicyOperator { domain: "plaindmarc.com-lab", weight: 2222.0, signed: false },
    PolicyOperator { domain: "posthardener.com-lab", weight: 1558.0, signed: true },
    PolicyOperator { domain: "uriharbour.com-lab", weight: 1100.0, signed: true },
    PolicyOperator { domain: "sendguard.com-lab", weight: 805.0, signed: false },
    PolicyOperator { domain: "onbeacon.com-lab", weight: 451.0, signed: false },
    // The registrar's own; last, and not drawn by weight.
    PolicyOperator { domain: "registry-post.com-lab", weight: 0.0, signed: false },
];

impl Provider {
    /// How many host names it has, where all customers share them.
    pub(super) fn shared_hosts(&self) -> usize {
        match self.naming {
            Naming::Shared(preferences) => preferences.len(),
            Naming::PerCustomer(_) => 0,
        }
    }

    /// The part of its host names that all have in common: what a policy pattern covers.
    pub(super) fn host_parent(&self) -> String {
        match self.naming {
            Naming::Shared(_) => self.domain.to_owned(),
            Naming::PerCustomer(_) => format!("mail.{}", self.domain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_name_whom_they_say() {
        let domain = |number: u8| PROVIDERS[usize::from(number)].domain;
        assert_eq!(domain(CROWD), "crowdhost.net-lab");
        assert_eq!(domain(EXCHANGE), "outpost.com-lab");
        assert_eq!(domain(LARGEST), "aspmail.com-lab");
        assert_eq!(domain(REGISTRAR), "registry-post.com-lab");
        assert_eq!(domain(FORGETFUL), "kaasmail.nl-lab");
        for provider in PROVIDERS {
            assert_eq!(provider.weight == 0.0, provider.shared_hosts() == 0, "{}", provider.domain);
        }
    }
}
