"""The top of the report: what it is about, the answer in a paragraph, the numbers that move."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

import polars as pl

from ...census import Census
from .. import numbers
from ..blocks import Tile
from ..facts import Facts
from .movers import HEADLINES, movement

ALL = {"slice": "all"}


def title(facts: Facts) -> str:
    return f"How well is e‑mail transport protected? Census of {facts.census.start:%-d %B %Y}"


def subtitle(facts: Facts) -> str:
    source = facts.census.manifest["input"]
    rows = numbers.count(source.get("rows") or facts.one("population", "n", {"mx_status": "present"}) or 0)
    compared = f" Changes are against the crawl of {facts.previous.start:%-d %B %Y}." if facts.previous else ""
    return f"{rows} domains from {list_name(source.get('name'))}, looked at from {facts.census.start:%-d %B %Y} on.{compared}"


def list_name(written: str | None) -> str:
    """The list's name without the folders of whoever ran the crawl."""
    return PurePath(written).name if written and written != "-" else "a list"


def failing_share(facts: Facts, mechanism: str, *, before: bool = False) -> float | None:
    """The share of a mechanism's adopters for whom it fails (`fault` counts them); null where nobody adopts it."""
    if before and facts.previous is None:
        return None
    rows = facts.ask("fault", before=before).rows(mechanism=mechanism)
    if rows.height:
        return float(rows["n"][0]) / float(rows["adopters"][0]) if rows["adopters"][0] else None
    held = facts.ask("verdicts", before=before).rows(mechanism=mechanism)
    return 0.0 if held.height and held["n"][0] else None


def takes_mail(facts: Facts, *, before: bool = False) -> tuple[int, int]:
    """How many domains take mail, and of how many that is not known."""
    frame = facts.ask("population", before=before).frame
    mail = frame.filter(frame["takes_mail"])["count"].sum()
    return int(mail), int(frame["unjudged"][0]) if frame.height else 0


def answer(facts: Facts) -> Sequence[str]:
    """Two paragraphs that hold whatever the numbers are."""
    mail, _ = takes_mail(facts)
    if not mail:
        return ["No domain in this list takes mail, so there is nothing to report."]
    sts, dane = (facts.one("adoption", "share", {"mechanism": name, **ALL}) for name in ("mta-sts", "dane"))
    sts_fails, dane_fails = failing_share(facts, "mta-sts"), failing_share(facts, "dane")
    said = [
        "MTA-STS was made for those who would not deploy DNSSEC. In return it puts an HTTPS server and the whole public CA system where DANE needs "
        "only signed DNS. Is it the better bargain?",
        f"Of the {numbers.count(mail)} domains here that take mail, {numbers.share(sts)} publish MTA-STS and {numbers.share(dane)} publish DANE.",
    ]
    if sts_fails is not None and dane_fails is not None:
        worse = "more often" if sts_fails > dane_fails else "less often" if sts_fails < dane_fails else "as often"
        said[1] += (
            f" What is published breaks {worse} with MTA-STS: {numbers.share(sts_fails)} of its adopters against "
            f"{numbers.share(dane_fails)} with DANE."
        )
    web = facts.ask("fault").rows(mechanism="mta-sts", area="web")
    if web.height and web["n"][0]:
        said[1] += (
            f" The web server that only MTA-STS needs accounts for {numbers.share(web['count'].sum() / web['n'][0])} of MTA-STS failures."
        )
    shielded = [
        (name, sum(facts.ask("protection").rows(mechanism=mechanism).filter(pl.col("protection") != "never")["share"].to_list()))
        for name, mechanism in (("MTA-STS", "mta-sts"), ("DANE", "dane"), ("both together", "both"))
    ]
    said[1] += (
        " Against an attacker on the path "
        + numbers.listed(
            f"{name} {'protect' if name == 'both together' else 'protects'} {numbers.share(value)}" for name, value in shielded
        )
        + "."
    )
    if sts_fails is not None and dane_fails is not None:
        said[1] += f" {_bargain(sts_fails, dane_fails, shielded[0][1], shielded[1][1])}"
    jump = _jump(facts)
    return [*said, jump] if jump else said


def _jump(facts: Facts) -> str | None:
    """The greatest change of a headline number that one operator accounts for."""
    if facts.comparison is None or facts.previous is None:
        return None
    told = []
    for tile in tiles(facts):
        moved = movement(facts.comparison, tile.label) if tile.label in HEADLINES else None
        if moved and moved.mover and tile.points:
            way = "up" if tile.points > 0 else "down"
            told.append((abs(tile.points), f"{tile.value} {tile.label}, {way} {abs(tile.points):.1f} points: of {numbers.plural(moved.gross, 'domain')} that "
                         f"{moved.did}, {numbers.count(moved.mover.count)} are at {moved.mover.operator}"))  # fmt: skip
    return f"Since {facts.previous.start:%-d %B %Y} one operator moved a number most: {max(told)[1]}." if told else None


def _bargain(sts_fails: float, dane_fails: float, sts_shields: float, dane_shields: float) -> str:
    """The answer to the question: who breaks less and who protects more, on this list."""
    if dane_fails < sts_fails and dane_shields >= sts_shields:
        return "On this list MTA-STS is not the better bargain: it breaks more often and protects no more."
    if sts_fails < dane_fails and sts_shields >= dane_shields:
        return "On this list MTA-STS is the better bargain: it breaks less often and protects no fewer."
    return "On this list neither is plainly the better bargain: the one that breaks less often protects fewer."


def tiles(facts: Facts) -> Sequence[Tile]:
    """Headline numbers with their change."""
    mail, unknown = takes_mail(facts)
    mail_before = takes_mail(facts, before=True)[0] if facts.previous else None

    def moving(label: str, now: float | None, before: float | None, basis: str) -> Tile:
        points = None if now is None or before is None else (now - before) * 100
        cause = movement(facts.comparison, label).cause if facts.comparison else None
        return Tile(numbers.share(now), label, basis, numbers.change(now, before), points, cause)

    def adopted(label: str, mechanism: str) -> Tile:
        where = {"mechanism": mechanism, **ALL}
        basis = numbers.part(facts.one("adoption", "count", where), facts.one("adoption", "n", where))
        return moving(label, facts.one("adoption", "share", where), facts.then("adoption", "share", where), basis)

    def fails(label: str, mechanism: str) -> Tile:
        rows = facts.ask("fault").rows(mechanism=mechanism)
        basis = numbers.part(rows["n"][0], rows["adopters"][0]) + " adopters" if rows.height else "no adopter fails"
        return moving(label, failing_share(facts, mechanism), failing_share(facts, mechanism, before=True), basis)

    where = {"sender": "both", "outcome": "authenticated"}
    n = facts.one("senders", "n", {"sender": "both", "outcome": "encrypted"}) or facts.one("senders", "n", where)
    return [
        Tile(numbers.count(mail), "domains take mail", f"{numbers.count(unknown)} more could not be looked up",
             numbers.change_of_count(mail, mail_before)),
        adopted("publish MTA-STS", "mta-sts"),
        fails("of MTA-STS adopters fail", "mta-sts"),
        adopted("publish DANE", "dane"),
        fails("of DANE adopters fail", "dane"),
        moving("authenticated by a sender with both", facts.one("senders", "share", where) or (0.0 if mail else None),
               facts.then("senders", "share", where), numbers.part(facts.one("senders", "count", where) or 0, n)),
    ]  # fmt: skip


def warnings(facts: Facts) -> Sequence[str]:
    """What a reader must know before believing a number."""
    found = []
    for census, which in ((facts.census, "This crawl"), (facts.previous, "The crawl compared with")):
        if census is not None and not census.is_complete:
            found.append(f"{which} is not complete: not every domain of the list is accounted for.")
        if census is not None and census.judgement.get("distrusted"):
            found.append(
                f"{which} was judged with {numbers.plural(len(census.judgement['distrusted']), 'root')} distrusted: it tells what would happen."
            )
        if census is not None and census.judgement.get("lenient"):
            found.append(f"{which} was judged leniently.")
    if facts.comparison:
        found += facts.comparison.warnings
    if facts.previous and _list_of(facts.census) != _list_of(facts.previous):
        found.append(_lists(facts))
    return found


def _lists(facts: Facts) -> str:
    """How far the two lists differ, where that is known."""
    if facts.comparison is None:
        return "The two crawls looked at different domains, so a change may be one of the list."
    came, left = facts.comparison.kind("appeared"), facts.comparison.kind("vanished")
    return (
        f"The two lists differ: {numbers.count(came)} domains came and {numbers.count(left)} left. Shares are of each crawl's own list; the section on "
        "what changed looks only at domains of both."
    )


def _list_of(census: Census) -> tuple[int, int]:
    """Tells two sets of domains apart, whatever their order."""
    return census.sql("SELECT count(*) AS domains, bit_xor(hash(domain)) AS digest FROM verdicts").row(0)
