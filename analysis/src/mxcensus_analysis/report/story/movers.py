"""Who moved the headline numbers: the operator whose domains account for a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from ... import numbers
from ...comparison import Comparison


@dataclass(frozen=True)
class Move:
    """A number that moves: its name, the verdict column behind it, the words that count, what those did that came and that went."""

    label: str
    column: str
    words: tuple[str, ...]
    came: str = "came to be so"
    went: str = "ceased to be so"


# Changes are known word by word, so `without protection` leaves out what no verdict word tells: policies in mode testing.
MOVES: Final = {
    "mta-sts": Move("publish MTA-STS", "sts_record", ("valid", "multiple", "invalid"), "began", "gave up"),
    "mta-sts refused": Move("MTA-STS: mail would be refused", "outcome_mta_sts", ("refused",)),
    "mta-sts unprotected": Move("MTA-STS: silently without protection", "sts_verdict", ("broken", "mode-none")),
    "mta-sts in-order": Move("MTA-STS: in order", "sts_verdict", ("pass",)),
    "dane": Move("publish DANE", "dane_verdict", ("pass", "partial", "fail", "unusable", "insecure"), "began", "gave up"),
    "dane refused": Move("DANE: mail would be refused", "outcome_dane", ("refused",)),
    "dane unprotected": Move("DANE: silently without protection", "dane_verdict", ("insecure", "unusable")),
    "dane in-order": Move("DANE: in order", "dane_verdict", ("pass",)),
    "authenticated": Move("authenticated by a sender with both", "outcome_both", ("authenticated",), "came", "were lost"),
}
ROLES: Final = {"provider": "MX provider", "policy-operator": "operator of policy hosts"}
# As `mxcensus diff`: fewer are chance rather than somebody's doing.
AT_LEAST: Final = 5
# An operator is named where it accounts for this part of what came or went, and for so many times what its size would make it.
PART: Final = 0.25
BEYOND_SIZE: Final = 2


@dataclass(frozen=True)
class Mover:
    """One operator, the domains that came (or went) there, and how many domains it has in both lists where that is known."""

    operator: str
    role: str
    count: int
    of: int | None


@dataclass(frozen=True)
class Movement:
    """Domains of both lists that came into a number and that went out of it, and who accounts for most."""

    gained: int
    lost: int
    did: str
    mover: Mover | None

    @property
    def gross(self) -> int:
        """Domains that went the way of the number."""
        return max(self.gained, self.lost)

    @property
    def cause(self) -> str | None:
        """Who did it, in a few words."""
        if self.mover is None:
            return None
        return f"Of {numbers.count(self.gross)} that {self.did}, {numbers.count(self.mover.count)} at {self.mover.operator}"


def movement(comparison: Comparison, key: str) -> Movement:
    """What moved one number of `MOVES`."""
    move = MOVES[key]
    came, went = move.came, move.went
    frame = comparison.movers(move.column, move.words)
    everybody = frame.filter(pl.col("role") == "everybody")
    gained, lost = (int(everybody[name][0]) for name in ("gained", "lost"))
    up = gained >= lost
    net = pl.col("gained") - pl.col("lost") if up else pl.col("lost") - pl.col("gained")
    ranked = frame.filter(pl.col("role") != "everybody").with_columns(net.alias("net"))
    ranked = ranked.sort("net", "role", "operator", descending=[True, True, False])
    gross = max(gained, lost)
    for row in ranked.filter(pl.col("net") >= max(AT_LEAST, PART * gross)).iter_rows(named=True):
        size = comparison.size(row["role"], row["operator"])
        if size is None or row["net"] / gross >= BEYOND_SIZE * size / _whole(comparison, row["role"]):
            return Movement(gained, lost, came if up else went, Mover(row["operator"], row["role"], int(row["net"]), size))
    return Movement(gained, lost, came if up else went, None)


def _whole(comparison: Comparison, role: str) -> int:
    """What an operator's size is a part of: the domains of both lists, or those that publish MTA-STS."""
    adopters = comparison.summary["adoption"]["mta-sts"]
    whole = comparison.summary["population"]["both"] if role == "provider" else max(adopters["old"], adopters["new"])
    return max(int(whole), 1)
