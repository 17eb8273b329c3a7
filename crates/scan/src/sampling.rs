//! Sampling: how politeness does not become ignorance.
//!
//! Where many MX names share an address, some of them are contacted, chosen by seed. When all of those show the same
//! whatever the server name, the rest are not contacted: their rows are copies that say so in `sampled_from`. When they
//! differ, contacting goes on within a budget, and what is left is `budget`. `docs/sampling.md` has the rules and the error.
//!
//! The unit is the address: names that share a whole address set meet at each of its addresses, in the same order of
//! choice, and names whose sets merely overlap (rotating answers) are sampled too. Nothing here knows a clock or a queue:
//! [`Sampling`] is told who arrived, who was contacted and what was seen, and answers with [`Step`]s.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use super::limits::Limits;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::name;
use mxcensus_rules::observation::{EndpointRow, EndpointStage};

/// What is to be done with a name at an address.
#[derive(Clone, Debug)]
pub enum Step {
    /// Contact it when the address's turn comes.
    Contact(Arc<str>),
    /// Its row is that of the other name at the same address.
    As(Arc<str>, Arc<EndpointRow>),
    /// The budget of the address is used up.
    OverBudget(Arc<str>),
}

/// Everything that is known about the crowd at each address.
pub struct Sampling {
    samples: u32,
    at_most: u32,
    seed: u64,
    addresses: HashMap<IpAddr, Address>,
    /// Names that are always contacted, by address and registrable domain: counted by themselves, so that the names of one party do not use up
    /// the budget of others.
    unsampled: HashMap<(IpAddr, u64), u32>,
    unsampled_at_most: u32,
    held: usize,
}

#[derive(Default)]
struct Address {
    /// Names that arrived and may be sampled.
    names: u32,
    /// Contacted so far, of those.
    contacted: u32,
    /// Contacted, and without a row yet.
    pending: u32,
    /// The name whose turn is next has been given out.
    next_is_out: bool,
    /// Rows that tell how the address treats names: EHLO was answered.
    answered: Tally,
    /// Rows that tell that it does not even answer, after all their attempts.
    silent: Tally,
    verdict: Verdict,
    crowd: Option<Box<Crowd>>,
}

/// What only a crowd needs.
#[derive(Default)]
struct Crowd {
    /// Names whose turn has not come, the lowest rank first.
    held: BinaryHeap<Reverse<(u64, Arc<str>)>>,
    /// A row that answered, and one that did not, of the lowest rank.
    answered: Option<(u64, Arc<EndpointRow>)>,
    silent: Option<(u64, Arc<EndpointRow>)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    count: u32,
    likeness: u32,
    differs: bool,
}

impl Tally {
    fn add(&mut self, likeness: u32) {
        self.differs |= self.count > 0 && self.likeness != likeness;
        self.likeness = likeness;
        self.count += 1;
    }
}

#[derive(Clone, Debug, Default)]
enum Verdict {
    /// Not enough is known.
    #[default]
    Open,
    /// Every name is shown what this row shows.
    Same(Arc<EndpointRow>),
    /// The budget is used up.
    Spent,
}

/// What a finished row tells about the address.
enum Evidence {
    Answered(u32),
    Silent(u32),
    /// No server was contacted, for a reason of our own or because the address belongs to no host.
    Nothing,
}

impl Sampling {
    /// Nothing known yet. `None` when sampling is off: `sampled_names` is 0.
    pub fn new(limits: &Limits, seed: u64) -> Option<Self> {
        (limits.sampled_names > 0).then(|| Sampling {
            samples: limits.sampled_names,
            at_most: limits.sampled_names.saturating_add(limits.sampling_budget),
            seed,
            addresses: HashMap::new(),
            unsampled: HashMap::new(),
            unsampled_at_most: limits.tlsa_names_budget,
            held: 0,
        })
    }

    /// Whether a name that may be sampled has arrived at this address.
    pub fn knows(&self, ip: IpAddr) -> bool {
        self.addresses.contains_key(&ip)
    }

    /// How many (name, address) wait for the samples of their address.
    pub fn held(&self) -> usize {
        self.held
    }

    /// A name arrived at an address.
    pub fn arrive(&mut self, ip: IpAddr, host: Arc<str>) -> Option<Step> {
        let rank = self.rank(&host);
        let address = self.addresses.entry(ip).or_default();
        address.names += 1;
        match &address.verdict {
            Verdict::Same(row) => return Some(Step::As(host, row.clone())),
            Verdict::Spent => return Some(Step::OverBudget(host)),
            Verdict::Open => {}
        }
        if address.may_go_on(self.samples, self.at_most) && address.has_nobody_waiting() {
            address.next_is_out = true;
            return Some(Step::Contact(host));
        }
        address.crowd.get_or_insert_default().held.push(Reverse((rank, host)));
        self.held += 1;
        None
    }

    /// A name that must be contacted itself arrived (see [`super::frontier::EndpointItem::may_be_sampled`]): whether the
    /// budget of its registrable domain at this address allows it.
    pub fn arrive_unsampled(&mut self, ip: IpAddr, host: &str) -> bool {
        let at_most = self.unsampled_at_most;
        let contacted = self.unsampled_of(ip, host);
        let allowed = *contacted < at_most;
        *contacted += u32::from(allowed);
        allowed
    }

    fn unsampled_of(&mut self, ip: IpAddr, host: &str) -> &mut u32 {
        let whose = name::registrable(host).unwrap_or(host);
        self.unsampled.entry((ip, xxhash_rust::xxh3::xxh3_64(whose.as_bytes()))).or_default()
    }

    /// The name given out for this address is contacted now; perhaps another may wait in its place.
    pub fn begin(&mut self, ip: IpAddr) -> Option<Step> {
        let address = self.addresses.get_mut(&ip)?;
        address.next_is_out = false;
        address.contacted += 1;
        address.pending += 1;
        self.next(ip)
    }

    /// What was begun last told nothing, through no fault of the peer: it will be begun again.
    pub fn undo(&mut self, ip: IpAddr) {
        if let Some(address) = self.addresses.get_mut(&ip) {
            address.pending = address.pending.saturating_sub(1);
            address.contacted = address.contacted.saturating_sub(1);
        }
    }

    /// The row of a name that had been contacted is complete, all its attempts included.
    pub fn finish(&mut self, ip: IpAddr, row: &EndpointRow) -> Vec<Step> {
        let Some(address) = self.addresses.get_mut(&ip) else { return Vec::new() };
        address.pending = address.pending.saturating_sub(1);
        if row.connections == 0 {
            // Nobody was contacted after all.
            address.contacted = address.contacted.saturating_sub(1);
        }
        self.learn(ip, row);
        match self.settle(ip) {
            Some(steps) => steps,
            None => self.next(ip).into_iter().collect(),
        }
    }

    /// A row of an earlier run. To be followed by the names that have none.
    pub fn restore(&mut self, ip: IpAddr, row: &EndpointRow) {
        let address = self.addresses.entry(ip).or_default();
        address.names += 1;
        if row.sampled_from.is_none() && row.connections > 0 {
            address.contacted += 1;
            self.learn(ip, row);
            self.settle(ip);
        }
    }

    /// A row of an earlier run of a name that is always contacted.
    pub fn restore_unsampled(&mut self, ip: IpAddr, host: &str) {
        *self.unsampled_of(ip, host) += 1;
    }

    /// Takes a row into account.
    fn learn(&mut self, ip: IpAddr, row: &EndpointRow) {
        let rank = self.rank(&row.host);
        let Some(address) = self.addresses.get_mut(&ip) else { return };
        // Only a crowd will need a row to copy: a small address costs no kilobyte.
        let is_crowd = address.names >= self.samples;
        let keep = |kept: &mut Option<(u64, Arc<EndpointRow>)>| {
            if is_crowd && kept.as_ref().is_none_or(|(other, _)| rank < *other) {
                *kept = Some((rank, Arc::new(row.clone())));
            }
        };
        match evidence(row) {
            Evidence::Answered(likeness) => {
                address.answered.add(likeness);
                if is_crowd && matches!(address.verdict, Verdict::Open) {
                    keep(&mut address.crowd.get_or_insert_default().answered);
                }
            }
            Evidence::Silent(likeness) => {
                address.silent.add(likeness);
                if is_crowd && matches!(address.verdict, Verdict::Open) {
                    keep(&mut address.crowd.get_or_insert_default().silent);
                }
            }
            Evidence::Nothing => {}
        }
    }

    /// Decides about an address where enough is known, and empties its queue then.
    fn settle(&mut self, ip: IpAddr) -> Option<Vec<Step>> {
        let (samples, at_most) = (self.samples, self.at_most);
        let address = self.addresses.get_mut(&ip)?;
        if matches!(address.verdict, Verdict::Open) {
            let crowd = address.crowd.as_deref();
            let like = |tally: &Tally, row: Option<&(u64, Arc<EndpointRow>)>| {
                (tally.count >= samples && !tally.differs).then(|| row.map(|(_, row)| row.clone())).flatten()
            };
            let same = like(&address.answered, crowd.and_then(|crowd| crowd.answered.as_ref())).or_else(|| {
                // No step before the handshake knows the name: silence towards so many names is silence towards all.
                if address.answered.count > 0 {
                    return None;
                }
                like(&address.silent, crowd.and_then(|crowd| crowd.silent.as_ref()))
            });
            match same {
                Some(row) => address.verdict = Verdict::Same(row),
                None if address.contacted >= at_most => address.verdict = Verdict::Spent,
                None => return None,
            }
        }
        let held = address.crowd.take().map(|crowd| crowd.held.into_sorted_vec()).unwrap_or_default();
        self.held -= held.len();
        // Sorted by what is reversed: the lowest rank is last.
        let hosts = held.into_iter().rev().map(|Reverse((_, host))| host);
        Some(match &address.verdict {
            Verdict::Same(row) => hosts.map(|host| Step::As(host, row.clone())).collect(),
            Verdict::Spent | Verdict::Open => hosts.map(Step::OverBudget).collect(),
        })
    }

    /// Gives out the next name of an address, if one may go on.
    fn next(&mut self, ip: IpAddr) -> Option<Step> {
        let (samples, at_most) = (self.samples, self.at_most);
        let address = self.addresses.get_mut(&ip)?;
        if address.next_is_out || !address.may_go_on(samples, at_most) {
            return None;
        }
        let Reverse((_, host)) = address.crowd.as_mut()?.held.pop()?;
        self.held -= 1;
        address.next_is_out = true;
        Some(Step::Contact(host))
    }

    /// The order of choice: by seed and name, the same at every address.
    fn rank(&self, host: &str) -> u64 {
        xxhash_rust::xxh3::xxh3_64_with_seed(host.as_bytes(), self.seed)
    }
}

impl Address {
    /// Whether one more may be contacted before more is known.
    fn may_go_on(&self, samples: u32, at_most: u32) -> bool {
        let within_budget = self.contacted + u32::from(self.next_is_out) < at_most;
        let silent_so_far = self.answered.count == 0 && !self.silent.differs;
        let alike = if silent_so_far { self.silent.count } else { self.answered.count };
        within_budget && (self.answered.differs || alike + self.pending < samples)
    }

    fn has_nobody_waiting(&self) -> bool {
        !self.next_is_out && self.crowd.as_ref().is_none_or(|crowd| crowd.held.is_empty())
    }
}

fn evidence(row: &EndpointRow) -> Evidence {
    use EndpointStage::{Banner, Connect, Done, Ehlo, Skipped, Starttls, Tls};
    match row.stage {
        _ if row.connections == 0 => Evidence::Nothing,
        // Cut short by ourselves.
        Skipped => Evidence::Nothing,
        Starttls | Tls | Done => Evidence::Answered(likeness(row)),
        Ehlo if row.error == Some(Failure::StarttlsNotOffered) => Evidence::Answered(likeness(row)),
        Connect | Banner | Ehlo => Evidence::Silent(likeness(row)),
    }
}

/// Two rows are alike when no verdict could tell them apart but by the name: how far it came, what ended it, and the chain.
fn likeness(row: &EndpointRow) -> u32 {
    let what = (
        (row.stage, row.error, row.starttls, row.injected),
        (&row.chain, row.chain_truncated, row.key_proof),
        (&row.legacy_version, &row.legacy_cipher, &row.legacy_key_exchange, row.legacy_key_proof, &row.legacy_chain),
        (&row.legacy_alert, row.dh_bits),
    );
    xxhash_rust::xxh3::xxh3_64(format!("{what:?}").as_bytes()) as u32
}

#[cfg(test)]
mod tests;
