"""How long failures last, over several crawls.

A failure begins in the crawl that first sees it and ends in the first later one that sees the mechanism pass. Whoever takes the record
away, leaves the list, or cannot be judged is followed no further: neither healed nor lasting. The estimate is Kaplan and Meier's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import polars as pl

FAILING: Final = {
    "mta-sts": frozenset({"broken", "fail", "partial"}),
    "dane": frozenset({"fail", "partial", "unusable", "lookup-failed"}),
}
PASSING: Final = frozenset({"pass"})
COLUMNS: Final = {"mta-sts": "sts_verdict", "dane": "dane_verdict"}
# Words of domains that do not publish the mechanism: most of a crawl, and nothing to follow.
NOTHING: Final = {"mta-sts": ("no-policy", "no-mail"), "dane": ("none", "no-mail")}


def survival(seen: Sequence[tuple[datetime, Mapping[str, str]]], mechanism: str) -> pl.DataFrame:
    """The curve, from each crawl's instant and the verdicts of domains that publish the mechanism.

    A row per age at which a failure healed or was lost sight of: ``days`` since it was first seen, ``n`` failures still followed just
    before, ``count`` of these healed then, ``share`` still failing after, ``unjudged`` followed no further. The first row is age 0,
    where all fail; its ``unjudged`` are failures that no second crawl looked at, which are in no ``n``.

    >>> seen = [(datetime(2026, 10, 1), {"a.example": "fail"}), (datetime(2026, 11, 1), {"a.example": "pass"})]
    >>> survival(seen, "dane")["share"].to_list()
    [1.0, 0.0]
    """
    healed: Counter[float] = Counter()
    lost: Counter[float] = Counter()
    open_spells: dict[str, tuple[datetime, datetime]] = {}
    for instant, verdicts in seen:
        for domain, (begun, last) in list(open_spells.items()):
            word = verdicts.get(domain)
            if word in FAILING[mechanism]:
                open_spells[domain] = (begun, instant)
                continue
            del open_spells[domain]
            if word in PASSING:
                healed[_days(begun, instant)] += 1
            else:
                lost[_days(begun, last)] += 1
        for domain, word in verdicts.items():
            if word in FAILING[mechanism]:
                open_spells.setdefault(domain, (instant, instant))
    for begun, last in open_spells.values():
        lost[_days(begun, last)] += 1
    at_risk = sum(healed.values()) + sum(lost.values()) - lost[0.0]
    rows = [(0.0, at_risk, 0, 1.0 if at_risk else None, lost[0.0])]
    surviving = 1.0
    for days in sorted({*healed, *lost} - {0.0}):
        surviving *= 1 - healed[days] / at_risk
        rows.append((days, at_risk, healed[days], surviving, lost[days]))
        at_risk -= healed[days] + lost[days]
    return pl.DataFrame(
        rows,
        schema={"days": pl.Float64, "n": pl.Int64, "count": pl.Int64, "share": pl.Float64, "unjudged": pl.Int64},
        orient="row",
    )


def _days(begun: datetime, ended: datetime) -> float:
    return round((ended - begun).total_seconds() / 86400, 3)
