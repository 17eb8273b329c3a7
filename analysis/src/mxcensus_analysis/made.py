"""Datasets that no crawl of the internet made say so, and so does everything that shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# The manifest's field `made`: who made the world that was looked at.
MEANING: Final = {
    "lab": "a crawl of the lab, an internet on one machine whose failures were made by hand",
    "demo": "the demo, a crawl of a small internet on one machine whose failures were made by hand",
    "sample": "a made sample, drawn at random for trying the tools",
}


def words(made: str | None) -> str | None:
    """``Made data (demo)``: for a figure or a title. Null of a real crawl.

    >>> words("demo")
    'Made data (demo)'
    """
    return f"Made data ({made})" if made else None


def sentence(made: str | None) -> str | None:
    """What a reader must know before the first number. Null of a real crawl.

    >>> sentence(None) is None
    True
    """
    if not made:
        return None
    return f"Made data: {MEANING.get(made, made)}. Nothing here was measured on the internet; the numbers say nothing about it."


def of_all(each: Iterable[str | None]) -> str | None:
    """Of several datasets: what any of them is.

    >>> of_all([None, "sample", "sample"])
    'sample'
    """
    found = dict.fromkeys(made for made in each if made)
    return ", ".join(found) or None
