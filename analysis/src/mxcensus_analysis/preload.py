"""Which policies a preload list could hold, over several crawls.

A candidate is what the question ``preload`` counts last: nothing but HTTPS authenticates its policy, which enforces, is in order at every
MX host, and has a max_age of at least a year. A list promises senders that it will stay so; the past is what a series knows of that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import polars as pl

from .survival import FAILING, PASSING

CANDIDATES: Final = "SELECT domain FROM policy_grounds WHERE judged AND NOT record AND in_force AND sts_max_age >= 365 * 86400"
VERDICTS: Final = "SELECT domain, sts_verdict FROM verdicts WHERE sts_verdict NOT IN ('no-policy', 'no-mail')"


def preload(candidates: Collection[str], seen: Sequence[Mapping[str, str]]) -> pl.DataFrame:
    """From the candidates of the latest crawl and the MTA-STS verdicts of every crawl.

    Two rows of ``n`` candidates: those that ``never failed`` in any crawl, and those ``in order in every crawl``. ``unjudged`` never failed
    and were not seen in some crawl: not in its list, without a record then, or undecided.

    >>> preload({"a.example", "b.example"}, [{"a.example": "fail"}, {"a.example": "pass", "b.example": "pass"}])["count"].to_list()
    [1, 0]
    """
    words = {domain: [verdicts.get(domain) for verdicts in seen] for domain in candidates}
    unfailing = [held for held in words.values() if not FAILING["mta-sts"].intersection(filter(None, held))]
    steady = sum(all(word in PASSING for word in held) for held in unfailing)
    n = len(candidates)
    rows = [
        (step, count, n, count / n if n else None, len(unfailing) - steady)
        for step, count in (("never failed", len(unfailing)), ("in order in every crawl", steady))
    ]
    return pl.DataFrame(
        rows,
        schema={"step": pl.String, "count": pl.Int64, "n": pl.Int64, "share": pl.Float64, "unjudged": pl.Int64},
        orient="row",
    )
