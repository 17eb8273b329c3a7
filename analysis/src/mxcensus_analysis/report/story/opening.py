"""The first page: the question, what the words mean, the answer, six numbers and one chart.

Both mechanisms are measured against whoever publishes them. One is called better or worse only where the 95 % intervals do not touch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ... import intervals, numbers
from ..blocks import Definition, Figure, Tile
from ..charts import Range, Ranges
from ..facts import Facts
from .movers import movement
from .parts import table

NAMES: Final = {"mta-sts": "MTA-STS", "dane": "DANE"}
TONES: Final = {"mta-sts": "sts", "dane": "dane"}
# The states that whoever publishes is in (`standing`), as a sentence begins and as a card says it. What is left holds in part.
STATES: Final = {
    "refused": ("Mail would be refused", "mail would be refused"),
    "unprotected": ("Silently without protection", "silently without protection"),
    "in-order": ("In order", "in order"),
}

QUESTION: Final = (
    "MTA-STS was made for those who would not deploy DNSSEC. In return it puts an HTTPS server and the whole public CA system where DANE needs "
    "only signed DNS. Is it the better bargain?"
)
DEFINITIONS: Final = (
    Definition(
        "Published",
        "MTA-STS: a record at `_mta-sts`, right or wrong (RFC 8461 3.1). DANE: TLSA records at an MX host, signed or not (RFC 7672 2.2).",
    ),
    Definition(
        "Mail would be refused",
        "A sender that honours the mechanism and has nothing cached finds no MX host that it may deliver to (RFC 8461 5, RFC 7672 2.2).",
    ),
    Definition(
        "Silently without protection",
        "Mail flows as if nothing were published, or unauthenticated. MTA-STS: record or policy broken, mode none or testing, or a lifetime of 0. "
        "DANE: TLSA below unsigned DNS, or none usable.",
    ),
    Definition("In order", "The mechanism is in force and holds at every MX host. What is missing to 100% holds at some MX hosts only."),
    Definition(
        "95% interval",
        "Wilson's; the domains of one operator count together, since one operator's mistake is not a thousand facts. One share is called higher "
        "than another only where their intervals do not touch.",
    ),
)


def answer(facts: Facts, mail: int) -> Sequence[str]:
    """The answer, in paragraphs that hold whatever the numbers are."""
    if not mail:
        return ["No domain in this list takes mail, so there is nothing to report."]
    said = [_published(facts, mail)]
    if any(_standing(facts, mechanism, "in-order") for mechanism in NAMES):
        said += [*_states(facts), _bargain(facts)]
    return said


def _published(facts: Facts, mail: int) -> str:
    rows = {mechanism: _row(facts, "publishing", mechanism=mechanism) for mechanism in NAMES}
    told = numbers.listed(f"{_part(row)} publish {NAMES[mechanism]}" for mechanism, row in rows.items() if row)
    return f"Of the {numbers.count(mail)} domains here that take mail, {told}; in brackets the share and its 95% interval. Below, of those that publish and could be judged. {_compared(rows, 'is published by more domains', NAMES)}".strip()


def _states(facts: Facts) -> Sequence[str]:
    """A line per state, of whoever publishes."""
    said = []
    for state, (begins, _) in STATES.items():
        rows = {mechanism: _standing(facts, mechanism, state) for mechanism in NAMES}
        told = "; ".join(f"{NAMES[mechanism]} {_part(row)}{_chosen(facts, mechanism, state)}" for mechanism, row in rows.items() if row)
        said.append(f"{begins}: {told}.")
    return said


def _chosen(facts: Facts, mechanism: str, state: str) -> str:
    """How many are without protection by their own choice, or for want of signed DNS."""
    if state != "unprotected":
        return ""
    rows = facts.ask("unprotected").rows(mechanism=mechanism)
    chosen = int(rows.filter(rows["chosen"])["count"].sum())
    unsigned = int(rows.filter(rows["cause"].str.contains("not signed"))["count"].sum())
    if chosen:
        return f", {numbers.count(chosen)} of them by mode none or testing"
    return f", {numbers.count(unsigned)} of them below unsigned DNS" if unsigned else ""


def _bargain(facts: Facts) -> str:
    """Who stands apart from whom; nobody, where the intervals touch."""
    worse = {
        "refused": "has mail refused more often",
        "unprotected": "leaves publishers unprotected more often",
        "in-order": "is in order more often",
    }
    said = []
    for state, words in worse.items():
        rows = {mechanism: _standing(facts, mechanism, state) for mechanism in NAMES}
        said.append(_compared(rows, words, NAMES, alone=False))
    apart = [words for words in said if words]
    known = all(_standing(facts, mechanism, "in-order") for mechanism in NAMES)
    if not known:
        return "Only one of the two is published here and could be judged, so they cannot be compared."
    if not apart:
        return "The intervals touch in all three, so on this list neither mechanism can be called the better bargain."
    rest = len(said) - len(apart)
    more = f" In the other {'one' if rest == 1 else 'two'} the intervals touch." if rest else ""
    return f"Where the intervals stand apart: {numbers.listed(apart)}.{more}"


def _failing_lookups(facts: Facts) -> str:
    """The most that DANE could be charged with."""
    row = facts.ask("dnssec_failures").frame.row(0, named=True)
    if not row["count"]:
        return ""
    return (
        f"{numbers.plural(row['count'], 'more domain')} {numbers.verb(row['count'], 'has', 'have')} broken DNSSEC, where a DANE sender refuses and nobody can see "
        f"whether TLSA is published; with all of them DANE's refused share would be {numbers.share(row['share_of_publishers'])}."
    )


def _compared(rows: Mapping[str, Mapping[str, Any] | None], words: str, names: Mapping[str, str], *, alone: bool = True) -> str:
    """``DANE is in order more often``, where the two intervals do not touch; else nothing."""
    ranked = sorted(((row["share"], key, intervals.of(row)) for key, row in rows.items() if row), reverse=True)
    if len(ranked) < 2 or ranked[0][2] is None or ranked[1][2] is None or not ranked[0][2].apart(ranked[1][2]):
        return ""
    return f"{names[ranked[0][1]]} {words}{'.' if alone else ''}"


def _part(row: Mapping[str, Any]) -> str:
    """``8 of 40 (20.0%; 10.5% to 34.8%)``: the latter is the interval."""
    return (
        f"{numbers.count(row['count'])} of {numbers.count(row['n'])} ({numbers.share(row['share'])}; {numbers.interval(intervals.of(row))})"
    )


def _row(facts: Facts, name: str, **where: str) -> Mapping[str, Any] | None:
    rows = facts.ask(name).rows(**where)
    return rows.row(0, named=True) if rows.height and rows["n"][0] else None


def _standing(facts: Facts, mechanism: str, state: str) -> Mapping[str, Any] | None:
    return _row(facts, "standing", mechanism=mechanism, state=state)


def tiles(facts: Facts) -> Sequence[Tile]:
    """Six numbers, of whoever publishes: three for each mechanism, with their change and whose doing that is."""
    return [_tile(facts, mechanism, state) for mechanism in NAMES for state in STATES]


def _tile(facts: Facts, mechanism: str, state: str) -> Tile:
    row = _standing(facts, mechanism, state)
    key = f"{mechanism} {state}"
    published = _row(facts, "publishing", mechanism=mechanism)
    group = f"{NAMES[mechanism]}, published by {_part(published) if published else 'nobody'}"
    if row is None:
        return Tile("–", STATES[state][1], "nobody who publishes could be judged", key=key, group=group)
    before = facts.then("standing", "share", {"mechanism": mechanism, "state": state})
    points = None if before is None else (row["share"] - before) * 100
    cause = movement(facts.comparison, key).cause if facts.comparison else None
    basis = f"{numbers.count(row['count'])} of {numbers.count(row['n'])} that publish; {numbers.interval(intervals.of(row))}"
    return Tile(numbers.share(row["share"]), STATES[state][1], basis, numbers.change(row["share"], before), points, cause, key, group)


def chart(facts: Facts) -> Figure:
    """The three states of both mechanisms, each with its interval."""
    ranges = []
    for state, (begins, _) in STATES.items():
        for mechanism, name in NAMES.items():
            row = _standing(facts, mechanism, state)
            ends = intervals.of(row) if row else None
            if row and ends:
                ranges.append(Range(name, ends.low, row["share"], ends.high, numbers.share(row["share"]), TONES[mechanism], begins))
    told = {mechanism: _standing(facts, mechanism, "in-order") for mechanism in NAMES}
    foundation = "; ".join(
        f"{NAMES[mechanism]}: n = {numbers.count(row['n'])}, not judged {numbers.count(row['unjudged'])}; “in order” rests on {row['effective']:,.0f} independent domains at {numbers.plural(row['operators'], 'operator')}"
        for mechanism, row in told.items()
        if row
    )
    finding = "Tick: the share of whoever publishes. Band: its 95% interval. Shares whose bands touch cannot be told apart."
    return Figure(
        "Three things apart",
        finding if ranges else "Nobody in this list publishes either mechanism.",
        Ranges(ranges, whole=True) if ranges else None,
        " ".join(filter(None, (f"{foundation or 'n = 0'}.", _failing_lookups(facts)))),
        table(facts.frame("standing")),
        ["standing", "unprotected", "publishing", "dnssec_failures"],
        name="standing",
    )
