"""Which part of a crawl an answer rests on."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ParameterError


@dataclass(frozen=True)
class Scope:
    """A part of the population.

    ``without_top_operators``: leave out the domains of this many largest MX providers, since one operator's habit can move any share.
    ``include_inferred``: keep the domains whose verdict rests on an endpoint that was not contacted but taken to be as a sampled one.
    Raises `ParameterError`.

    >>> str(Scope(without_top_operators=3))
    'without the 3 largest MX providers'
    """

    without_top_operators: int = 0
    include_inferred: bool = True

    def __post_init__(self) -> None:
        top = self.without_top_operators
        if type(top) is not int or not 0 <= top <= 10**9:
            raise ParameterError(f"without_top_operators is a whole number from 0 on, not {top!r}")
        if type(self.include_inferred) is not bool:
            raise ParameterError(f"include_inferred is True or False, not {self.include_inferred!r}")

    @property
    def everything(self) -> bool:
        """Nothing is left out.

        >>> Scope().everything
        True
        """
        return self.without_top_operators == 0 and self.include_inferred

    def __str__(self) -> str:
        parts = []
        if self.without_top_operators:
            parts.append(f"without the {self.without_top_operators} largest MX providers")
        if not self.include_inferred:
            parts.append("without inferred rows")
        return ", ".join(parts) or "all domains"
