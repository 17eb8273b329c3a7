"""Which part of a crawl an answer rests on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """A part of the population.

    ``without_top_operators``: leave out the domains of this many largest MX providers, since one operator's habit can move any share.
    ``include_inferred``: keep the domains whose verdict rests on an endpoint that was not contacted but taken to be as a sampled one.
    """

    without_top_operators: int = 0
    include_inferred: bool = True

    @property
    def everything(self) -> bool:
        """Nothing is left out."""
        return self.without_top_operators == 0 and self.include_inferred

    def __str__(self) -> str:
        parts = []
        if self.without_top_operators:
            parts.append(f"without the {self.without_top_operators} largest MX providers")
        if not self.include_inferred:
            parts.append("without inferred rows")
        return ", ".join(parts) or "all domains"
