"""The top of the report: what it is about, and what a reader must know before believing a number."""

from __future__ import annotations

from collections.abc import Sequence

from ... import numbers
from ...census import Census
from ...citation import list_name
from ..facts import Facts


def title(facts: Facts) -> str:
    day = f"{facts.census.start:%-d %B %Y}"
    # Made data is no census of anything.
    return f"How well is e‑mail transport protected? {f'Made data of {day}' if facts.made else f'Census of {day}'}"


def subtitle(facts: Facts) -> str:
    source = facts.census.manifest["input"]
    rows = numbers.count(source.get("rows") or facts.one("population", "n", {"mx_status": "present"}) or 0)
    compared = f" Changes are against the crawl of {facts.previous.start:%-d %B %Y}." if facts.previous else ""
    return f"{rows} domains from {list_name(source.get('name'))}, looked at from {facts.census.start:%-d %B %Y} on.{compared}"


def takes_mail(facts: Facts, *, before: bool = False) -> tuple[int, int]:
    """How many domains take mail, and of how many that is not known."""
    frame = facts.ask("population", before=before).frame
    mail = frame.filter(frame["takes_mail"])["count"].sum()
    return int(mail), int(frame["unjudged"][0]) if frame.height else 0


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
        if census is not None and census.judgement.get("instant"):
            found.append(f"{which} was judged as of {census.judgement['instant']}: it tells what would happen.")
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
