"""How to cite the program and a dataset: from ``CITATION.cff`` (https://citation-file-format.github.io) and the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any

import yaml


@dataclass(frozen=True)
class Software:
    """What the citation file says of the program."""

    title: str
    authors: tuple[str, ...]
    version: str
    licence: str
    url: str | None

    def __str__(self) -> str:
        where = f" {self.url}" if self.url else ""
        return f"{', '.join(self.authors)}: {self.title}, version {self.version} ({self.licence}).{where}"


@cache
def software() -> Software:
    """The program, as its citation file has it.

    >>> software().title
    'mxcensus'
    """
    told = yaml.safe_load((files(__package__) / "CITATION.cff").read_text(encoding="utf-8"))
    licence = told.get("license") or "no licence stated"
    return Software(
        title=told["title"],
        authors=tuple(_author(author) for author in told["authors"]),
        version=str(told["version"]),
        licence=licence if isinstance(licence, str) else " OR ".join(licence),
        url=told.get("repository-code") or told.get("url"),
    )


def _author(author: Mapping[str, str]) -> str:
    return author.get("name") or " ".join(filter(None, (author.get("given-names"), author.get("family-names"))))


def list_name(written: str | None) -> str:
    """The list's name without the folders of whoever ran the crawl.

    >>> list_name("/home/me/top-1m.csv")
    'top-1m.csv'
    """
    return PurePath(written).name if written and written != "-" else "a list"


def dataset_id(manifest: Mapping[str, Any]) -> str:
    """The manifest's own id; of an older dataset the list's digest and the instant that the crawl began.

    >>> dataset_id({"runs": [{"start": "2026-11-01T00:00:00Z"}], "input": {"sha256": "ab" * 32}})
    '2026-11-01T00:00:00Z/abababababababab'
    """
    given = manifest.get("id") or manifest.get("dataset_id")
    digest = str((manifest.get("input") or {}).get("sha256") or "unknown")[:16]
    return str(given) if given else f"{manifest['runs'][0]['start']}/{digest}"
