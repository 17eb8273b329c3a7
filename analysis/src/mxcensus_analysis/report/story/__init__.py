"""The story that the report tells, section by section.

The question (README): MTA-STS was made for those who would not deploy DNSSEC, and puts an HTTPS server and the whole public CA system where
DANE needs only signed DNS. Is it the better bargain?
"""

from __future__ import annotations

from ..blocks import Report
from ..facts import Facts
from . import adoption, changes, dane_price, end, headline, holds, operators, repair, senders, series, sts_price, tls


def tell(facts: Facts) -> Report:
    """The whole report."""
    sections = [
        *([changes.section(facts, facts.comparison)] if facts.comparison else []),
        *([series.section(facts)] if len(facts.series) >= series.AT_LEAST else []),
        adoption.section(facts),
        holds.section(facts),
        holds.together(facts),
        senders.section(facts),
        sts_price.section(facts),
        sts_price.roots(facts),
        dane_price.section(facts),
        operators.section(facts),
        tls.section(facts),
        end.ready(facts),
        repair.section(facts),
        end.unjudged(facts),
        end.method(facts),
    ]
    return Report(
        title=headline.title(facts),
        subtitle=headline.subtitle(facts),
        answer=headline.answer(facts),
        tiles=headline.tiles(facts),
        sections=sections,
        warnings=headline.warnings(facts),
    )
