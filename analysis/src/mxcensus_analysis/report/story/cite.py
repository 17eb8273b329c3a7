"""How to cite, and under what licence the data are."""

from __future__ import annotations

from collections.abc import Sequence

from ... import citation, made
from ..facts import Facts


def lines(facts: Facts) -> Sequence[str]:
    """A line each: how to cite program and data, and the data's licence."""
    manifest = facts.census.manifest
    source = manifest.get("input") or {}
    what = made.words(facts.made) or "Census"
    data = (
        f"{what} of {facts.census.start:%-d %B %Y}, {citation.list_name(source.get('name'))}, dataset `{citation.dataset_id(manifest)}`, "
        f"rules version {facts.census.judgement.get('rules_version')}"
    )
    return [f"How to cite: {citation.software()} Data: {data}.", f"Licence of the data: {licence(facts)}."]


def licence(facts: Facts) -> str:
    """What whoever ran the crawl says; else what the list's own licence is, where the manifest has it."""
    if facts.licence:
        return facts.licence
    listed = (facts.census.manifest.get("input") or {}).get("licence")
    return f"not stated by whoever ran the crawl{f' (of the list: {listed})' if listed else ''}"
