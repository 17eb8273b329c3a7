"""Who runs the DNS, and what that means for DNSSEC and DANE."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from world import World, rows

from mxcensus_analysis import Census


def zone(operator: str | None, state: str = "secure", *, signed: bool | None = None) -> dict[str, object]:
    """Columns of a domain or of a host whose name servers are the operator's."""
    return {
        "ns_status": "found",
        "ns_dnssec": state,
        "zone_signed": state != "insecure" if signed is None else signed,
        "dns_operator": operator,
    }


def dane(world: World, domain: str, provider: str, operator: str | None, verdict: str = "pass") -> None:
    world.domain(domain, provider=provider, dane_verdict=verdict, seen=zone(operator))


def test_dane_by_who_runs_mail_and_dns(world: World) -> None:
    """big.net runs mail and DNS for four domains and only the mail of two, whose DNS is with dns.org; own.nl does all itself."""
    for index in range(4):
        dane(world, f"a{index}.nl", "big.net", "big.net", "fail" if index == 0 else "pass")
    dane(world, "b0.nl", "big.net", "dns.org", "fail")
    dane(world, "b1.nl", "big.net", "dns.org", "lookup-failed")
    dane(world, "b2.nl", "big.net", "b2.nl")
    dane(world, "own.nl", "own.nl", "own.nl", "partial")
    dane(world, "half.nl", "half.nl", "dns.org", "indeterminate")
    dane(world, "unseen.nl", "big.net", None)
    world.domain("unsigned.nl", provider="big.net", dane_verdict="insecure", seen=zone("big.net", "insecure"))
    world.domain("other.nl", provider="big.net", seen=zone("dns.org", "insecure"))
    found = world.census().ask("dane_dns", third_party_min=4, self_max=1)
    assert rows(found, "mail", "dns", "count", "n", "unjudged") == [
        ("self", "self", 1, 1, 0),
        ("self", "third-party", 0, 0, 1),
        ("third-party", "self", 0, 1, 0),
        ("third-party", "same", 1, 4, 0),
        ("third-party", "third-party", 2, 2, 0),
        ("third-party", "unknown", 0, 1, 0),
    ]


def test_dnssec_by_operator(world: World) -> None:
    """signs.net: 3 secure, 1 island. lazy.net: 2 unsigned, 1 broken, 1 not known. Who takes no mail does not count."""
    for index, (operator, state, signed) in enumerate(
        [
            ("signs.net", "secure", True),
            ("signs.net", "secure", True),
            ("signs.net", "secure", True),
            ("signs.net", "insecure", True),
            ("lazy.net", "insecure", False),
            ("lazy.net", "insecure", False),
            ("lazy.net", "indeterminate", None),
        ]
    ):
        world.domain(f"d{index}.nl", seen={**zone(operator, state), "zone_signed": signed})
    world.domain("broken.nl", mx_status="error", seen=zone("lazy.net", "bogus"))
    world.domain("nomail.nl", mx_status="none", seen=zone("lazy.net", "secure"))
    world.domain("unseen.nl", mx_status="error")
    found = world.census().ask("dnssec_operators")
    assert rows(found, "operator", "count", "n", "no_chain", "bogus", "unjudged") == [
        ("lazy.net", 0, 3, 0, 1, 1),
        ("signs.net", 3, 4, 1, 0, 0),
    ]
    assert rows(world.census().ask("dnssec_operators", limit=1), "operator") == [("lazy.net",)]


def lookup(status: str, dnssec: str = "secure", records: int = 0) -> dict[str, object]:
    one = {"usage": 3, "selector": 1, "matching": 1, "data": "00"}
    return {"name": "_25._tcp.x", "status": status, "error": None, "dnssec": dnssec, "ttl": 1, "records": [one] * records}


@pytest.fixture
def hosts(world: World) -> World:
    """signs.net: one host with TLSA, two without, one whose look-up fails with proof. lame.net: unsigned, one look-up fails. mx.none.nl was not seen."""
    table = [
        ("mx1.signs.net", "signs.net", "secure", [lookup("nxdomain"), lookup("found", records=1)], 5),
        ("mx2.signs.net", "signs.net", "secure", [lookup("nodata")], 2),
        ("mx3.signs.net", "signs.net", "secure", [lookup("nxdomain")], 1),
        ("mx4.signs.net", "signs.net", "secure", [lookup("error", "bogus")], 1),
        ("mx1.lame.net", "lame.net", "insecure", [lookup("error", "indeterminate")], 3),
        ("mx2.lame.net", "lame.net", "insecure", [lookup("nxdomain", "insecure")], 1),
        ("mx.none.nl", None, "insecure", [lookup("error", "indeterminate")], 1),
    ]
    for host, operator, state, lookups, domains in table:
        world.host(host, tlsa_lookups=lookups, a_dnssec=state, **zone(operator, state))
        for index in range(domains):
            world.domain(f"{index}.{host}")
            world.mx(f"{index}.{host}", host)
    world.host("gone.signs.net", host_status="nxdomain")
    return world


def test_who_signs_and_publishes_no_tlsa(hosts: World) -> None:
    found = hosts.census().ask("signed_without_tlsa")
    assert rows(found, "operator", "count", "n", "domains", "unjudged") == [("signs.net", 2, 3, 3, 1)]


def test_whose_name_servers_fail_on_tlsa(hosts: World) -> None:
    found = hosts.census().ask("tlsa_name_servers")
    assert rows(found, "operator", "count", "n", "bogus", "refused", "domains", "unjudged") == [
        ("lame.net", 1, 2, 0, 0, 3, 1),
        ("signs.net", 1, 4, 1, 1, 1, 1),
    ]


def test_a_crawl_of_an_older_version_was_not_asked(hosts: World) -> None:
    folder = hosts.write()
    for table in ("domains", "mx_hosts", "certificates"):
        path = folder / table / "w1-1-1.parquet"
        held = pq.read_table(path)
        pq.write_table(
            held.drop([name for name in held.schema.names if name in ("dns_operator", "ns_dnssec", "zone_signed", "embedded_scts")]), path
        )
    census = Census.open(folder)
    assert rows(census.ask("dnssec_operators"), "operator") == []
    assert rows(census.ask("signed_without_tlsa"), "operator") == []
