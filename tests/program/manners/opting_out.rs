//! The opt-out list: nobody on it is asked for or contacted, by whichever way one would come to them.

use std::net::IpAddr;

use mxcensus_dataset::Dataset;
use mxcensus_lab::pki::Leaf;
use mxcensus_lab::smtp::Server;
use mxcensus_lab::tls::Chains;
use mxcensus_rules::failure::Failure;
use mxcensus_rules::observation::{DomainRow, EndpointStage, HostStatus, MxHostRow, MxStatus, PolicyRow, PolicyStage};

use super::support::{Counted, QUICK, Scanned, list, rows, start, wait_until, world};

/// A domain row that says nothing but that it was left alone.
fn is_blank(row: &DomainRow) -> bool {
    let texts = [&row.sts_txt, &row.tlsrpt_txt, &row.spf_txt, &row.dmarc_txt];
    row.mx_status == MxStatus::OptedOut
        && row.mx.is_none()
        && row.mx_cnames.is_none()
        && texts.iter().all(|t| t.is_none())
}

fn assert_left_alone(scanned: &Scanned, host: &str) {
    let hosts: Vec<MxHostRow> = rows(&scanned.dir);
    let row = hosts.iter().find(|row| row.host == host).expect("a row");
    assert_eq!((row.host_status, &row.addresses, &row.cnames), (HostStatus::OptedOut, &None, &None), "{host}");
    assert!(row.tlsa_lookups.is_none());
    assert!(scanned.endpoints.iter().all(|row| row.host != host), "{host}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_on_the_list_is_asked_for_or_contacted() {
    let mut w = world();
    let away = |last: u8| -> IpAddr { [127, 77, 0, last].into() };
    // The domain; a name below the suffix; another name for the domain.
    list(&mut w, "gone.com", &[(10, "mx.gone.com")]);
    w.sts_record("gone.com");
    list(&mut w, "a.suffix.com", &[(10, "mx.elsewhere.com")]);
    list(&mut w, "alias.com", &[]);
    w.alias("alias.com", "gone.com");
    // A domain of which only the organisational domain is on the list.
    list(&mut w, "sub.gone.com", &[(10, "mx.sub-host.com")]);
    w.address("mx.sub-host.com", away(9));
    // The MX host; one below an MX suffix; a host that is another name for one.
    for (domain, host) in
        [("host.com", "mx.left-alone.com"), ("below.com", "mx1.provider-out.com"), ("cname.com", "mx.cname.com")]
    {
        list(&mut w, domain, &[(10, host)]);
    }
    w.address("mx.left-alone.com", away(1));
    w.address("mx1.provider-out.com", away(2));
    w.alias("mx.cname.com", "mx.left-alone.com");
    // A network: of an MX, of a policy host, and one address of two of a policy host.
    list(&mut w, "network.com", &[(10, "mx.network.com")]);
    w.address("mx.network.com", away(3));
    for (domain, addresses) in
        [("policy-network.com", vec![away(4)]), ("policy-half.com", vec![away(5), [127, 78, 0, 1].into()])]
    {
        list(&mut w, domain, &[(0, ".")]);
        w.sts_record(domain);
        addresses.into_iter().for_each(|ip| w.address(&format!("mta-sts.{domain}"), ip));
    }
    // The policy host by name, and one that is another name for one on the list.
    for domain in ["policy-name.com", "policy-alias.com"] {
        list(&mut w, domain, &[(0, ".")]);
        w.sts_record(domain);
    }
    w.address("mta-sts.policy-name.com", away(6));
    w.alias("mta-sts.policy-alias.com", "policies.hosting-out.com");
    w.address("policies.hosting-out.com", away(7));
    let lab = start(w).await;
    std::fs::write(
        lab.lab.dir.join("opt-out.txt"),
        "gone.com\n.suffix.com\nmx:mx.left-alone.com\nmx:.provider-out.com\n127.77.0.0/24\nmta-sts.policy-name.com\n.hosting-out.com\n",
    )
    .unwrap();
    let counted = Counted::default();
    for last in 1..=9 {
        counted.listen(away(last), lab.lab.smtp_port).await;
        counted.listen(away(last), lab.lab.https_port).await;
    }
    let other: IpAddr = [127, 78, 0, 1].into();
    counted.listen(other, lab.lab.https_port).await;
    let limits = QUICK.replace("retry_after_s = [0.1, 0.2]", "retry_after_s = []");
    let scanned = lab.scanned("out", &limits, &[]).await;

    (1..=9).for_each(|last| assert_eq!(counted.seen(away(last)), (0, 0), "{}", away(last)));
    // Whoever says nothing that is TLS is looked at a second time.
    assert!((1..=2).contains(&counted.seen(other).0), "the address that is not on the list");
    let asked = lab.asked.lock().unwrap().clone();
    for name in [
        "gone.com",
        "_mta-sts.gone.com",
        "_dmarc.gone.com",
        "mx.gone.com",
        "mta-sts.gone.com",
        "a.suffix.com",
        "mx.left-alone.com",
        "_25._tcp.mx.left-alone.com",
        "mx1.provider-out.com",
        "mta-sts.policy-name.com",
    ] {
        assert!(!asked.iter().any(|other| other == name), "{name} was asked for");
    }
    assert!(asked.iter().any(|name| name == "sub.gone.com"), "who is not on the list is");

    let domains: Vec<DomainRow> = rows(&scanned.dir);
    for domain in ["gone.com", "a.suffix.com", "alias.com"] {
        assert!(is_blank(domains.iter().find(|row| row.domain == domain).unwrap()), "{domain}");
    }
    let sub = domains.iter().find(|row| row.domain == "sub.gone.com").unwrap();
    assert_eq!((sub.mx_status, sub.dmarc_org_status), (MxStatus::Present, None));
    ["mx.left-alone.com", "mx1.provider-out.com", "mx.cname.com"]
        .iter()
        .for_each(|host| assert_left_alone(&scanned, host));
    for ip in [away(3), away(9)] {
        let [row] = scanned.at(ip)[..] else { panic!("one row at {ip}") };
        assert_eq!((row.stage, row.error, row.connections), (EndpointStage::Skipped, Some(Failure::OptedOut), 0));
        assert!(row.attempt_log.is_empty());
    }
    let policies: Vec<PolicyRow> = rows(&scanned.dir);
    for domain in ["policy-network.com", "policy-name.com", "policy-alias.com"] {
        let row = policies.iter().find(|row| row.domain == domain).unwrap();
        assert_eq!((row.policy_stage, row.policy_error), (PolicyStage::Skipped, Some(Failure::OptedOut)), "{domain}");
        assert!(row.policy_ip.is_none() && row.policy_body.is_none());
        assert_eq!(scanned.verdict(domain).sts_policy.word(), "unknown", "a reason of ours is no verdict about them");
    }
    assert!(
        policies.iter().all(|row| row.domain != "gone.com"),
        "the policy of a domain on the list is not even named"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_reread_in_the_middle_of_a_crawl() {
    let mut w = world();
    let chain = w.pki.issue(&Leaf::good("x.example")).unwrap();
    let ip = w.unnamed_server(Server::good(Chains::always(chain)));
    for n in 0..30 {
        let host = format!("mx{n}.crowd.com");
        list(&mut w, &format!("domain{n}.com"), &[(10, &host)]);
        w.address(&host, ip);
    }
    let lab = start(w).await;
    let list = lab.lab.dir.join("opt-out.txt");
    std::fs::write(&list, "# nobody yet\n").unwrap();
    let limits = QUICK.replace("address_spacing_s = 0.005", "address_spacing_s = 1.0");
    let log = lab.path("log");
    let log_file = log.to_str().unwrap();
    let scan = lab.scan("out", &limits, &["--log", "info", "--log-file", log_file]).spawn().unwrap();
    // All names are looked up in the first moments, and most of them wait: the last for half a minute.
    wait_until("all are looked up", || {
        lab.asked.lock().unwrap().iter().filter(|name| name.starts_with("_25._tcp.")).count() >= 30
    })
    .await;
    let is_said = |what: &str| std::fs::read_to_string(&log).is_ok_and(|log| log.contains(what));
    // A slip leaves the list as it is; then one host, and the address of all.
    let hang_up = |text: &str| {
        std::fs::write(&list, text).unwrap();
        let pid = scan.id().expect("it runs").to_string();
        assert!(std::process::Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    };
    hang_up("not a name\n");
    wait_until("the slip is seen", || is_said("stays as it was")).await;
    hang_up(&format!("{ip}\n"));
    let output = scan.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", super::support::text(&output));
    let scanned = Scanned::read(&lab.path("out"), output);
    let manifest = Dataset::open(&scanned.dir).and_then(|dataset| dataset.manifest()).unwrap();
    let in_force = manifest.runs[0].opt_out.as_ref().expect("a list");
    assert_eq!(in_force.entries, 1, "the one that took the place of the first");
    let kept = std::fs::read(scanned.dir.join("input/opt-out.txt")).unwrap();
    assert_eq!(in_force.sha256, hex::encode(ring::digest::digest(&ring::digest::SHA256, &kept)));
    let rows = scanned.at(ip);
    let contacted = rows.iter().filter(|row| row.connections > 0).count();
    assert_eq!(rows.len(), 30);
    assert!((1..30).contains(&contacted), "{contacted} before the list was reread");
    for row in rows.iter().filter(|row| row.connections == 0) {
        assert_eq!((row.stage, row.error), (EndpointStage::Skipped, Some(Failure::OptedOut)));
    }
    assert!(is_said("was reread"), "{}", scanned.output);
}
