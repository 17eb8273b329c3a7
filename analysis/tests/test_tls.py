"""TLS, certificates and the MX hosts themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from world import World, rows

START = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def servers(world: World) -> World:
    """mx.a serves two domains with TLS 1.3 on one address and 1.2 on the other; mx.b was only seen by the second look; mx.c failed; mx.d has none."""
    for domain, host in (("a.nl", "mx.a.nl"), ("guest.nl", "mx.a.nl"), ("b.nl", "mx.b.nl"), ("c.nl", "mx.c.nl"), ("d.nl", "mx.d.nl")):
        world.domain(domain)
        world.mx(domain, host)
    world.endpoint("mx.a.nl", "192.0.2.1", starttls=True, tls_version="TLSv1.3", key_exchange="X25519MLKEM768", chain=["aa", "ca"])
    world.endpoint("mx.a.nl", "192.0.2.2", starttls=True, tls_version="TLSv1.2", key_exchange="X25519", chain=["bb"])
    world.endpoint(
        "mx.b.nl", starttls=True, stage="tls", error="tls-version", legacy_version="TLSv1.0", legacy_key_exchange="rsa", legacy_chain=["cc"]
    )
    world.endpoint("mx.c.nl", starttls=True, stage="tls", error="tls-timeout")
    world.endpoint("mx.d.nl", starttls=False, stage="ehlo", error="starttls-not-offered")
    world.domain("p.nl", sts_record="valid")
    world.policy("p.nl", policy_tls_version="TLSv1.3", policy_chain=["aa"])
    world.policy("q.nl", policy_stage="tls", policy_error="tls-timeout")
    days = {"aa": 90, "bb": 365, "cc": 4000}
    for name, key, bits, issuer, self_signed in (
        ("aa", "ecdsa", 256, r"CN=R10,O=Let\, Encrypt,C=US", False),
        ("bb", "rsa", 2048, "O=DigiCert Inc,C=US", False),
        ("cc", "rsa", 1024, "CN=mx", True),
    ):
        world.certificate(
            name,
            key_type=key,
            key_bits=bits,
            issuer=issuer,
            self_signed=self_signed,
            not_before=START,
            not_after=START + timedelta(days=days[name]),
            signature_algorithm=f"sha256-{key}",
        )
    return world  # fmt: skip


def test_tls_versions(servers: World) -> None:
    assert rows(servers.census().ask("tls_versions"), "side", "version", "count", "n", "domains", "unjudged") == [
        ("mx", "TLSv1.2", 1, 2, 2, 1),
        ("mx", "TLSv1.0", 1, 2, 1, 1),
        ("policy", "TLSv1.3", 1, 1, 1, 1),
    ]


def test_key_exchange(servers: World) -> None:
    assert rows(servers.census().ask("key_exchange"), "key_exchange", "post_quantum", "count", "n", "domains", "unjudged") == [
        ("X25519", False, 1, 2, 2, 1),
        ("X25519MLKEM768", True, 1, 2, 2, 1),
        ("rsa", False, 1, 2, 1, 1),
    ]


def test_certificates(servers: World) -> None:
    census = servers.census()
    assert rows(census.ask("keys"), "side", "key_type", "key_bits", "count", "n", "domains") == [
        ("mx", "ecdsa", 256, 1, 2, 2),
        ("mx", "rsa", 1024, 1, 2, 1),
        ("mx", "rsa", 2048, 1, 2, 2),
        ("policy", "ecdsa", 256, 1, 1, 1),
    ]
    assert rows(census.ask("issuers"), "side", "issuer", "count") == [
        ("mx", "DigiCert Inc", 1),
        ("mx", r"Let\, Encrypt", 1),
        ("mx", "self-signed", 1),
        ("policy", r"Let\, Encrypt", 1),
    ]
    assert rows(census.ask("signature_algorithms"), "side", "signature_algorithm", "count", "n") == [
        ("mx", "sha256-rsa", 2, 2),
        ("mx", "sha256-ecdsa", 1, 2),
        ("policy", "sha256-ecdsa", 1, 1),
    ]
    assert rows(census.ask("certificate_lifetimes"), "side", "validity", "count", "n") == [
        ("mx", "11 to 100 days", 1, 2),
        ("mx", "201 to 398 days", 1, 2),
        ("mx", "over 3 years", 1, 2),
        ("policy", "11 to 100 days", 1, 1),
    ]


def test_a_certificate_that_could_not_be_read_is_not_judged(world: World) -> None:
    world.domain("a.nl")
    world.mx("a.nl", "mx.a.nl")
    world.endpoint("mx.a.nl", chain=["xx"])
    world.endpoint("mx.a.nl", "192.0.2.2", chain=["yy"])
    world.mx("a.nl", "mx.b.nl")
    world.endpoint("mx.b.nl", chain=["xx"])
    world.certificate("xx", parse_error="not DER")
    world.certificate("yy", key_type="rsa", key_bits=2048)
    assert rows(world.census().ask("keys"), "key_type", "count", "n", "unjudged") == [("rsa", 1, 1, 1)]


def test_mx_certificates_and_starttls(world: World) -> None:
    for index, (pkix, starttls, decided) in enumerate(
        [
            ("valid", "offered", True),
            ("cert-self-signed", "offered", True),
            (None, "not-offered", True),
            (None, "failed", True),
            (None, "unknown", False),
        ]
    ):
        world.domain(f"d{index}.nl")
        world.mx(f"d{index}.nl", f"mx{index}.nl", pkix=pkix, starttls=starttls, decided=decided)
    world.endpoint("mx3.nl", stage="tls", error="anonymous-tls", starttls=True)
    world.domain("guest.nl")
    world.mx("guest.nl", "mx0.nl", pkix="valid")
    census = world.census()
    assert rows(census.ask("mx_certificates"), "certificate", "count", "n", "domains", "unjudged") == [
        ("anonymous-tls", 1, 4, 1, 1),
        ("cert-self-signed", 1, 4, 1, 1),
        ("no-tls", 1, 4, 1, 1),
        ("valid", 1, 4, 2, 1),
    ]
    assert rows(census.ask("starttls"), "starttls", "count", "n", "domains", "unjudged") == [
        ("offered", 2, 4, 3, 1),
        ("failed", 1, 4, 1, 1),
        ("not-offered", 1, 4, 1, 1),
    ]


def test_mx_defects(world: World) -> None:
    hosts = {
        "good.nl": {},
        "alias.nl": {"cnames": [{"target": "real.nl", "dnssec": "insecure"}]},
        "192.0.2.1": {"host_status": "address-literal"},
        "gone.nl": {"host_status": "nxdomain"},
        "failed.nl": {"host_status": "error"},
        "loop.nl": {},
    }
    for index, (host, values) in enumerate(hosts.items()):
        world.host(host, **values)
        world.domain(f"d{index}.nl", mx_status="null-mixed" if host == "good.nl" else "present")
        world.mx(f"d{index}.nl", host)
    world.endpoint("loop.nl", "127.0.0.1", stage="connect", error="special-address")
    world.domain("unknown.nl", mx_status="error")
    assert rows(world.census().ask("mx_defects"), "defect", "count", "n", "domains", "unjudged") == [
        ("address-literal", 1, 5, 1, 1),
        ("alias", 1, 5, 1, 1),
        ("null-mixed", 1, 6, 1, 1),
        ("nxdomain", 1, 5, 1, 1),
        ("special-address", 1, 5, 1, 1),
    ]


def test_ipv6(world: World) -> None:
    """both.nl answers over both; four.nl is IPv4 only; silent6.nl does not answer over IPv6; down.nl over neither."""
    hosts = {"both.nl": (True, True), "four.nl": (None, True), "silent6.nl": (False, True), "down.nl": (False, False)}
    for host, (six, four) in hosts.items():
        world.host(host, addresses=["192.0.2.1", *(["2001:db8::1"] if six is not None else [])])
        world.endpoint(host, "192.0.2.1", stage="done" if four else "connect")
        if six is not None:
            world.endpoint(host, "2001:db8::1", stage="done" if six else "connect")
    world.host("failed.nl", host_status="error")
    for domain, mx in (("a.nl", ["both.nl"]), ("b.nl", ["both.nl", "four.nl"]), ("c.nl", ["four.nl"]), ("d.nl", ["failed.nl"])):
        world.domain(domain)
        for host in mx:
            world.mx(domain, host)
    world.mx("c.nl", "silent6.nl")
    world.mx("c.nl", "down.nl")
    world.policy("a.nl", policy_addresses=["192.0.2.9", "2001:db8::9"])
    world.policy("b.nl", policy_addresses=["192.0.2.9"])
    world.policy("c.nl", policy_stage="dns", policy_error="servfail")
    assert rows(world.census().ask("ipv6"), "what", "count", "n", "unjudged") == [
        ("domains: every MX host has IPv6", 1, 3, 1),
        ("domains: some MX host has IPv6", 3, 3, 1),
        ("MX hosts with IPv6", 3, 4, 1),
        ("MX hosts: v6 answers too", 1, 2, 1),
        ("policy hosts with IPv6", 1, 2, 1),
    ]


@pytest.fixture
def promising(world: World) -> World:
    """big.net: one host with everything, one with TLS 1.2 and a keyword that only looks like it; old.net: TLS 1.0 by the second look; one without a session."""
    for domain, host, provider in (
        ("a.nl", "mx1.big.net", "big.net"),
        ("b.nl", "mx1.big.net", "big.net"),
        ("c.nl", "mx2.big.net", "big.net"),
        ("d.nl", "mx.old.net", "old.net"),
        ("e.nl", "mx3.big.net", "big.net"),
    ):
        world.domain(domain, provider=provider)
        world.mx(domain, host, provider=provider)
    world.endpoint(
        "mx1.big.net",
        starttls=True,
        banner="mx1.big.net ESMTP Postfix",
        tls_version="TLSv1.3",
        key_exchange="X25519MLKEM768",
        ehlo_tls_capabilities=["SIZE 1", "RequireTLS"],
        chain=["aa"],
    )
    world.endpoint(
        "mx2.big.net",
        starttls=True,
        tls_version="TLSv1.2",
        key_exchange="X25519",
        ehlo_capabilities=["REQUIRETLS"],
        ehlo_tls_capabilities=["XREQUIRETLS"],
        chain=["bb"],
    )
    world.endpoint("mx3.big.net", starttls=True, stage="tls", error="tls-timeout")
    world.endpoint("mx.old.net", starttls=True, stage="tls", error="tls-version", legacy_version="TLSv1.0", legacy_chain=["cc"])
    world.policy("a.nl", policy_chain=["aa"])
    for name, key, days, addresses, scts, own in (
        ("aa", "k1", 6, ["192.0.2.1"], 2, False),
        ("bb", "k1", 90, [], 0, False),
        ("cc", "k1", 10, [], None, True),
    ):
        world.certificate(
            name,
            spki_sha256=key,
            key_type="ecdsa",
            not_before=START,
            not_after=START + timedelta(days=days),
            ip_addresses=addresses,
            embedded_scts=scts,
            self_signed=own,
        )
    return world


@pytest.mark.parametrize(
    ("promise", "told"),
    [
        ("requiretls", [("big.net", 1, 2, 2, 1), ("old.net", 0, 0, 0, 1)]),
        ("tls-1.3", [("big.net", 1, 2, 2, 1), ("old.net", 0, 1, 0, 0)]),
        ("post-quantum", [("big.net", 1, 2, 2, 1), ("old.net", 0, 1, 0, 0)]),
        ("old-tls", [("big.net", 0, 2, 0, 1), ("old.net", 1, 1, 1, 0)]),
    ],
)
def test_promises(promising: World, promise: str, told: list[tuple[object, ...]]) -> None:
    assert rows(promising.census().ask("tls_promises", promise=promise), "who", "count", "n", "domains", "unjudged") == told


def test_promises_by_software(promising: World) -> None:
    found = promising.census().ask("tls_promises", by="software")
    assert rows(found, "who", "count", "n", "unjudged") == [("unsure", 0, 1, 2), ("Postfix", 1, 1, 0)]


def test_special_certificates(promising: World) -> None:
    """Ten days are not under ten; a self-signed leaf is in no log and does not count there."""
    assert rows(promising.census().ask("special_certificates"), "side", "kind", "count", "n", "domains", "unjudged") == [
        ("mx", "under 10 days", 1, 3, 2, 0),
        ("mx", "for an address", 1, 3, 2, 0),
        ("mx", "without SCT", 1, 2, 1, 0),
        ("policy", "under 10 days", 1, 1, 1, 0),
        ("policy", "for an address", 1, 1, 1, 0),
        ("policy", "without SCT", 0, 1, 0, 0),
    ]


def test_shared_keys(promising: World) -> None:
    found = promising.census().ask("shared_keys")
    assert rows(found, "key", "count", "n", "operators", "certificates", "policy_hosts", "domains", "unjudged") == [
        ("k1", 3, 3, 2, 3, 1, 4, 0)
    ]
