"""In whose network things are, by a table that the user brings; and what software greets."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import duckdb
import netaddr
import polars as pl
import pytest
from mmdb_writer import MMDBWriter
from world import World, rows

from mxcensus_analysis import Census, NetworksError
from mxcensus_analysis.networks import reader
from mxcensus_analysis.software import fits, known

TABLE = "prefix,asn,country\n192.0.2.0/24,64500,NL\n192.0.2.128/25,AS64501,de\n2001:db8::/32,64502,NL\n198.51.100.0/24,,SE\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "networks.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture
def places(world: World) -> World:
    """a.nl has its mail in two networks, b.nl in one, c.nl in an unknown one; policies stand in 192.0.2.0/24, one elsewhere."""
    for domain in ("a.nl", "b.nl", "c.nl"):
        world.domain(domain, sts_record="valid", sts_policy="unfetchable" if domain == "a.nl" else "valid")
        world.mx(domain, f"mx.{domain}")
    world.endpoint("mx.a.nl", "192.0.2.1", starttls=True, tls_version="TLSv1.3")
    world.endpoint("mx.a.nl", "2001:db8::1", stage="ehlo", starttls=False)
    world.endpoint("mx.b.nl", "192.0.2.200", stage="connect")
    world.endpoint("mx.c.nl", "203.0.113.1", starttls=True, tls_version="TLSv1.2")
    world.policy("a.nl", policy_ip="192.0.2.7")
    world.policy("b.nl", policy_addresses=["192.0.2.9", "198.51.100.1"])
    world.policy("c.nl", policy_ip="203.0.113.9")
    return world


def test_mail_by_network(places: World, table: Path) -> None:
    census = Census.open(places.write(), networks=table)
    columns = ("place", "count", "n", "hosts", "addresses", "answered", "without_tls", "unjudged")
    assert rows(census.ask("mx_networks"), *columns) == [
        ("AS64500", 1, 2, 1, 1, 1, 0, 1),
        ("AS64501", 1, 2, 1, 1, 0, 0, 1),
        ("AS64502", 1, 2, 1, 1, 1, 1, 1),
    ]
    assert rows(census.ask("mx_networks", by="country"), "place", "count", "n") == [("DE", 1, 2), ("NL", 1, 2)]
    assert census.sql("SELECT count(*) AS k FROM networks WHERE asn IS NOT NULL")["k"][0] == 5


def test_policy_hosts_by_network(places: World, table: Path) -> None:
    census = Census.open(places.write(), networks=[table])
    assert rows(census.ask("policy_networks"), "place", "count", "n", "failing", "unjudged") == [("AS64500", 2, 2, 1, 1)]
    assert rows(census.ask("policy_networks", by="country"), "place", "count", "n") == [("NL", 2, 2)]


def test_without_a_table_it_says_what_is_missing(places: World, tmp_path: Path) -> None:
    census = places.census()
    for name in ("mx_networks", "policy_networks"):
        with pytest.raises(NetworksError, match=r"networks=FILE"):
            census.ask(name)
    bad = tmp_path / "bad.csv"
    for text, said in (
        ("prefix,asn\n", "no column country"),
        ("prefix,asn,country\n192.0.2.1/24,1,NL\n", "host bits"),
        ("", "cannot be read"),
    ):
        bad.write_text(text, encoding="utf-8")
        with pytest.raises(NetworksError, match=said):
            Census.open(places.folder, networks=bad).ask("mx_networks")
    with pytest.raises(NetworksError, match="no such file"):
        Census.open(places.folder, networks=tmp_path / "none.mmdb").ask("mx_networks")
    (tmp_path / "no.mmdb").write_bytes(b"not a database")
    with pytest.raises(NetworksError, match=r"no\.mmdb"):
        Census.open(places.folder, networks=tmp_path / "no.mmdb").ask("mx_networks")


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"autonomous_system_number": 64500, "autonomous_system_organization": "X"}, (64500, None)),
        ({"country": {"iso_code": "NL"}}, (None, "NL")),
        ({"asn": "AS64500", "country_code": "NL", "country": "Netherlands"}, (64500, "NL")),
        ({"asn": "", "country": "NL"}, (None, "NL")),
        ({"asn": "AS0", "country": "none"}, (None, None)),
    ],
)
def test_databases_in_maxminds_format(tmp_path: Path, record: dict[str, object], place: tuple[int | None, str | None]) -> None:
    path = tmp_path / "made.mmdb"
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True)
    writer.insert_network(netaddr.IPSet(["192.0.2.0/24"]), record)
    writer.to_db_file(str(path))
    lookup = reader(path)
    assert lookup("192.0.2.1") == place
    assert lookup("198.51.100.1") == (None, None)
    assert lookup("2001:db8::1") == (None, None)
    assert lookup("no address") == (None, None)


def test_the_longest_prefix_counts_and_parquet_is_the_same(table: Path, tmp_path: Path) -> None:
    other = tmp_path / "networks.parquet"
    pl.read_csv(table, infer_schema=False).write_parquet(other)
    for lookup in (reader(table), reader(other)):
        assert [lookup(ip) for ip in ("192.0.2.127", "192.0.2.128", "2001:db8:1::1", "198.51.100.7", "192.0.3.1", "::1", "x")] == [
            (64500, "NL"),
            (64501, "DE"),
            (64502, "NL"),
            (None, "SE"),
            (None, None),
            (None, None),
            (None, None),
        ]


GREETINGS = [(entry.name, text) for entry in known() for text in entry.examples]


@pytest.mark.parametrize(("name", "text"), GREETINGS)
def test_every_example_is_of_its_software_alone(name: str, text: str) -> None:
    query = f"SELECT {fits('banner', 'capabilities')} AS fits FROM (SELECT $text AS banner, NULL::VARCHAR[] AS capabilities)"
    assert duckdb.execute(query, {"text": text}).fetchone() == ([name],)


@pytest.mark.parametrize(("name", "text"), [(entry.name, text) for entry in known() for text in entry.others])
def test_what_merely_looks_like_it_is_not(name: str, text: str) -> None:
    query = f"SELECT {fits('banner', 'capabilities')} AS fits FROM (SELECT $text AS banner, NULL::VARCHAR[] AS capabilities)"
    found = duckdb.execute(query, {"text": text}).fetchone()
    assert found is not None
    assert name not in found[0]


def test_software(world: World) -> None:
    """Two Postfix hosts, one without STARTTLS; an Exchange known by its EHLO alone; one that says both; one silent."""
    table = [
        ("a", "a.nl ESMTP Postfix", [], {"pkix": "valid"}),
        ("b", "b.nl ESMTP Postfix", [], {"starttls": "not-offered"}),
        ("c", "c.nl ESMTP", ["SIZE 1", "X-ANONYMOUSTLS", "X-EXPS NTLM"], {"pkix": "cert-expired"}),
        ("d", "d.nl ESMTP Postfix", ["X-EXPS GSSAPI"], {"pkix": "valid"}),
        ("e", None, None, {"decided": False, "starttls": "unknown"}),
    ]
    for name, banner, capabilities, judged in table:
        world.domain(f"{name}.nl")
        world.mx(f"{name}.nl", f"mx.{name}.nl", **judged)
        world.endpoint(f"mx.{name}.nl", banner=banner, ehlo_capabilities=capabilities)
    census = world.census()
    columns = ("software", "count", "n", "no_starttls", "starttls_fails", "bad_certificate", "domains", "unjudged")
    assert rows(census.ask("software_failures"), *columns) == [
        ("Postfix", 1, 2, 1, 0, 0, 2, 1),
        ("Microsoft Exchange", 1, 1, 0, 0, 1, 1, 1),
        ("unsure", 0, 1, 0, 0, 0, 1, 1),
    ]
    named = census.sql("SELECT host, mx_software FROM mx_software ORDER BY host")
    assert named["mx_software"].to_list() == ["Postfix", "Postfix", "Microsoft Exchange", None, None]


BINARY = os.environ.get("MXCENSUS")


@pytest.mark.skipif(BINARY is None, reason="MXCENSUS names no program: the made world is not asked")
def test_the_made_world(tmp_path: Path) -> None:
    """Its truth follows from how it was made: modern servers in 127.64.0.0/10 and up, greetings by the last octet, customers' zones at their providers."""
    assert BINARY is not None
    folder = tmp_path / "world"
    subprocess.run(
        [BINARY, "sample", "--domains", "3000", "--seed", "5", "--adoption", "60", "--out", str(folder)],
        check=True,
        capture_output=True,
        timeout=1800,
    )
    table = tmp_path / "networks.csv"
    table.write_text(
        "prefix,asn,country\n127.0.0.0/10,64500,NL\n127.64.0.0/10,64501,DE\n127.128.0.0/9,64502,SE\n::1/128,64503,SE\n", encoding="utf-8"
    )
    census = Census.open(folder, networks=table)
    mail = census.ask("mx_networks", by="country")
    told = {row["place"]: row["count"] for row in mail.frame.iter_rows(named=True)}
    query = """
        SELECT DISTINCT m.domain, e.ip FROM mx_verdicts m JOIN endpoints e USING (host)
        JOIN verdicts v USING (domain) WHERE v.mx_status IN ('present', 'implicit', 'null-mixed')
    """
    expected: dict[str, set[str]] = {}
    for domain, ip in census.sql(query).iter_rows():
        country = "SE" if ":" in ip or int(ip.split(".")[1]) >= 128 else "DE" if int(ip.split(".")[1]) >= 64 else "NL"
        expected.setdefault(country, set()).add(domain)
    assert told == {country: len(domains) for country, domains in expected.items()}
    assert set(told) == {"NL", "DE", "SE"}
    assert mail.frame["unjudged"][0] == 0
    assert census.ask("policy_networks").frame["n"][0] > 50

    for software, remainder in (("Postfix", 0), ("Exim", 1)):
        by_octet = census.sql(
            "SELECT banner, ip, mx_software FROM endpoints JOIN mx_software USING (host, server_name, ip, port) WHERE starttls IS NOT NULL"
        )
        for _, ip, found in by_octet.iter_rows():
            if ":" not in ip:
                assert (found == software) == (int(ip.rsplit(".")[-1]) % 4 == remainder), ip
    assert {"Postfix", "Exim", "unsure"} == set(census.ask("software_failures").frame["software"])

    operators = census.ask("dnssec_operators", limit=1000)
    secure = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["verdicts"]["mx_dnssec"]
    bogus = operators.frame["bogus"].sum()
    assert bogus == secure.get("bogus", 0)
    assert operators.one("share", operator="nameharbour.net-lab") > operators.one("share", operator="dnsbeacon.com-lab")
    # A provider that hosts its customers' zones signs what the world says it signs.
    assert operators.one("share", operator="onehost.se-lab") > 0.5
    assert {"third-party", "self"} <= set(census.ask("dane_dns", third_party_min=10).frame["mail"])
    assert "same" in set(census.ask("dane_dns", third_party_min=10).frame["dns"])
    # Providers run the zones of their hosts: those that sign and have TLSA at a part of their hosts are the ones to be told.
    assert "webhotel.nl-lab" in set(census.ask("signed_without_tlsa").frame["operator"])
    failing = census.ask("tlsa_name_servers", limit=1000).frame
    in_world = census.sql(
        "SELECT count(DISTINCT host) AS k FROM mx_hosts WHERE len(list_filter(tlsa_lookups, lambda l: l.error = 'servfail')) > 0"
    )["k"][0]
    assert failing["count"].sum() == in_world
