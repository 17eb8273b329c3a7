//! Which hosts take mail (RFC 5321 §5.1, RFC 7505), both address families, TLSRPT, and what our own
//! limits leave out.

use std::net::Ipv6Addr;

use super::super::LabError;
use super::super::answer::Fault;
use super::super::expect::{ENFORCED, INDETERMINATE_OUTCOMES, MX_FAILED, NO_MAIL, OPEN, UNDECIDED, UNREACHABLE};
use super::super::https::{Door, Page};
use super::super::pki::Leaf;
use super::super::smtp::Server;
use super::super::tls::Chains;
use super::super::wire::Kind;
use super::super::world::{Cell, UNALLOCATED, World};
use super::{IN_POLICY, cells, mx_of, ordinary, policy, signed};

/// Adds the scenes.
pub(super) fn add(w: &mut World) -> Result<(), LabError> {
    no_mail(w)?;
    hosts(w)?;
    failures(w);
    families(w)?;
    tlsrpt(w)?;
    opted_out(w)
}

fn no_mail(w: &mut World) -> Result<(), LabError> {
    // Walked by hand: "null MX with a policy". The policy is fetched all the same.
    let d = "lab-null-mx-policy.com";
    w.zone(d, None);
    w.mx(d, &[(0, ".")]);
    w.policy(d, &policy("enforce", &["mail.lab-null-mx-policy.com"]))?;
    let found = [("mx_status", "\"null\""), ("sts_record", "valid"), ("sts_policy", "valid")];
    w.expect(d, "null MX with a policy", &[NO_MAIL, &found], &[]);

    // "`null` (RFC 7505: only `.`, whatever its preference)".
    let d = "lab-null-mx-10.com";
    w.zone(d, None);
    w.mx(d, &[(10, ".")]);
    w.expect(d, "null MX with preference 10", &[NO_MAIL], &[("mx_status", "\"null\"")]);

    // "`null-mixed` (`.` beside others: the others count)".
    let d = "lab-null-mixed.com";
    w.zone(d, None);
    w.mx(d, &[(0, "."), (10, &mx_of(d))]);
    w.good_host(&mx_of(d))?;
    w.expect(d, "null MX beside a host", &[OPEN], &[("mx_status", "null-mixed"), ("mx_count", "1")]);
    w.expect_mx(&mx_of(d), &[]);

    // "`none` (exists, takes no mail)".
    let d = "lab-no-mail.com";
    w.zone(d, None);
    w.txt(d, "v=spf1 -all");
    w.expect(d, "neither MX nor address", &[NO_MAIL], &[("mx_status", "none"), ("mx_count", "0")]);

    // No zone and no name: the TLD denies it.
    let d = "lab-does-not-exist.nl";
    w.expect(d, "the domain does not exist", &[NO_MAIL], &[("mx_status", "nxdomain"), ("mx_dnssec", "secure")]);
    let d = "lab-does-not-exist.com";
    // "AD=0 for insecure and opt-out": an opt-out span proves nothing about a name that may be unsigned.
    w.expect(
        d,
        "the domain does not exist, in an opt-out TLD",
        &[NO_MAIL],
        &[("mx_status", "nxdomain"), ("mx_dnssec", "insecure")],
    );
    Ok(())
}

fn hosts(w: &mut World) -> Result<(), LabError> {
    // Walked by hand: "implicit MX named in a policy".
    let d = "lab-implicit.com";
    w.zone(d, None);
    w.good_host(d)?;
    w.policy(d, &policy("enforce", &[d]))?;
    let implicit = [("mx_status", "implicit"), ("mx_count", "0")];
    w.expect(d, "no MX, and the domain in its policy", &[OPEN, ENFORCED, &implicit], &[]);
    w.expect_mx(d, &cells(&[IN_POLICY, &[("preference", "0")]]));

    // Walked by hand: "all MX names gone". "A host without an address: `none`."
    let d = "lab-mx-gone.com";
    w.zone(d, None);
    w.mx(d, &[(10, "mx1.lab-mx-gone.com"), (20, "mx2.lab-mx-gone.com")]);
    w.expect(d, "no MX name exists any more", &[OPEN, UNREACHABLE], &[]);
    w.expect_mx("mx1.lab-mx-gone.com", UNDECIDED);
    w.expect_mx("mx2.lab-mx-gone.com", UNDECIDED);

    for (d, about, host) in [
        ("lab-mx-literal.com", "an IP address as MX", "127.25.255.1"),
        ("lab-mx-invalid.com", "an MX that is no host name", "mx!.lab-mx-invalid.com"),
    ] {
        w.zone(d, None);
        w.mx(d, &[(10, host)]);
        w.expect(d, about, &[OPEN, UNREACHABLE], &[]);
        w.expect_mx(host, UNDECIDED);
    }

    // One host without address beside a good one.
    let d = "lab-mx-half-gone.com";
    w.zone(d, None);
    w.mx(d, &[(10, "gone.lab-mx-half-gone.com"), (20, &mx_of(d))]);
    w.good_host(&mx_of(d))?;
    w.expect(d, "the first MX name is gone", &[OPEN], &[("mx_count", "2")]);
    w.expect_mx("gone.lab-mx-half-gone.com", UNDECIDED);
    w.expect_mx(&mx_of(d), &[]);

    // Two domains on one host: one probe, two verdicts.
    for d in ["lab-shared-one.com", "lab-shared-two.com"] {
        w.zone(d, None);
        w.mx(d, &[(10, "mx2.lab-plain-hoster.com")]);
        let listed = if d == "lab-shared-one.com" { "mx2.lab-plain-hoster.com" } else { "*.lab-plain-hoster.com" };
        w.policy(d, &policy("enforce", &[listed]))?;
        w.expect(d, "two domains share a host", &[OPEN, ENFORCED], &[]);
        w.expect_mx("mx2.lab-plain-hoster.com", IN_POLICY);
    }
    w.good_host("mx2.lab-plain-hoster.com")?;
    Ok(())
}

fn failures(w: &mut World) {
    for (d, about, fault, word) in [
        ("lab-mx-servfail.com", "SERVFAIL for MX", Fault::Servfail, "servfail"),
        ("lab-mx-refused.com", "REFUSED for MX", Fault::Refused, "refused"),
        ("lab-mx-timeout.com", "no answer for MX", Fault::Silent, "dns-timeout"),
    ] {
        w.zone(d, None);
        w.fault(d, Kind::MX, fault);
        w.expect(d, about, &[MX_FAILED], &[]);
        if word == "servfail" {
            // Others come through a resolver in between as SERVFAIL, or not at all.
            w.expect_domain(&[("mx_error", word)]);
        }
    }
}

fn families(w: &mut World) -> Result<(), LabError> {
    if w.vantage.ipv6_loopback && w.vantage.ipv6_route {
        // Both families at one host; and a policy host with IPv6 alone.
        let d = "lab-dual-stack.com";
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        let chain = w.good_host(&mx_of(d))?;
        w.address(&mx_of(d), Ipv6Addr::LOCALHOST.into());
        w.smtp.push((Ipv6Addr::LOCALHOST.into(), Server::good(Chains::always(chain))));
        w.sts_record(d);
        let host = "mta-sts.lab-dual-stack.com";
        w.address(host, Ipv6Addr::LOCALHOST.into());
        let chains = Chains::always(w.pki.issue(&Leaf::good(host))?);
        let page = Page::Serves(policy("enforce", &[&mx_of(d)]).into_bytes());
        w.policy_server_on(Ipv6Addr::LOCALHOST.into(), host, chains, Door::Opens, page);
        w.expect(d, "both families, and a policy host with IPv6 alone", &[OPEN, ENFORCED], &[]);
        w.expect_mx(&mx_of(d), IN_POLICY);
    }
    if !w.vantage.ipv6_route {
        // Walked by hand, where there is no IPv6: nothing is sent to these addresses.
        // "A family without a route from this vantage takes no part."
        let d = "lab-no-route-dual.com";
        ordinary(w, d)?;
        w.address(&mx_of(d), UNALLOCATED.into());
        w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
        w.expect(d, "dual stack, seen without a route for IPv6", &[OPEN, ENFORCED], &[]);
        w.expect_mx(&mx_of(d), IN_POLICY);

        // "When the reason is ours (…, `no-route-for-family`): `unknown`"; "policy `unknown`: `indeterminate`".
        let d = "lab-no-route-policy.com";
        ordinary(w, d)?;
        w.sts_record(d);
        w.address("mta-sts.lab-no-route-policy.com", UNALLOCATED.into());
        let unknown: &[Cell] = &[
            ("sts_record", "valid"),
            ("sts_policy", "unknown"),
            ("sts_verdict", "indeterminate"),
            ("sts_verdict_primary", "indeterminate"),
            ("sts_failure", "no-route-for-family"),
            ("sts_failure_stage", "*"),
            ("protection_mta_sts", "*"),
            ("protection_both", "*"),
        ];
        w.expect(d, "a policy host with IPv6 alone, without a route", &[OPEN], unknown);
        w.expect_mx(&mx_of(d), &[]);

        // "`indeterminate` when some host … was … without a route".
        let d = "lab-no-route-mx.com";
        w.zone(d, None);
        w.mx(d, &[(10, &mx_of(d))]);
        w.address(&mx_of(d), UNALLOCATED.into());
        w.expect(d, "a host with IPv6 alone, without a route", &[OPEN, INDETERMINATE_OUTCOMES], &[]);
        w.expect_mx(&mx_of(d), UNDECIDED);
        w.expect_endpoint(&mx_of(d), &[("error", "no-route-for-family")]);
    }
    Ok(())
}

fn tlsrpt(w: &mut World) -> Result<(), LabError> {
    // "Records that begin `v=TLSRPTv1;`; more than one `multiple`; `rua` of one or more `mailto:` or `https:` URIs".
    let rows: &[(&str, &'static str, &[&str], &'static str)] = &[
        ("lab-tlsrpt-v2.com", "TLSRPT of another version alone", &["v=TLSRPTv2;"], "absent"),
        (
            "lab-tlsrpt-slashes.com",
            "TLSRPT to mailto://",
            &["v=TLSRPTv1; rua=mailto://a@lab-tlsrpt-slashes.com"],
            "invalid",
        ),
        (
            "lab-tlsrpt-multiple.com",
            "two TLSRPT records",
            &["v=TLSRPTv1; rua=mailto:a@lab-tlsrpt-multiple.com", "v=TLSRPTv1; rua=mailto:b@lab-tlsrpt-multiple.com"],
            "multiple",
        ),
        ("lab-tlsrpt-no-rua.com", "TLSRPT without rua", &["v=TLSRPTv1;"], "invalid"),
        ("lab-tlsrpt-ftp.com", "TLSRPT by ftp", &["v=TLSRPTv1; rua=ftp://lab-tlsrpt-ftp.com/"], "invalid"),
        ("lab-tlsrpt-unrelated.com", "something else at _smtp._tls", &["v=spf1 -all"], "absent"),
    ];
    for (d, about, texts, word) in rows {
        ordinary(w, d)?;
        texts.iter().for_each(|text| w.txt(&format!("_smtp._tls.{d}"), text));
        w.expect(d, about, &[OPEN], &[("tlsrpt", word)]);
    }
    let d = "lab-tlsrpt-servfail.com";
    ordinary(w, d)?;
    w.fault("_smtp._tls.lab-tlsrpt-servfail.com", Kind::TXT, Fault::Servfail);
    w.expect(d, "SERVFAIL for _smtp._tls", &[OPEN], &[("tlsrpt", "error")]);
    Ok(())
}

fn opted_out(w: &mut World) -> Result<(), LabError> {
    // "what it suppressed is in the data as `opted-out` with nothing else about them".
    let d = "lab-opted-out.com";
    ordinary(w, d)?;
    w.policy(d, &policy("enforce", &[&mx_of(d)]))?;
    w.opt_out.push(d.to_owned());
    let unknown = [("mx_status", "opted-out"), ("sts_record", "unknown"), ("sts_policy", "*"), ("tlsrpt", "*")];
    w.expect(d, "the domain is on the opt-out list", &[MX_FAILED, &unknown], &[]);

    // A host on the list: "undecided", and "the reason is ours": `indeterminate`.
    let d = "lab-opted-out-host.nl";
    w.zone(d, Some(signed()));
    w.mx(d, &[(10, &mx_of(d))]);
    let chain = w.good_host(&mx_of(d))?;
    w.tlsa(&mx_of(d), 3, 1, 1, chain.leaf()?);
    w.opt_out.push(format!("mx:{}", mx_of(d)));
    let cells = [
        ("dane_verdict", "indeterminate"),
        ("dane_verdict_primary", "indeterminate"),
        ("protection_dane", "indeterminate"),
        ("protection_both", "indeterminate"),
    ];
    w.expect(d, "the host is on the opt-out list", &[OPEN, INDETERMINATE_OUTCOMES], &cells);
    let unknown = [("dane", "unknown"), ("dane_host", "unknown")];
    w.expect_mx(&mx_of(d), &[UNDECIDED, &unknown].concat());

    // A network on the list: the host is looked up and not contacted; TLSA in the zone is known.
    let d = "lab-opted-out-net.com";
    w.zone(d, None);
    w.mx(d, &[(10, &mx_of(d))]);
    w.address(&mx_of(d), [127, 77, 7, 7].into());
    w.opt_out.push("127.77.7.0/24".to_owned());
    w.expect(d, "the host's network is on the opt-out list", &[OPEN, INDETERMINATE_OUTCOMES], &[]);
    w.expect_mx(&mx_of(d), UNDECIDED);
    w.expect_endpoint(&mx_of(d), &[("stage", "skipped"), ("error", "opted-out")]);

    // The policy host's: "When the reason is ours (`opted-out`, …): `unknown`."
    let d = "lab-opted-out-policy.com";
    ordinary(w, d)?;
    w.sts_record(d);
    w.address("mta-sts.lab-opted-out-policy.com", [127, 77, 7, 8].into());
    let unknown: &[Cell] = &[
        ("sts_record", "valid"),
        ("sts_policy", "unknown"),
        ("sts_verdict", "indeterminate"),
        ("sts_verdict_primary", "indeterminate"),
        ("sts_failure", "opted-out"),
        ("sts_failure_stage", "*"),
        ("protection_mta_sts", "*"),
        ("protection_both", "*"),
    ];
    w.expect(d, "the policy host's network is on the opt-out list", &[OPEN], unknown);
    w.expect_mx(&mx_of(d), &[]);
    Ok(())
}
