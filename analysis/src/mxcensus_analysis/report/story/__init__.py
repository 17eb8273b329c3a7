"""The story that the report tells, section by section.

The question (README): MTA-STS was made for those who would not deploy DNSSEC, and puts an HTTPS server and the whole public CA system where
DANE needs only signed DNS. Is it the better bargain?
"""

from __future__ import annotations

from collections.abc import Sequence

from ... import made
from ..blocks import Part, Report, Section
from ..facts import Facts
from . import (
    adoption,
    changes,
    cite,
    dane_price,
    end,
    ground,
    headline,
    holds,
    hours,
    opening,
    operators,
    promises,
    repair,
    senders,
    series,
    stores,
    sts_price,
    tls,
    web,
    what_if,
)


def tell(facts: Facts, *, short: bool = False) -> Report:
    """The whole report, or the ``short`` one of four pages: the first page, what fails, what senders would do, what changed, what is missing."""
    mail, _ = headline.takes_mail(facts)
    return Report(
        title=headline.title(facts),
        subtitle=headline.subtitle(facts),
        question=opening.QUESTION,
        definitions=opening.DEFINITIONS,
        answer=opening.answer(facts, mail),
        tiles=opening.tiles(facts),
        chart=opening.chart(facts),
        parts=[part for part in (_short(facts) if short else _parts(facts)) if part.sections],
        cite=cite.lines(facts),
        warnings=headline.warnings(facts),
        made=made.sentence(facts.made),
        mark=made.words(facts.made),
        short=short,
    )


def _parts(facts: Facts) -> Sequence[Part]:
    """Findings first, then what changed, then what only a reader who checks will want."""
    findings = [
        adoption.section(facts),
        holds.section(facts),
        holds.together(facts),
        senders.section(facts),
        sts_price.section(facts),
        sts_price.roots(facts),
        stores.section(facts),
        web.section(facts),
        dane_price.section(facts),
        operators.section(facts),
        ground.section(facts),
        end.ready(facts),
        repair.section(facts),
    ]
    return [
        Part("Findings", findings),
        Part("What if", _supposed(facts)),
        Part("What changed", _changes(facts)),
        Part("Appendix", [tls.section(facts), promises.section(facts), end.unjudged(facts), end.method(facts)]),
    ]


def _supposed(facts: Facts) -> list[Section]:
    return [what_if.section(facts.what_if)] if facts.what_if else []


def _changes(facts: Facts) -> list[Section]:
    told = [changes.section(facts, facts.comparison)] if facts.comparison else []
    told += [hours.section(facts.watch)] if facts.watch else []
    return told + ([series.section(facts)] if len(facts.series) >= series.AT_LEAST else [])


def _short(facts: Facts) -> Sequence[Part]:
    changed = [changes.brief(facts, facts.comparison)] if facts.comparison else []
    return [
        Part("Findings", [holds.brief(facts), senders.section(facts)]),
        Part("What if", _supposed(facts)),
        Part("What changed", changed),
        Part("Appendix", [end.brief(facts)]),
    ]
