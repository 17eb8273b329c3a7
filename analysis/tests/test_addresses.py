"""What differs by the address of a host, and by where one looks from."""

from __future__ import annotations

from typing import Any

import pytest
from world import World, rows

from mxcensus_analysis.report.facts import Facts
from mxcensus_analysis.report.story import tell

DONE: dict[str, Any] = {"stage": "done", "chain": ["aa"]}
BARE: dict[str, Any] = {"stage": "ehlo", "error": "starttls-not-offered"}
SILENT: dict[str, Any] = {"stage": "connect", "error": "connect-timeout"}
SKIPPED: dict[str, Any] = {"stage": "skipped", "error": "no-route-for-family"}


@pytest.fixture
def hosts(world: World) -> World:
    """Each host with its addresses; mixed.nl serves two domains. old.nl was seen by the second look; one.nl has a single address."""
    seen: dict[str, dict[str, dict[str, Any]]] = {
        "good.nl": {"192.0.2.1": DONE, "2001:db8::1": DONE},
        "mixed.nl": {"192.0.2.2": DONE, "192.0.2.3": BARE},
        "leaves.nl": {"192.0.2.4": DONE, "192.0.2.5": {**DONE, "chain": ["bb"]}},
        "six.nl": {"192.0.2.6": DONE, "2001:db8::6": SILENT},
        "four.nl": {"192.0.2.7": BARE, "2001:db8::7": DONE},
        "old.nl": {
            "192.0.2.8": DONE,
            "192.0.2.9": {"stage": "tls", "error": "tls-version", "legacy_version": "TLSv1.0", "legacy_chain": ["aa"]},
        },
        "unrouted.nl": {"192.0.2.10": DONE, "2001:db8::10": SKIPPED},
        "one.nl": {"192.0.2.11": DONE},
    }
    for host, addresses in seen.items():
        world.domain(f"of-{host}")
        world.mx(f"of-{host}", host)
        for ip, how in addresses.items():
            world.endpoint(host, ip, **how)
    world.domain("guest.nl")
    world.mx("guest.nl", "mixed.nl")
    # Neither a copy of a sample nor the same address under another server name is an address of its own.
    world.endpoint("one.nl", "192.0.2.12", sampled_from="192.0.2.11", **DONE)
    world.endpoint("one.nl", "192.0.2.11", server_name="base.nl", stage="done", chain=["cc"])
    return world


def test_addresses_apart(hosts: World) -> None:
    """Several answer at good, mixed, leaves, four and old; at six and unrouted one does. Both families: good, six, four; unrouted was not tried."""
    assert rows(hosts.census().ask("addresses_apart"), "difference", "count", "n", "domains", "unjudged") == [
        ("TLS at some", 2, 5, 3, 2),
        ("another certificate", 1, 5, 1, 2),
        ("IPv6 alone fails", 1, 3, 1, 1),
        ("IPv4 alone fails", 1, 3, 1, 1),
    ]


def test_vantages(world: World) -> None:
    """Two workers in Delft, one in Porto, one that says nothing of itself. Delft leaves one address out."""
    world.manifest["workers"] = [{"name": "w1", "vantage": "Delft"}, {"name": "w2", "vantage": "Delft"}, {"name": "w3", "vantage": "Porto"}]
    looks = [
        ("w1", DONE),
        ("w1", BARE),
        ("w2", DONE),
        ("w2", SKIPPED),
        ("w3", SILENT),
        ("w3", {"stage": "tls", "error": "tls-alert"}),
        ("w4", DONE),
    ]
    for index, (worker, how) in enumerate(looks):
        world.domain(f"d{index}.nl")
        world.mx(f"d{index}.nl", f"mx{index}.nl")
        world.endpoint(f"mx{index}.nl", worker=worker, **how)
    census = world.census()
    assert rows(census.ask("vantages"), "vantage", "result", "count", "n", "unjudged") == [
        ("Delft", "no EHLO answered", 0, 3, 1),
        ("Delft", "answers without TLS", 1, 3, 1),
        ("Delft", "TLS", 2, 3, 1),
        ("Porto", "no EHLO answered", 1, 2, 0),
        ("Porto", "answers without TLS", 1, 2, 0),
        ("Porto", "TLS", 0, 2, 0),
        ("w4", "no EHLO answered", 0, 1, 0),
        ("w4", "answers without TLS", 0, 1, 0),
        ("w4", "TLS", 1, 1, 0),
    ]
    shown = [figure for section in tell(Facts(census)).sections for figure in section.figures if figure.questions == ["vantages"]]
    assert [figure.finding for figure in shown] == [
        "TLS completes at 66.7% from Delft, 0% from Porto and 100% from w4 of the addresses contacted there. "
        "Their intervals touch, so the vantages cannot be told apart."
    ]


def test_one_vantage_has_nothing_to_compare(hosts: World) -> None:
    assert not [
        figure for section in tell(Facts(hosts.census())).sections for figure in section.figures if figure.questions == ["vantages"]
    ]
