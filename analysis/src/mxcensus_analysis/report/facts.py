"""All answers that a report needs, of this crawl and of the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from .. import made
from ..answer import Answer
from ..census import Census, CensusSeries
from ..comparison import Comparison
from ..question import Value
from ..watch import Watch
from ..what_if import WhatIf


class Facts:
    """Asks each question once, when it is first wanted."""

    def __init__(
        self,
        census: Census,
        previous: Census | None = None,
        comparison: Comparison | None = None,
        earlier: Sequence[Census] = (),
        licence: str | None = None,
        what_if: WhatIf | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.census = census
        self.previous = previous
        self.comparison = comparison
        # Of the data, in the words of whoever publishes them.
        self.licence = licence
        # The same crawl judged otherwise.
        self.what_if = what_if
        # Every crawl that is known, in order of their start; the one reported on is the last.
        self.series = CensusSeries([*earlier, *([previous] if previous else []), census])
        # What was seen by the hour between crawls.
        self.watch = watch
        self._answers: dict[tuple[Any, ...], Answer] = {}

    @property
    def made(self) -> str | None:
        """What kind of made data the report is about; null where every crawl is real."""
        return made.of_all([self.series.made, self.watch.made if self.watch else None])

    def ask(self, name: str, *, before: bool = False, **options: Value) -> Answer:
        """As `Census.ask`; ``before`` asks the previous crawl, which must be there."""
        key = (name, before, *sorted(options.items()))
        if key not in self._answers:
            census = self.previous if before else self.census
            assert census is not None, "asked for a crawl that was not given"
            self._answers[key] = census.ask(name, **options)  # type: ignore[arg-type]
        return self._answers[key]

    def over_time(self, name: str, **options: Value) -> list[Answer]:
        """The answer of every crawl, in order; of this one and the one before only once."""
        return [
            self.ask(name, before=census is self.previous, **options)
            if census in (self.census, self.previous)
            else census.ask(name, **options)  # type: ignore[arg-type]
            for census in self.series
        ]

    def frame(self, name: str, **options: Value) -> pl.DataFrame:
        """The answer's frame."""
        return self.ask(name, before=False, **options).frame

    def one(self, name: str, column: str, where: Mapping[str, Value], **options: Value) -> float | None:
        """One value of an answer."""
        return self.ask(name, before=False, **options).one(column, **where)

    def then(self, name: str, column: str, where: Mapping[str, Value], **options: Value) -> float | None:
        """The same in the crawl before; null where there is none."""
        return None if self.previous is None else self.ask(name, before=True, **options).one(column, **where)
